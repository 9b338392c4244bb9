"""The page What to Try: the first hour's steps, each with buttons that open the right screen. Must not change anything."""

from __future__ import annotations

from datetime import date

from babel.dates import format_skeleton
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.addons.web.controllers.utils import clean_action
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import babel_locale_parse, format_date

from ..tools.guide import Button, Step

CLERK, ENGINEER, MANAGER = (f"energy_carbon.group_{role}" for role in ("clerk", "engineer", "manager"))
# The month of the demo plant whose figures can be looked up (Example P).
DEMO_MONTH = date(2026, 7, 1)
# What is worth explaining, the best first: total energy has several inputs, each with its factor.
FIGURES = ("T.TCE", "EL.CONS")


class EnergyGuide(models.AbstractModel):
    """What to try, as one person may: with the records of the demo plant where it is, with the own ones otherwise.

    Addons add their steps in ``_steps``. Nothing is stored.
    """

    _name = "energy.guide"
    _description = "What to Try"

    # === SCREEN === #
    @api.model
    @api.readonly
    def steps(self) -> list[dict]:
        """The steps in order, for the page.

        :return: key, title, texts, commands and buttons of each; a button that this person may not press has a reason
        :raises AccessError: the person has no role in the energy app
        """
        self._check()
        return [
            {
                "key": step.key,
                "title": step.title,
                "texts": step.texts,
                "commands": step.commands,
                "buttons": [
                    {"key": button.key, "label": button.label, "reason": self._why_not(button)}
                    for button in step.buttons
                ],
            }
            for step in sorted(self._steps(), key=lambda step: step.sequence)
        ]

    @api.model
    def open_step(self, step_key: str, button_key: str) -> dict:
        """The action of a button.

        :raises AccessError: the button is not for this person
        :raises UserError: there is no such button
        """
        self._check()
        buttons = [
            button
            for step in self._steps()
            for button in step.buttons
            if (step.key, button.key) == (step_key, button_key)
        ]
        if not buttons:
            raise UserError(self.env._("This step is no longer there: open What to Try again from the menu."))
        if reason := self._why_not(buttons[0]):
            raise AccessError(reason)
        # As what a form's button returns is made ready for the browser.
        return clean_action(buttons[0].open(), self.env)

    @api.model
    def _check(self):
        if not self.env.user.has_group("energy_carbon.group_viewer"):
            raise AccessError(self.env._("What to Try is for users of the Energy application."))

    def _why_not(self, button: Button) -> str:
        """Which roles may press a button, when the reader has none of them; empty when he may."""
        if not button.groups or any(self.env.user.has_group(group) for group in button.groups):
            return ""
        roles = [self.env.ref(group).sudo().name for group in button.groups]
        return self.env._("Only for: %(roles)s", roles=", ".join(roles))

    # === STEPS === #
    @api.model
    def _steps(self) -> list[Step]:
        return [self._plant_step(), self._follow_step(), self._type_step(), self._correct_step(), self._compare_step()]

    def _plant_step(self) -> Step:
        texts = [
            self.env._(
                "Units, devices and meters hang together as they do in the plant, each with what it used in a month and with "
                "what of it nothing below accounts for. What is amiss is marked: a meter that fell silent, a unit without one."
            ),
            self.env._(
                "Open the branches to metering level 2 or 3, or type a name or code. A card opens its form, a figure on it "
                "explains itself."
            ),
        ]
        buttons = [Button("tree", self.env._("Management Tree"), self._open_tree)]
        return Step("plant", 5, self.env._("Look at the plant"), texts, buttons)

    def _follow_step(self) -> Step:
        value = self._figure()
        texts = [
            self.env._(
                "Explain shows the formula of a figure, each input with its share, the factor and the price it used, and "
                "at the end the two counter readings behind it. Open one part after the other until you are there."
            )
        ]
        if value:
            figure = self.env._(
                "For example: %(indicator)s of %(node)s on %(date)s.",
                indicator=value.template_id.name,
                node=value.node_id.name,
                date=format_date(self.env, value.date),
            )
            texts.append(figure)
        buttons = [
            Button("explain", self.env._("Explain this figure"), lambda: value.action_explain()) if value else None,
            Button("values", self.env._("Monthly Values"), lambda: self._screen("energy_value_month_action")),
        ]
        title = self.env._("Follow a figure down to the reading")
        return Step("follow", 20, title, texts, list(filter(None, buttons)))

    def _type_step(self) -> Step:
        texts = [
            self.env._(
                "Choose a unit or meter on the left, type a figure beside today or another open day, and press Save. The "
                "figures of the unit and of everything above it follow at once."
            ),
            self.env._(
                "A day on which nobody typed stays blank. Blank is not zero, and sums say how much of them is there."
            ),
        ]
        buttons = [
            Button("entry", self.env._("Indicator Entry"), self._open_entry, (CLERK, MANAGER)),
            Button(
                "output",
                self.env._("Output Entry"),
                lambda: self._screen("energy_indicator_action_output"),
                (CLERK, MANAGER),
            ),
            Button("values", self.env._("Daily Values"), lambda: self._screen("energy_value_action")),
        ]
        return Step("type", 40, self.env._("Type a day"), texts, buttons)

    def _correct_step(self) -> Step:
        texts = [
            self.env._(
                "Approve yours, or one of yesterday, under Entries. Then type another figure over it: you are asked for the "
                "reason, and once you press Save the figure before stays beside it. A collected figure is overridden in the "
                "same way."
            ),
            self.env._(
                "When a figure of an earlier day changes, Restatements say what else changed because of it, from what to "
                "what, and who did it."
            ),
        ]
        buttons = [
            Button("entries", self.env._("Entries"), self._open_entries),
            Button("entry", self.env._("Indicator Entry"), self._open_entry, (MANAGER,)),
            Button("journal", self.env._("Restatements"), lambda: self._screen("energy_restatement_action")),
        ]
        return Step("correct", 50, self.env._("Correct it"), texts, buttons)

    def _compare_step(self) -> Step:
        month = self._month()
        before = month - relativedelta(months=1)
        text = self.env._(
            "The units side by side, %(before)s beside %(month)s. Only figures that may be added are added: choose another "
            "indicator or level of the tree in the search bar.",
            before=self._month_label(before),
            month=self._month_label(month),
        )
        buttons = [Button("months", self.env._("Both Months"), lambda: self._open_months(before, month))]
        return Step("compare", 70, self.env._("Compare two months"), [text], buttons)

    # === SCREENS === #
    def _screen(self, name: str, /, **changes) -> dict:
        """An action of this addon by its name."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"energy_carbon.{name}")
        return {**action, **changes}

    def _open_entry(self) -> dict:
        """The entry grid, at a node where something is typed."""
        context = {"search_default_filter_entered": 1}
        node = self._typed_node()
        if node:
            context["searchpanel_default_node_id"] = node.id
        return self._screen("energy_indicator_action_entry", context=context)

    def _open_tree(self) -> dict:
        """The picture of the tree, in a month that is complete."""
        action = self.env["ir.actions.client"]._for_xml_id("energy_carbon.energy_node_tree_action")
        return {**action, "params": {"month": f"{self._month():%Y-%m}"}}

    def _open_entries(self) -> dict:
        """What waits for approval, whatever month it is of."""
        return self._screen("energy_entry_action", context={"search_default_filter_submitted": 1})

    def _open_months(self, first: date, last: date) -> dict:
        """The pivot of two months, over the units below a plant or what else the reader sees first."""
        plants = self._tops().filtered(lambda node: node.depth == 1)
        level = "filter_level_2" if plants else "filter_top"
        title = self.env._("Compare two months")
        action = self._screen(
            "energy_value_month_action",
            name=title,
            display_name=title,
            domain=[("month", ">=", fields.Date.to_string(first)), ("month", "<=", fields.Date.to_string(last))],
            context={"search_default_filter_electricity": 1, f"search_default_{level}": 1},
        )
        action["views"] = sorted(action["views"], key=lambda view: view[1] != "pivot")
        return action

    # === RECORDS === #
    @api.model
    def _has_demo(self) -> bool:
        """Whether this company has the demo plant."""
        plant = self.env.ref("energy_carbon.demo_plant", raise_if_not_found=False)
        return bool(plant and plant.sudo().exists().company_id in self.env.companies)

    @api.model
    def _tops(self):
        """The nodes at which this person begins, in the companies chosen."""
        return self.env["energy.node"].search(
            [("is_my_top", "=", True), ("company_id", "in", self.env.companies.ids)], order="depth, sequence, id"
        )

    @api.model
    def _today(self) -> date:
        return fields.Date.context_today(self.with_context(tz=self.env.company.energy_timezone))

    @api.model
    def _figure(self):
        """Yesterday's figure, or the newest one before it, of the first node that has any."""
        values = self.env["energy.value"]
        for top in self._tops():
            for code in FIGURES:
                domain = [("node_id", "=", top.id), ("template_id.code", "=", code), ("quality", "!=", "missing")]
                domain.append(("date", "<", self._today()))
                if value := values.search(domain, order="date desc", limit=1):
                    return value
        return values

    @api.model
    def _typed_node(self):
        """A node with a figure that is typed as an amount."""
        return (
            self.env["energy.indicator"]
            .search(
                [
                    ("source", "=", "entered"),
                    ("entry_mode", "=", "amount"),
                    ("template_id.code", "not in", ("OUT.QTY", "OUT.OK")),
                    ("company_id", "in", self.env.companies.ids),
                ],
                limit=1,
            )
            .node_id
        )

    @api.model
    def _month(self) -> date:
        """First day of the month to look at: the demo's, else the last complete one."""
        if self._has_demo():
            return DEMO_MONTH
        return self._today().replace(day=1) - relativedelta(months=1)

    def _month_label(self, month: date) -> str:
        """A month as people write it: July 2026."""
        return format_skeleton("yMMMM", month, locale=babel_locale_parse(self.env.lang or self.env.user.lang))
