"""Merging translations: known texts keep their translation, new ones come empty, obsolete ones go."""

import polib

from tools.merge_po import merge


def catalogue(path, texts):
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    file.extend(polib.POEntry(msgid=text, msgstr=translation) for text, translation in texts.items())
    file.save(str(path))


def test_merge(tmp_path):
    catalogue(tmp_path / "a.pot", {"Meter": "", "Tariff": ""})
    catalogue(tmp_path / "zh_CN.po", {"Meter": "电表", "Gone": "没有了"})
    merge(tmp_path / "a.pot", tmp_path / "zh_CN.po")
    merged = {entry.msgid: entry.msgstr for entry in polib.pofile(str(tmp_path / "zh_CN.po"))}
    assert merged == {"Meter": "电表", "Tariff": ""}
