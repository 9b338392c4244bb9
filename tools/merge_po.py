"""Merges a .pot into a .po: new texts are added empty, obsolete ones removed. Runs in Odoo's environment (polib)."""

import sys
from pathlib import Path

import polib

WIDTH = 78


def merge(template: Path, target: Path) -> None:
    """Bring a translation file up to date, keeping the template's order so that differences stay small."""
    pot = polib.pofile(str(template), wrapwidth=WIDTH)
    old = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(target))} if target.exists() else {}
    fresh = polib.POFile(wrapwidth=WIDTH)
    fresh.metadata = {**pot.metadata, "Language": "zh_CN", "Plural-Forms": "nplurals=1; plural=0;"}
    for volatile in ("POT-Creation-Date", "PO-Revision-Date"):
        fresh.metadata.pop(volatile, None)
    for entry in pot:
        known = old.get((entry.msgctxt, entry.msgid))
        entry.msgstr = known.msgstr if known else ""
        fresh.append(entry)
    fresh.save(str(target))


if __name__ == "__main__":
    merge(Path(sys.argv[1]), Path(sys.argv[2]))
