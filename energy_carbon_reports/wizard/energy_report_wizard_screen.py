"""What the screen of the energy report asks for and gets: options in, matrices as plain data out."""

from __future__ import annotations

from odoo import api, fields, models
from odoo.addons.energy_carbon.tools.asked import LARGEST_ID, asked_day, asked_dict, known_ids, odd_request
from odoo.exceptions import AccessError, UserError

from ..reading.tree import moved_between
from ..report.layout import course_matrix, details_matrix, summary_matrix
from ..report.periods import shifted

# Options that may come from a URL, with how they are read.
CHOICES = ("period_kind", "levels", "compare", "coal_basis", "carbon_basis")


class EnergyReportWizard(models.TransientModel):
    _inherit = "energy.report.wizard"

    @api.model
    def open_report(self, options: dict | None = None) -> dict:
        """Make a report with these options (those of the screen's URL; what is unknown or wrong is left at its default).

        :return: the same as :meth:`energy_report`; without any unit the user may see only ``{"empty": "no_unit"}``
        """
        values = self._values_of(options)
        unit = values.get("node_id") or self._default_unit().id
        if not unit:
            return {"empty": "no_unit"}
        return self.energy_report(self.create({**values, "node_id": unit}).id)

    @api.model
    def change_report(self, wizard_id: int, options: dict, step: int = 0) -> dict:
        """Change options of a report, or go ``step`` periods on (back when negative).

        :return: the same as :meth:`energy_report`
        """
        wizard = self._owned(wizard_id)
        values = wizard._values_of(options)
        if values.get("period_kind") == "free" != wizard.period_kind:
            # What was shown stays shown, until other days are chosen.
            span = wizard._span()
            values = {"date_from": span.first, "date_to": span.last, **values}
        if step:
            try:
                span = shifted(wizard.period_kind, wizard._span(), step)
            except (TypeError, ValueError, OverflowError):
                raise odd_request(self.env) from None
            values.update(date_from=span.first, date_to=span.last)
        wizard.write(values)
        return self.energy_report(wizard.id)

    @api.model
    def energy_report(self, wizard_id: int) -> dict:
        """The report as the screen shows it.

        :return: ``wizard_id``, ``options`` (for the URL), ``title``, ``unit``, ``company``, ``period``, ``compared``,
            ``running`` (today lies in the period), ``notes``, ``reasons``, ``empty`` (why there is nothing to see, or False),
            ``latest`` (last month with figures, when the period has none) and ``matrices`` (``Matrix.as_dict()`` by key)
        """
        wizard = self._owned(wizard_id)._in_own_language()
        data = wizard._data()
        texts = wizard._texts()
        matrices = [summary_matrix(data, texts), details_matrix(data, texts)]
        if data.steps:
            matrices.append(course_matrix(data, texts))
        empty = wizard._emptiness(data)
        return {
            "wizard_id": wizard.id,
            "options": wizard._options(),
            "title": self.env._("Energy report"),
            "unit": wizard.node_id.complete_name,
            "company": wizard.company_id.sudo().name,
            "period": wizard._span_label(data.span),
            "compared": wizard._span_label(data.compared) if data.compared else "",
            "running": data.span.first <= wizard._company_today() <= data.span.last,
            "notes": wizard._notes(),
            "reasons": wizard._reasons(),
            "empty": empty,
            "latest": wizard._latest_month() if empty == "no_value" else False,
            "matrices": {matrix.key: matrix.as_dict() for matrix in matrices},
        }

    # === BUSINESS METHODS === #
    @api.model
    def _owned(self, wizard_id: int):
        """The report of that id, if it is this user's and still there."""
        wizard = self.browse(wizard_id if type(wizard_id) is int and 0 < wizard_id <= LARGEST_ID else None).exists()
        if not wizard:
            raise UserError(self.env._("This report is no longer there: open it again from the menu."))
        wizard.check_access("write")
        if wizard.sudo().create_uid != self.env.user:
            raise AccessError(self.env._("This report belongs to somebody else: open your own from the menu."))
        return wizard

    @api.model
    def _values_of(self, options: dict) -> dict:
        """Field values of options; a URL may be old or wrong, so what does not fit is left out."""
        options, values = asked_dict(self.env, options), {}
        for name in CHOICES:
            allowed = [key for key, _label in self._fields[name].selection]
            if options.get(name) in allowed:
                values[name] = options[name]
        for name in ("date_from", "date_to"):
            try:
                values[name] = asked_day(self.env, options.get(name))
            except UserError:
                continue
        if "in_tonnes" in options:
            values["in_tonnes"] = options["in_tonnes"] in (True, 1, "1", "true")
        if "types" in options:
            ids = [int(number) for number in str(options["types"] or "").split(",") if number.strip().isdecimal()]
            types = self.env["energy.type"].with_context(active_test=False)
            values["energy_type_ids"] = [fields.Command.set(types.search([("id", "in", known_ids(self.env, ids))]).ids)]
        unit = self._asked_unit(options.get("node_id"))
        return {**values, "node_id": unit.id} if unit else values

    def _asked_unit(self, unit_id):
        """The unit of that id where the user may see it. A forbidden one is as if it were not there."""
        asked = known_ids(self.env, [int(unit_id)] if str(unit_id or "").isdecimal() else [])
        return self.env["energy.node"].search([("id", "in", asked), ("kind", "=", "unit")])

    def _options(self) -> dict:
        """Options as the URL keeps them."""
        span = self._span()
        return {
            "period_kind": self.period_kind,
            "date_from": fields.Date.to_string(span.first),
            "date_to": fields.Date.to_string(span.last),
            "node_id": self.node_id.id,
            "levels": self.levels,
            "types": ",".join(map(str, self.energy_type_ids.ids)),
            "compare": self.compare,
            "coal_basis": self.coal_basis,
            "carbon_basis": self.carbon_basis,
            "in_tonnes": self.in_tonnes,
        }

    @staticmethod
    def _emptiness(data) -> str | bool:
        """What is missing when there is nothing to see: any indicator, or figures in this period."""
        if not data.figures:
            return "no_indicator"
        known = any(entry.figure.value is not None for entry in data.figures.values())
        return False if known else "no_value"

    def _latest_month(self) -> dict | bool:
        """The last month in which the unit has figures, for a jump there."""
        row = self.env["energy.value.month"].search(
            [
                ("node_id", "=", self.node_id.id),
                ("indicator_id.indicator_class", "=", "efficiency"),
                ("quality", "!=", "missing"),
            ],
            order="month desc",
            limit=1,
        )
        if not row:
            return False
        return {"date": fields.Date.to_string(row.month), "label": self._skeleton("yMMMM", row.month)}

    def _notes(self) -> list[str]:
        """What a reader has to know to read the figures rightly."""
        coal = {
            "calorific": self.env._("Standard coal on the calorific basis, as the energy's own heat content."),
            "equivalent": self.env._("Standard coal on the equivalent basis, as the fuel used to make the energy."),
        }
        carbon = {
            "location": self.env._("Carbon is location-based."),
            "market": self.env._("Carbon is market-based."),
        }
        notes = [
            self.env._("A blank is unknown, not zero. Marked figures are incomplete: see their coverage."),
            self.env._(
                "Total energy is each unit's own indicator by the boundary rule. It is not the sum of the energy types: "
                "own-made steam and air already count as the energy that made them."
            ),
            f"{coal[self.coal_basis]} {carbon[self.carbon_basis]}",
        ]
        if self._sees_prices():
            notes.append(self.env._("Cost is net of VAT, at the prices valid on each day."))
        return notes + self._special_notes()

    def _special_notes(self) -> list[str]:
        """Notes that only some reports need."""
        notes, span, today = [], self._span(), self._company_today()
        if self.env["energy.calculation"].state(self.company_id.id)["calculating"]:
            notes.append(self.env._("Figures are being recomputed: open the report again in a minute."))
        if self.compare != "none" and span.first <= today < span.last:
            notes.append(self.env._("The period is still running: it is compared with as many days of the other one."))
        nodes = self.env["energy.node"].search([("id", "child_of", self.node_id.id)])
        moved = moved_between(nodes, span.first, span.last)
        compared = self._compared()
        if compared:
            moved |= moved_between(nodes, compared.first, compared.last)
        if moved:
            notes.append(
                self.env._(
                    "Moved within the period, or the one compared with, and counted at each place on the days there: "
                    "%(names)s.",
                    names=", ".join(moved.mapped("name")),
                )
            )
        return notes
