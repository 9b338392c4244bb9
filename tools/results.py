"""Counts what passed and failed, from pytest's report and from Odoo's log; must not run anything."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)")
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
HOOT = re.compile(r"\[HOOT\] Passed (\d+) tests")
SKIPPED = re.compile(r"skipped (.+)")


@dataclass
class Tally:
    """How many tests passed and failed, and what to show about the failed ones."""

    passed: int = 0
    failed: int = 0
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.failed + other.failed, self.notes + other.notes)

    def summary(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def single(name: str, ok: bool) -> Tally:
    return Tally(passed=1) if ok else Tally(failed=1, notes=[name])


def read_pytest(report: Path, exit_code: int) -> Tally:
    """Read a JUnit report; a skipped test counts as failed, because it lacks a program or was forgotten."""
    if not report.exists():
        return Tally(failed=1, notes=[f"pytest made no report (exit code {exit_code})"])
    tally = Tally()
    for case in ElementTree.parse(report).iter("testcase"):
        problem = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), None)
        name = f"{case.get('classname')}::{case.get('name')}"
        tally += single(f"{name} ({problem})", problem is None)
    if exit_code and exit_code != 5 and not tally.failed:  # 5: there is no test yet
        tally += Tally(failed=1, notes=[f"pytest ended with exit code {exit_code}"])
    return tally


def read_odoo(log: Path, exit_code: int, tests_wanted: bool = True) -> Tally:
    """Read an Odoo log with tests: failures, skipped tests, and errors logged outside of any test."""
    tally, ran, errors = Tally(), 0, []
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if not match:
            continue
        text = match["text"]
        if match["level"] in ("ERROR", "CRITICAL"):
            errors.append(f"{match['logger']}: {text}")
        if found := RESULT.search(text) if match["logger"] == "odoo.tests.result" else None:
            failed, broken, ran = (int(number) for number in found.groups())
            tally += Tally(max(ran - failed - broken, 0), failed + broken)
        elif found := HOOT.search(text):
            tally += Tally(passed=max(int(found[1]) - 1, 0))  # the browser test that drives them is counted above
        elif ".tests." in match["logger"] and (found := SKIPPED.match(text)):
            tally += Tally(passed=-1, failed=1, notes=[f"skipped: {found[1]}"])
    return tally + outside(tally, ran, errors, exit_code, tests_wanted)


def outside(tally: Tally, ran: int, errors: list[str], exit_code: int, tests_wanted: bool) -> Tally:
    """Count as one failure what went wrong outside of the tests counted so far."""
    if (errors or exit_code) and not tally.failed:
        return Tally(failed=1, notes=errors or [f"Odoo ended with exit code {exit_code}"])
    if not ran and tests_wanted:
        return Tally(failed=1, notes=["no test has this name"])
    return Tally(notes=errors)
