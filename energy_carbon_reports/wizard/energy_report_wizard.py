"""The energy report: what a user asks for, and its figures as matrices and as an Excel file."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.addons.energy_carbon.tools.uom import uom_factor
from odoo.exceptions import ValidationError
from odoo.tools.misc import babel_locale_parse, format_date

from ..reading.reader import ReportReader, Wanted
from ..report.data import ALL_TYPES, AMOUNT, CARBON, COAL, COST, MEDIA, Measure
from ..report.layout import Texts, course_matrix, details_matrix, summary_matrix
from ..report.periods import MONTH, YEAR, Span, comparison, span_of
from ..report.xlsx_writer import Front, write_workbook

# Longest free period: more months than fit on a page are a matter for the pivot.
MAX_DAYS = 3660


class EnergyReportWizard(models.TransientModel):
    """One request for the energy report: unit, period, energy types and what to compare with.

    Made by the screen or by a script; only its owner may use it. ``wizard._xlsx()`` returns the Excel file's bytes,
    ``wizard._matrices()`` the matrices behind it, ``energy_report(wizard_id)`` what the screen shows.
    """

    _name = "energy.report.wizard"
    _inherit = ["energy.wall.mixin"]
    _description = "Energy Report"

    period_kind = fields.Selection(
        [("day", "Day"), ("month", "Month"), ("year", "Year"), ("free", "Free")],
        string="Period",
        default="month",
        required=True,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._today(),
        help="Any day of the month or year that the report is about; the first day of a free period.",
    )
    date_to = fields.Date(
        string="To", required=True, compute="_compute_date_to", store=True, readonly=False, precompute=True
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Unit",
        required=True,
        domain=[("kind", "=", "unit")],
        default=lambda self: self._default_unit(),
        ondelete="cascade",
    )
    levels = fields.Selection(
        [
            ("unit", "This unit only"),
            ("children", "Units directly below"),
            ("units", "All units below"),
            ("devices", "All units and devices below"),
        ],
        string="Shows",
        default="children",
        required=True,
        help="What is listed under the unit. A parent is never added to what is below it.",
    )
    energy_type_ids = fields.Many2many("energy.type", string="Energy Types", help="Empty: all energy types.")
    compare = fields.Selection(
        [("none", "No comparison"), ("previous", "The period before"), ("last_year", "The same period of last year")],
        string="Compared With",
        default="previous",
        required=True,
    )
    coal_basis = fields.Selection(
        [("calorific", "Calorific"), ("equivalent", "Equivalent")],
        string="Standard Coal",
        required=True,
        compute="_compute_coal_basis",
        store=True,
        readonly=False,
        precompute=True,
        help="The two bases are never added.",
    )
    carbon_basis = fields.Selection(
        [("location", "Location-based"), ("market", "Market-based")],
        string="Carbon",
        default="location",
        required=True,
        help="The two bases are never added.",
    )
    in_tonnes = fields.Boolean(
        string="Coal and Carbon in Tonnes", help="Show tce and tCO2 where figures are kept in kgce and kgCO2."
    )
    company_id = fields.Many2one(related="node_id.company_id")

    # === DEFAULTS === #
    @api.model
    def _today(self) -> date:
        company = self.env.company
        return fields.Date.context_today(self.with_context(tz=company.energy_timezone))

    @api.model
    def _default_unit(self):
        """The first plant the user may see; where he sees no plant, the highest of his units."""
        domain = [("kind", "=", "unit"), ("company_id", "in", self.env.companies.ids)]
        units = self.env["energy.node"].search(domain, order="depth, sequence, complete_name, id")
        own = units.filtered(lambda unit: unit.company_id == self.env.company)
        return (own or units)[:1]

    # === COMPUTE METHODS === #
    @api.depends("period_kind", "date_from")
    def _compute_date_to(self):
        """The last day of the day, month or year; a free period keeps its own unless it would end before it begins."""
        for wizard in self:
            if wizard.period_kind != "free" and wizard.date_from:
                wizard.date_to = wizard._span().last
            else:
                wizard.date_to = max(filter(None, (wizard.date_to, wizard.date_from)), default=False)

    @api.depends("node_id")
    def _compute_coal_basis(self):
        for wizard in self:
            wizard.coal_basis = (wizard.node_id.company_id or self.env.company).energy_coal_basis

    # === CONSTRAINT METHODS === #
    @api.constrains("period_kind", "date_from", "date_to")
    def _check_period(self):
        for wizard in self:
            if wizard.period_kind != "free":
                continue
            if wizard.date_to < wizard.date_from:
                raise ValidationError(self.env._("The period ends before it begins: choose a later last day."))
            if (wizard.date_to - wizard.date_from).days > MAX_DAYS:
                raise ValidationError(self.env._("A report covers ten years at most: choose a shorter period."))

    # === ACTION METHODS === #
    def action_show(self):
        """Show this report on the screen; opened from there, the screen does so itself."""
        self._ensure_asked_one()
        if self.env.context.get("energy_report_on_screen"):
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.client"]._for_xml_id("energy_carbon_reports.energy_report_action")
        return dict(action, params={"wizard_id": self.id})

    def action_xlsx(self):
        """Download this report as an Excel file."""
        self._ensure_asked_one()
        return {"type": "ir.actions.act_url", "url": f"/energy_carbon_reports/xlsx/{self.id}", "target": "download"}

    # === BUSINESS METHODS === #
    def _xlsx(self) -> bytes:
        """The Excel file of this report, with the rights and in the language of the user it runs as.

        Callable from a script: ``env["energy.report.wizard"].with_user(user).create({...})._xlsx()``.
        """
        self = self._in_own_language()
        return write_workbook(self._front(), self._matrices())

    def _in_own_language(self):
        """This report with the language of its user, as a script has none."""
        self.ensure_one()
        return self.with_context(lang=self.env.lang or self.env.user.lang)

    def _xlsx_name(self) -> str:
        """File name: report, unit, period."""
        self = self._in_own_language()
        name = " ".join([self.env._("Energy report"), self.node_id.name, self._span_label(self._span())])
        return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "-", name)[:120] + ".xlsx"

    def _matrices(self) -> list:
        """Summary, details and, when the period has several days, its course."""
        data = self._data()
        texts = self._texts()
        matrices = [summary_matrix(data, texts), details_matrix(data, texts)]
        return [*matrices, course_matrix(data, texts)] if data.steps else matrices

    def _data(self):
        """All figures of the report as this user may see them."""
        self.ensure_one()
        self.node_id.check_access("read")
        columns = self._columns()
        labels = self._labels()
        return ReportReader(
            Wanted(
                root=self.node_id,
                levels=self.levels,
                span=self._span(),
                compared=self._compared(),
                types=self.energy_type_ids,
                measures=[measure for measure in self._measures() if measure.key in columns],
                columns=columns,
                scale=self._scale(),
                labels=labels,
                step_label=self._step_label,
                days_label=self._days_label,
                today=self._company_today(),
            )
        ).load()

    def _columns(self) -> dict[str, str]:
        """Measure -> column of the stored values; cost only for who may see prices."""
        columns = {
            AMOUNT: "value",
            COAL: "coal" if self.coal_basis == "calorific" else "coal_equivalent",
            CARBON: "carbon" if self.carbon_basis == "location" else "carbon_market",
        }
        return {**columns, COST: "cost"} if self._sees_prices() else columns

    def _sees_prices(self) -> bool:
        return self.env.user.has_group("energy_carbon.group_see_prices")

    def _measures(self) -> list[Measure]:
        coal, carbon = self._units()
        return [
            Measure(AMOUNT, self.env._("Consumption")),
            Measure(COAL, self.env._("Standard coal"), coal.name),
            Measure(CARBON, self.env._("Carbon"), carbon.name),
            Measure(COST, self.env._("Cost"), self.company_id.currency_id.name, 2),
        ]

    def _units(self):
        """Units of coal and of carbon that are shown."""
        names = ("uom_tce", "uom_tco2") if self.in_tonnes else ("uom_kgce", "uom_kgco2")
        return [self.env.ref(f"energy_carbon.{name}") for name in names]

    def _scale(self) -> dict[str, float]:
        """What stored figures (kgce, kgCO2) are multiplied by to be in the units shown."""
        coal, carbon = self._units()
        return {
            COAL: uom_factor(self.env.ref("energy_carbon.uom_kgce"), coal),
            CARBON: uom_factor(self.env.ref("energy_carbon.uom_kgco2"), carbon),
        }

    # === PERIOD === #
    def _company_today(self) -> date:
        return fields.Date.context_today(self.with_context(tz=self.company_id.energy_timezone))

    def _span(self) -> Span:
        return span_of(self.period_kind, self.date_from, self.date_to)

    def _compared(self) -> Span | None:
        compare = None if self.compare == "none" else self.compare
        return comparison(self.period_kind, self._span(), compare, self._company_today())

    def _span_label(self, span: Span) -> str:
        """A period as people write it: July 2026, 2026, 07/05/2026, or both ends."""
        if span.is_whole_month:
            return self._skeleton("yMMMM", span.first)
        if self.period_kind == YEAR and span == span_of(YEAR, span.first):
            return self._skeleton("y", span.first)
        first, last = (format_date(self.env, day, lang_code=self._lang()) for day in (span.first, span.last))
        return first if span.days == 1 else f"{first} – {last}"

    def _step_label(self, span: Span, steps: list[Span]) -> str:
        if all(step.days == 1 for step in steps):
            return self._skeleton("MMMd", span.first)
        if span == span_of(MONTH, span.first):
            return self._skeleton("yMMM", span.first)
        return f"{self._skeleton('MMMd', span.first)} – {self._skeleton('MMMd', span.last)}"

    def _days_label(self, spans: list[Span]) -> str:
        """Days as a short text: Jul 1 – Jul 14."""
        return ", ".join(
            " – ".join(self._skeleton("MMMd", day) for day in sorted({span.first, span.last})) for span in spans
        )

    def _skeleton(self, skeleton: str, day: date) -> str:
        return format_skeleton(skeleton, day, locale=babel_locale_parse(self._lang()))

    def _lang(self) -> str:
        return self.env.lang or self.env.user.lang or "en_US"

    # === WORDS === #
    def _labels(self) -> dict[str, str]:
        return {
            ALL_TYPES: self.env._("Total energy (boundary rule)"),
            MEDIA: self.env._("Purchased working media"),
            "difference": self.env._("Unmetered / difference"),
        }

    def _texts(self) -> Texts:
        return Texts(
            summary=self.env._("Summary"),
            details=self.env._("By Energy Type"),
            course=self.env._("Course"),
            unit=self.env._("Unit"),
            unit_and_type=self.env._("Unit / energy type"),
            day=self.env._("Day"),
            month=self.env._("Month"),
            consumption=self.env._("Consumption"),
            unit_of_measure=self.env._("Unit of measure"),
            coverage=self.env._("Coverage"),
            previous=self._compared_name(),
            change=self.env._("Change"),
            total=self.env._("Total"),
        )

    def _compared_name(self) -> str:
        """What the column of the compared period is called."""
        return self.env._("Same period last year") if self.compare == "last_year" else self.env._("Period before")

    def _reasons(self) -> dict[str, str]:
        """Why a figure is blank or incomplete."""
        return {
            "no_price": self.env._("No price"),
            "no_factor": self.env._("No factor"),
            "own_made": self.env._("Made inside the plant: already counted as the energy that made it"),
            "partial_price": self.env._("Price or factor missing for a part"),
            "missing_input": self.env._("Some of what it is made of has no figure"),
            "no_indicator": self.env._("This unit has no indicator for its total"),
        }

    def _front(self) -> Front:
        made = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        facts = [(self.env._("Unit"), self.node_id.complete_name), *self._facts()]
        made_by = f"{format_date(self.env, made, lang_code=self._lang())} {made:%H:%M}, {self.env.user.name}"
        return Front(
            title=f"{self.env._('Energy report')} · {self._span_label(self._span())}",
            company=self.company_id.sudo().name,
            facts=(*facts, (self.env._("Made on"), made_by)),
            notes=tuple(self._notes()),
            reasons=self._reasons(),
            silent=("no_indicator", "missing_input", "own_made"),
            coverage=self.env._("Coverage %(percent)s: %(present)s of %(expected)s source-days have a value"),
            charts=self.env._("Charts"),
            page=self.env._("Page %(page)s of %(pages)s"),
            font="Microsoft YaHei" if self._lang().startswith("zh") else "",
        )

    def _facts(self) -> list[tuple[str, str]]:
        facts = [(self.env._("Period"), self._span_label(self._span()))]
        compared = self._compared()
        if compared:
            facts.append((self.env._("Compared with"), self._span_label(compared)))
        if self.energy_type_ids:
            facts.append((self.env._("Energy types"), ", ".join(self.energy_type_ids.mapped("name"))))
        return facts
