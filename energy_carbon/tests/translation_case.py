"""The base of every addon's translation test: all that users read in English has Chinese words. Tests nothing itself."""

import io
import re

import polib

from odoo.tests import TransactionCase
from odoo.tools.misc import file_path
from odoo.tools.translate import code_translations, trans_export

CHINESE = "zh_CN"
# %s, %d, %%, %(name)s as Python and JavaScript texts have them
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf%]")
TAG = re.compile(r"<(/?\w+)")
# Products come with demo data only, and demo data is not translated.
DEMO_ONLY = re.compile(r"model:product\.")
# Which comment makes Odoo look a text up for the server or for the browser.
FLAGS = {".py": "odoo-python", ".js": "odoo-javascript", ".xml": "odoo-javascript"}


class TranslationCase(TransactionCase):
    """Compares what Odoo would export now with the Chinese file as Odoo reads it.

    A test class of an addon sets ``addon`` and calls the checks; ``cls.env`` and its records speak Chinese.
    """

    addon = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang(CHINESE)
        # A database made before the last change of a translation still has the old word.
        cls.env["ir.module.module"]._load_module_terms([cls.addon], [CHINESE], overwrite=True)
        cls.env = cls.env(context={**cls.env.context, "lang": CHINESE})
        cls.exported = cls._exported()
        cls.chinese = cls._chinese()

    @classmethod
    def _exported(cls):
        """The addon's texts as a file that Odoo exports now, without its demo data."""
        buffer = io.BytesIO()
        trans_export(None, [cls.addon], buffer, "po", cls.env)
        entries = polib.pofile(buffer.getvalue().decode())
        return [
            entry for entry in entries if not all(DEMO_ONLY.match(occurrence) for occurrence, _line in entry.occurrences)
        ]

    @classmethod
    def _chinese(cls):
        """The addon's Chinese file by English text, without what its .pot no longer has (Odoo leaves that out too)."""
        file = polib.pofile(file_path(f"{cls.addon}/i18n/{CHINESE}.po"))
        file.merge(polib.pofile(file_path(f"{cls.addon}/i18n/{cls.addon}.pot")))
        return {entry.msgid: entry for entry in file if not entry.obsolete}

    def assert_complete(self):
        """Every text has Chinese words."""
        missing = [
            f"{entry.msgid!r} ({', '.join(occurrence for occurrence, _line in entry.occurrences)})"
            for entry in self.exported
            if not (entry.msgid in self.chinese and self.chinese[entry.msgid].msgstr.strip())
        ]
        self.assertFalse(
            missing,
            f"{len(missing)} of {len(self.exported)} texts of {self.addon} have no Chinese words "
            f"(make i18n, then translate them in {self.addon}/i18n/{CHINESE}.po):\n" + "\n".join(missing),
        )

    def assert_apps_page(self):
        """Name and summary on the Apps page are Chinese; they belong to Odoo's base module and are no part of an export."""
        module = self.env.ref(f"base.module_{self.addon}")
        for name in ("shortdesc", "summary"):
            english = module.with_context(lang="en_US")[name]
            self.assertNotIn(module[name], (english, ""), f"{name} of {self.addon} ({self.addon}/i18n_extra/{CHINESE}.po)")
            self.assertEqual(self._apps_words().get(english), module[name])

    def _apps_words(self):
        """What the addon's own file beside the exported one says, by the English of today."""
        return {entry.msgid: entry.msgstr for entry in polib.pofile(file_path(f"{self.addon}/i18n_extra/{CHINESE}.po"))}

    def assert_well_formed(self):
        """Placeholders, tags and outer spaces are the same on both sides; code texts are found where they are used."""
        wrong = []
        for entry in self.exported:
            chinese = self.chinese.get(entry.msgid)
            if chinese and chinese.msgstr:
                wrong += [f"{entry.msgid!r}: {complaint}" for complaint in self._complaints(chinese)]
        self.assertFalse(wrong, "\n".join(wrong))

    def _complaints(self, entry):
        english, chinese = entry.msgid, entry.msgstr
        for name, pattern in (("placeholders", PLACEHOLDER), ("tags", TAG)):
            if sorted(pattern.findall(english)) != sorted(pattern.findall(chinese)):
                yield f"other {name} in {chinese!r}"
        if (english[0].isspace(), english[-1].isspace()) != (chinese[0].isspace(), chinese[-1].isspace()):
            yield f"other outer spaces in {chinese!r}"
        for occurrence, _line in entry.occurrences:
            suffix = occurrence[occurrence.rfind(".") :]
            if occurrence.startswith("code:") and FLAGS[suffix] not in entry.comment:
                yield f"{FLAGS[suffix]} is missing for {occurrence}"

    def assert_menus(self, names):
        """Menus have these names.

        :param dict names: xml id -> Chinese name
        """
        self.assertEqual({xmlid: self.env.ref(xmlid).name for xmlid in names}, names)

    def assert_labels(self, model, labels):
        """Fields of a model have these labels.

        :param dict labels: field -> Chinese label
        """
        fields = self.env[model].fields_get(list(labels), ["string"])
        self.assertEqual({field: fields[field]["string"] for field in labels}, labels)

    def assert_view_shows(self, xmlid, *words):
        """A view, as the browser gets it, contains these words."""
        view = self.env.ref(xmlid)
        arch = self.env[view.model].get_view(view.id, view.type)["arch"]
        for word in words:
            self.assertIn(word, arch)

    def assert_browser_says(self, texts):
        """The browser's components show these words.

        :param dict texts: English text -> Chinese words
        """
        messages = code_translations.get_web_translations(self.addon, CHINESE)["messages"]
        found = {message["id"]: message["string"] for message in messages}
        self.assertEqual({text: found.get(text) for text in texts}, texts)
