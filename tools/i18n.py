"""Exports the translation templates and merges them into the Chinese files; must not translate."""

from . import odoo
from .paths import ADDONS, PYTHON, ROOT
from .progress import must_run, step


def export(database: str) -> None:
    """Write <addon>/i18n/<addon>.pot and bring <addon>/i18n/zh_CN.po up to date with it."""
    for addon in ADDONS:
        folder = ROOT / addon / "i18n"
        folder.mkdir(exist_ok=True)
        template, chinese = folder / f"{addon}.pot", folder / "zh_CN.po"
        with step(f"translations of {addon}"):
            words = odoo.command("i18n export", "-d", database, "-l", "pot", "-o", template, addon)
            must_run(words, "i18n.log", f"cannot export the translations of {addon}")
            merge = [PYTHON, "-m", "tools.merge_po", template, chinese]
            must_run(merge, "i18n.log", f"cannot merge {template.name} into {chinese.name}", append=True)
