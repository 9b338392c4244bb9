"""Runs the benchmarks of tests/bench, whose lines go straight to standard output; must not measure anything itself."""

import subprocess

from .paths import PYTHON, ROOT


def run(environment: dict[str, str]) -> int:
    return subprocess.run([PYTHON, "-m", "tests.bench.run"], cwd=ROOT, env=environment, check=False).returncode
