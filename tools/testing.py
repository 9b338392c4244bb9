"""Runs the tests, all or one, and sums what they say; the last line is `N passed, N failed`."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from . import databases, lint, odoo
from .cluster import Server
from .paths import ADDONS, CONFIG, DEV, LOGS, PYTHON, ROOT, Problem
from .progress import run_logged, step, stop_running
from .results import Tally, read_odoo, read_pytest, single

END_TO_END = "tests/end_to_end"
ADDON_TEST = re.compile(r"^\w+(:\w+(\.\w+)?)?$")


def run_all(server: Server) -> Tally:
    """Run everything, going on after a failure in one part; two lanes side by side, for the two cores of a small machine."""
    with ThreadPoolExecutor(2) as lanes:
        tallies = [lanes.submit(lane, server) for lane in (run_python_lane, run_odoo_lane)]
        try:
            return sum((tally.result() for tally in tallies), Tally())
        except KeyboardInterrupt:
            stop_running()
            raise


def run_python_lane(server: Server) -> Tally:
    """Run the checkers and pytest, without its end-to-end tests when the addons cannot be installed."""
    tally = part("lint", lint.run)
    try:
        with databases.template(server) as template:
            return tally + part("pytest", lambda: run_pytest(["tests"], template))
    except Problem:  # the other lane shows and counts it
        return tally + part("pytest", lambda: run_pytest(["tests", f"--ignore={END_TO_END}"], None))


def run_odoo_lane(server: Server) -> Tally:
    """Install the addons and run their Odoo tests."""
    try:
        with databases.template(server) as template:
            return part("Odoo tests", lambda: run_addons(server, template))
    except Problem as problem:
        print(f"  {problem}")
        return single("installation of the addons", ok=False)


def run_only(server: Server, only: str) -> Tally:
    """Run one part: lint, a pytest path, an addon, addon:TestClass or addon:TestClass.test_name."""
    if only == "lint":
        return part("lint", lint.run)
    if only.startswith("tests"):
        if not only.startswith((END_TO_END, "tests/bench")):
            return part("pytest", lambda: run_pytest([only], None))
        with databases.template(server) as template:
            return part("pytest", lambda: run_pytest([only], template))
    addon = only.split(":")[0]
    if addon not in ADDONS or not ADDON_TEST.match(only):
        choices = f"lint, tests/..., {', '.join(ADDONS)}, addon:TestClass or addon:TestClass.test_name"
        raise Problem(f"ONLY={only} is not known: use {choices}")
    return part("Odoo tests", lambda: run_addon(server, addon, only))


def part(name: str, run: Callable[[], Tally]) -> Tally:
    """Run one part and show its count."""
    print(f"{name}:", flush=True)
    tally = run()
    for note in tally.notes:
        print(f"  FAILED {note}")
    print(f"  {name}: {tally.summary()}", flush=True)
    return tally


def run_pytest(arguments: list[str], template: str | None) -> Tally:
    """Run pytest with what the end-to-end tests need to start Odoo (see tests/odoo_session.py)."""
    report = LOGS / "pytest.xml"
    report.unlink(missing_ok=True)
    with step("pytest " + " ".join(arguments)):
        command = [PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", "-p", "no:cacheprovider", *arguments]
        code = run_logged(command, "pytest.log", env=session_environment(template))
    tally = read_pytest(report, code)
    if tally.failed:
        print((LOGS / "pytest.log").read_text()[-20_000:])
    return tally


def session_environment(template: str | None) -> dict[str, str]:
    """Return the environment pytest and the benchmarks run in; without a template no test may start Odoo."""
    session = {
        "EC_ODOO_PYTHON": str(PYTHON),
        "EC_ODOO_CONF": str(CONFIG),
        "EC_TEMPLATE_DB": template,
        "EC_BASE_DB": databases.base_name(),
    }
    own = {"PYTHONPATH": str(ROOT), "HYPOTHESIS_STORAGE_DIRECTORY": str(DEV / "hypothesis")}
    return {**os.environ, **own, **(session if template else {})}


def run_addons(server: Server, template: str) -> Tally:
    """Run every addon's Odoo tests on a copy of the template."""
    with databases.copy(server, template) as database, step("Odoo tests of " + ", ".join(ADDONS)):
        return run_odoo(database, [], [f"/{addon}" for addon in ADDONS], "test", tests_wanted=has_odoo_tests())


def has_odoo_tests() -> bool:
    return any(list((ROOT / addon / "tests").glob("test_*.py")) for addon in ADDONS)


def run_addon(server: Server, addon: str, only: str) -> Tally:
    """Run one addon's tests on a database that stays, updated only when the addon's code changed."""
    database = f"{os.environ.get('EC_DB', 'ec_only')}_{addon}"
    wanted = [ADDONS[0], addon] if addon != ADDONS[0] else [addon]
    with databases.lock(database):
        holds = databases.state(server, database)
        if holds is None:
            source = databases.base(server)
            databases.drop_if_there(server, database)
            with step(f"copy {source} to {database}"):
                odoo.duplicate(source, database)
        options, fresh = databases.changed_options(holds or {}, wanted)
        with step(f"Odoo tests of {only}" + (f" ({' '.join(options)})" if options else "")):
            tally = run_odoo(database, options, [f"/{only}"], f"test-{database}")
        if odoo.has_loaded(LOGS / f"test-{database}.log"):
            databases.set_state(server, database, fresh)
        else:  # half installed: the next run makes it again
            odoo.drop(database)
    return tally


def run_odoo(database: str, options: list, tags: list[str], log: str, tests_wanted: bool = True) -> Tally:
    """Run Odoo's tests with these tags; a skipped test or an error logged outside of tests fails too."""
    tests = ["--test-tags", ",".join(tags), f"--http-port={odoo.free_port()}", "--max-cron-threads=0"]
    words = odoo.server_command(database, *tests, "--stop-after-init", *options)
    code = run_logged(words, f"{log}.log")
    tally = read_odoo(LOGS / f"{log}.log", code, tests_wanted)
    if tally.failed:
        print(failures(f"{log}.log"))
    print(f"  log: {(LOGS / log).relative_to(ROOT)}.log")
    return tally


def failures(log: str) -> str:
    """Return each error of a log with its traceback."""
    shown, lines = False, []
    for line in (LOGS / log).read_text(errors="replace").splitlines():
        if re.match(r"\d{4}-\d\d-\d\d ", line):
            shown = line.split(" ")[3:4] in (["ERROR"], ["CRITICAL"])
        if shown:
            lines.append(line)
    return "\n".join(lines)[-20_000:]
