"""The counting of make test: what it must never count as passed."""

from pathlib import Path

from tools.results import Tally, read_odoo, read_pytest

STAMP = "2026-01-02 03:04:05,678 42"
PASSED = f"{STAMP} INFO db odoo.tests.result: 0 failed, 0 error(s) of 5 tests when loading database 'db' \n"


def odoo_log(tmp_path: Path, *lines: str) -> Path:
    log = tmp_path / "odoo.log"
    log.write_text("\n".join(lines))
    return log


def counts(tally: Tally) -> tuple[int, int]:
    return tally.passed, tally.failed


def test_odoo_counts_failures_and_errors(tmp_path):
    line = f"{STAMP} ERROR db odoo.tests.result: 1 failed, 2 error(s) of 9 tests when loading database 'db' "
    assert counts(read_odoo(odoo_log(tmp_path, line), 1)) == (6, 3)


def test_odoo_passes(tmp_path):
    assert counts(read_odoo(odoo_log(tmp_path, PASSED), 0)) == (5, 0)


def test_odoo_skip_is_a_failure(tmp_path):
    skipped = f"{STAMP} INFO db odoo.addons.energy_carbon.tests.test_tour: skipped Tour.test_grid : Chrome not found"
    tally = read_odoo(odoo_log(tmp_path, skipped, PASSED), 0)
    assert counts(tally) == (4, 1)
    assert "Chrome not found" in tally.notes[0]


def test_odoo_error_outside_of_tests_is_one_failure(tmp_path):
    error = f"{STAMP} ERROR db odoo.schema: Table 'x': unable to set NOT NULL"
    assert counts(read_odoo(odoo_log(tmp_path, error, PASSED), 0)) == (5, 1)


def test_odoo_ignores_the_word_error_outside_of_the_level_column(tmp_path):
    lines = (f"{STAMP} WARNING db odoo.x: ERROR is only a word here", "<string>:38: (ERROR/3) Unexpected indentation.")
    assert counts(read_odoo(odoo_log(tmp_path, *lines, PASSED), 0)) == (5, 0)


def test_odoo_without_any_result_fails(tmp_path):
    assert counts(read_odoo(odoo_log(tmp_path, "Traceback"), 255)) == (0, 1)


def test_odoo_test_that_does_not_exist_fails(tmp_path):
    none = f"{STAMP} INFO db odoo.tests.result: 0 failed, 0 error(s) of 0 tests when loading database 'db' "
    assert counts(read_odoo(odoo_log(tmp_path, none), 0)) == (0, 1)
    assert counts(read_odoo(odoo_log(tmp_path, none), 0, tests_wanted=False)) == (0, 0)


def test_pytest_report(tmp_path):
    report = tmp_path / "report.xml"
    cases = '<testcase classname="a" name="b"/><testcase classname="a" name="c"><failure/></testcase>'
    skipped = '<testcase classname="a" name="d"><skipped message="no compiler"/></testcase>'
    report.write_text(f"<testsuites><testsuite>{cases}{skipped}</testsuite></testsuites>")
    assert counts(read_pytest(report, 1)) == (1, 2)


def test_pytest_without_tests_passes_but_without_report_fails(tmp_path):
    report = tmp_path / "report.xml"
    assert counts(read_pytest(report, 2)) == (0, 1)
    report.write_text("<testsuites/>")
    assert counts(read_pytest(report, 5)) == (0, 0)
    assert counts(read_pytest(report, 3)) == (0, 1)
