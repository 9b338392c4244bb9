"""Takes the pictures of a running Odoo: `python -m tools.take_screenshots URL DATABASE FOLDER` (see tools/screenshot.py).

Runs in the Python environment of Odoo. Ends with FAILED when a screen showed an error; each is named.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .browser import Page, browser
from .odoo_client import Client
from .screens import ROLES, Screen, all_screens

LANGUAGES = ("en_US", "zh_CN")
SIZES = ((1400, 900), (390, 844))
LIMIT = 60  # seconds until a screen must have loaded
SLOWEST = 10
FAILED = 3  # exit code; 1 is Python's own
# The web client is there, its screen is mounted, nothing is loading, every chart and picture is drawn.
READY = """(() => {
    const shown = document.querySelector(".o_action_manager > .o_action, .o_dialog .modal-content, .o_error_dialog");
    const busy = document.querySelector(".o_loading_indicator, .o_energy_report_loading, .fa-spin, .o_blockUI");
    const charts = window.Chart ? Object.values(Chart.instances).some((chart) => Chart.animator.running(chart)) : false;
    const images = [...document.images].every((image) => image.complete);
    return Boolean(shown) && !busy && !charts && images && document.fonts.status === "loaded";
})()"""
SHOWN_ERROR = """(() => {
    const shown = document.querySelector(".o_error_dialog, .o_notification:has(.bg-danger), .modal .alert-danger");
    return shown ? shown.innerText : "";
})()"""
WIDER_THAN_SCREEN = "document.documentElement.scrollWidth - window.innerWidth"
# In a Chinese screen: what still has an English word of four letters or more.
ENGLISH = r"""(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim();
        const hidden = !walker.currentNode.parentElement.checkVisibility();
        if (!hidden && /[a-z]{4,}/.test(text) && !/[\u4e00-\u9fff]/.test(text)) { found.add(text.slice(0, 80)); }
    }
    for (const one of document.querySelectorAll("[placeholder]")) {
        if (/[a-z]{4,}/.test(one.placeholder) && !/[\u4e00-\u9fff]/.test(one.placeholder)) { found.add(one.placeholder); }
    }
    return [...found];
})()"""


@dataclass
class Album:
    """The pictures taken so far and what was noticed.

    :ivar failures: screen -> what went wrong
    :ivar calls: (milliseconds, call, screen) of each request
    :ivar english: text -> first screen in Chinese that shows it
    """

    folder: Path
    failures: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    english: dict[str, str] = field(default_factory=dict)
    taken: int = 0

    def take(self, page: Page, url: str, screen: Screen, language: str, size: tuple[int, int]) -> None:
        name = f"{language}/{size[0]}x{size[1]}/{screen.name}"
        page.open(f"{url}/odoo/{screen.path}")
        loaded = page.wait(READY, LIMIT)
        page.picture(self.folder / f"{name}.png")
        self.taken += 1
        problem = page.evaluate(SHOWN_ERROR) or "; ".join(page.errors)
        if not loaded and not problem:
            problem = f"not loaded after {LIMIT} s {', '.join(page.unanswered())}"
        wider = page.evaluate(WIDER_THAN_SCREEN) or 0
        if not problem and wider > 0:
            problem = f"{wider} pixels wider than the screen"
        if problem:
            self.failures[name] = problem
            print(f"  FAILED {name} ({screen.role}): {first_line(problem)}", flush=True)
        for call in page.requests.values():
            if call.milliseconds is not None and "call_kw" in call.name:
                self.calls.append((call.milliseconds, call.name.split("call_kw/")[1], name))
        if language == "zh_CN":
            for text in page.evaluate(ENGLISH) or []:
                self.english.setdefault(text, screen.name)

    def write_notes(self) -> None:
        """Leave what was noticed beside the pictures, and show the slowest calls."""
        self.calls.sort(reverse=True)
        with (self.folder / "calls.csv").open("w", newline="") as file:
            csv.writer(file).writerows([["milliseconds", "call", "screen"], *self.calls])
        lines = [f"{screen}: {text}" for text, screen in sorted(self.english.items(), key=lambda one: one[::-1])]
        (self.folder / "english_in_chinese.txt").write_text("\n".join(lines) + "\n")
        (self.folder / "failures.txt").write_text("".join(f"{name}\n{text}\n\n" for name, text in self.failures.items()))
        print("  slowest calls:")
        for milliseconds, call, screen in self.calls[:SLOWEST]:
            print(f"    {milliseconds:7.0f} ms  {call}  ({screen})")


def first_line(text: str) -> str:
    return text.strip().splitlines()[0][:200] if text.strip() else ""


def log_in_all(url: str, database: str) -> dict[str, Client]:
    return {role: Client(url, database, role).log_in() for role in ROLES}


def take_all(url: str, database: str, folder: Path) -> Album:
    """Take each screen in each language and size, person by person."""
    album, wanted = Album(folder), re.compile(os.environ.get("ONLY") or "")
    clients = log_in_all(url, database)
    screens = [screen for screen in all_screens(clients) if wanted.search(screen.name)]
    languages = (os.environ.get("LANGUAGES") or ",".join(LANGUAGES)).split(",")
    print(f"  {len(screens)} screens in {', '.join(languages)}", flush=True)
    with browser(os.environ.get("BROWSER") or "chromium") as page:
        for language in languages:
            for role, client in clients.items():
                client.speak(language)
                page.set_cookies(url, {"session_id": client.session})
                for size in SIZES:
                    page.show_as(*size)
                    for screen in screens:
                        if screen.role == role:
                            album.take(page, url, screen, language, size)
    return album


def main() -> int:
    url, database, folder = sys.argv[1:]
    album = take_all(url, database, Path(folder))
    album.write_notes()
    print(f"{album.taken} pictures, {len(album.failures)} failed")
    return FAILED if album.failures else 0


if __name__ == "__main__":
    sys.exit(main())
