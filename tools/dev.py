"""The commands behind the Makefile: `python3.11 -m tools.dev COMMAND`; says a user's problem in one line."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from . import bench, cluster, databases, debian, demo, i18n, large, lint, odoo, odoo_tree, screenshot, testing, venv
from .cluster import Server
from .paths import DEV, ROOT, Problem, make_folders


@contextlib.contextmanager
def environment(for_tests: bool = False) -> Iterator[Server]:
    """Get whatever is missing, then give the running database server."""
    make_folders()
    with databases.lock("setup"):
        debian.ensure(debian.FOR_TESTS if for_tests else debian.FOR_RUN)
        odoo_tree.ensure(for_tests)
        venv.ensure()
        if for_tests:
            lint.ensure()
    with cluster.running() as server:
        odoo.write_config(server)
        yield server


def run() -> None:
    make_folders()
    demo.refuse_occupied()
    with environment() as server:
        demo.run(server)


def test() -> int:
    start, only = time.monotonic(), os.environ.get("ONLY", "").strip()
    with environment(for_tests=True) as server:
        tally = testing.run_only(server, only) if only else testing.run_all(server)
    print(f"  {time.monotonic() - start:.0f} s")
    print(tally.summary(), flush=True)
    return 1 if tally.failed else 0


def stop() -> None:
    """Stop the demo and the kept database server; a server a running command uses stops with that command."""
    make_folders()
    demo.stop()
    cluster.KEEP.unlink(missing_ok=True)
    if not cluster.is_external():
        cluster.stop_if_unused()


def clean() -> None:
    """Remove everything the environment made: .dev and a cluster outside of it."""
    stop()
    if not cluster.is_external():
        cluster.stop()
        cluster.remove()
    shutil.rmtree(DEV)


def start_db() -> None:
    """Keep the database server running between commands, until make stop."""
    make_folders()
    cluster.KEEP.touch()
    with environment() as server:
        print(f"  psql -h {server.host} -p {server.port} -U {server.role} -l   (until make stop)")


def shell() -> None:
    """Open Odoo's shell on DB (the demo by default); a script may come on standard input."""
    with environment() as server:
        subprocess.run(odoo.command("shell", "-d", chosen_database(server), "--no-http"), cwd=ROOT, check=True)


def serve() -> None:
    """Serve DB on PORT in the foreground, without crons and simulator: for screenshots and manual tests."""
    with environment() as server:
        port = os.environ.get("PORT") or odoo.free_port()
        words = odoo.server_command(chosen_database(server), f"--http-port={port}", "--max-cron-threads=0")
        print(f"  http://127.0.0.1:{port}, login admin, password admin; Ctrl-C stops it", flush=True)
        subprocess.run(words, cwd=ROOT, check=False)


def chosen_database(server: Server) -> str:
    name = os.environ.get("DB") or databases.DEMO
    if not databases.exists(server, name):
        raise Problem(f"there is no database {name}: make the demo with make run, or name another one in DB")
    return name


def demo_reset() -> None:
    with environment() as server:
        databases.drop_if_there(server, databases.DEMO)
        databases.demo(server)


def demo_large() -> None:
    with environment() as server:
        large.run(server)


def take_screenshots() -> int:
    """Take pictures of all main screens of DB (the demo by default); ONLY is a pattern of their names."""
    with environment(for_tests=True) as server:
        return screenshot.run(server, chosen_database(server))


def lint_all() -> int:
    make_folders()
    with databases.lock("setup"):
        lint.ensure()
    tally = testing.part("lint", lint.run)
    return 1 if tally.failed else 0


def fix() -> None:
    make_folders()
    lint.ensure()
    lint.fix()


def export_translations() -> None:
    with environment() as server, databases.template(server) as template:
        i18n.export(template)


def run_benchmarks() -> int:
    with environment() as server, databases.template(server) as template:
        return bench.run(testing.session_environment(template))


COMMANDS: dict[str, Callable[[], int | None]] = {
    "run": run,
    "test": test,
    "stop": stop,
    "clean": clean,
    "start-db": start_db,
    "shell": shell,
    "serve": serve,
    "demo-reset": demo_reset,
    "fault": demo.fault,
    "repair": demo.repair,
    "demo-large": demo_large,
    "screenshot": take_screenshots,
    "lint": lint_all,
    "fix": fix,
    "i18n": export_translations,
    "bench": run_benchmarks,
}


def interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt


def main(words: list[str]) -> int:
    if len(words) != 1 or words[0] not in COMMANDS:
        print(f"usage: make {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    os.environ["PYTHONPYCACHEPREFIX"] = str(DEV / "pycache")
    # also when started in the background, where a shell makes its children ignore Ctrl-C
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        return COMMANDS[words[0]]() or 0
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n  stopped")
        return 0 if words[0] in ("run", "serve") else 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
