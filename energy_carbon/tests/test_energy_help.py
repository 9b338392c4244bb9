"""Every screen that can be empty says then what it is for and what to do next."""

from lxml import html

from odoo.tests import TransactionCase, tagged

# Views that show Odoo's no-content helper when there is nothing.
MANY = {"list", "kanban", "pivot", "graph", "calendar", "activity", "hierarchy"}
FACES = ("o_view_nocontent_smiling_face", "o_view_nocontent_neutral_face", "o_view_nocontent_empty_folder")
# A title alone tells nobody what to do.
LEAST_WORDS = 8


@tagged("post_install", "-at_install")
class TestEmptyStates(TransactionCase):
    def _actions(self):
        """The window actions of all energy addons by xml id."""
        found = self.env["ir.model.data"].search(
            [("module", "=like", "energy\\_carbon%"), ("model", "=", "ir.actions.act_window")]
        )
        return {data.complete_name: self.env["ir.actions.act_window"].browse(data.res_id) for data in found}

    def test_every_action_has_a_helpful_help(self):
        actions = {name: action for name, action in self._actions().items() if MANY & set(action.view_mode.split(","))}
        self.assertGreater(len(actions), 30)
        for name, action in actions.items():
            with self.subTest(name):
                self.assertTrue(action.help, "the screen has no help for the time it is empty")
                page = html.fromstring(f"<div>{action.help}</div>")
                titles = [title for face in FACES for title in page.find_class(face)]
                self.assertEqual(len(titles), 1, "the first paragraph is the title with a face")
                rest = page.text_content().replace(titles[0].text_content(), "", 1).split()
                self.assertGreater(len(rest), LEAST_WORDS, "a second paragraph says what to do")

    def test_actions_made_by_buttons_have_it_too(self):
        plant = self.env["energy.node"].create({"name": "Plant", "kind": "unit", "unit_type": "plant"})
        self.assertIn(FACES[0], plant.action_view_indicators()["help"])
