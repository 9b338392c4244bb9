"""Shows long steps with their seconds and runs programs with their output in a log; must not know what they do."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from .paths import LOGS, ROOT, Problem
from .processes import end

# Programs that run now, in whatever thread, and whether no more may start.
_running: set[subprocess.Popen] = set()
_stopped = threading.Event()


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Print a line for a step and how long it took; on a terminal the seconds count up, where nothing else writes."""
    start, done = time.monotonic(), threading.Event()
    counts_up = sys.stdout.isatty() and threading.current_thread() is threading.main_thread()

    def tick() -> None:
        while not done.wait(1):
            print(f"\r  {title} ... {time.monotonic() - start:.0f} s", end="", flush=True)

    if counts_up:
        threading.Thread(target=tick, daemon=True).start()
    else:
        print(f"  {title} ...", flush=True)
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        lead = "\r" if counts_up else ""
        print(f"{lead}  {title}: {outcome} in {time.monotonic() - start:.1f} s", flush=True)


def run_logged(command: list, log: str, append: bool = False, **options) -> int:
    """Run a program with all its output in ``.dev/log/<log>``; return its exit code."""
    if _stopped.is_set():
        raise Problem("stopped")
    LOGS.mkdir(parents=True, exist_ok=True)
    options.setdefault("cwd", ROOT)
    with (LOGS / log).open("ab" if append else "wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, **options
        )
    _running.add(process)
    try:
        return process.wait()
    finally:
        end(process)
        _running.discard(process)


def stop_running() -> None:
    """End what runs in other threads, where an interrupt does not reach, and let nothing more start."""
    _stopped.set()
    for process in list(_running):
        end(process)


def must_run(command: list, log: str, advice: str, **options) -> None:
    """Run a program; when it fails raise a Problem with the advice and where its output is."""
    if run_logged(command, log, **options):
        raise Problem(f"{advice} (output: {os.path.relpath(LOGS / log, Path.cwd())})")


def output_of(command: list, **options) -> str:
    """Return what a program prints; its failure is a programming error here, not the user's."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout
