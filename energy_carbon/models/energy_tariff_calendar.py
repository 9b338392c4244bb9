"""Published calendars of time-of-use tariffs: the hours, without prices."""

from odoo import api, fields, models

from ..tools.inner_step import within
from .energy_tariff_periods_mixin import UNFINISHED


class EnergyTariffCalendar(models.Model):
    """The hours of the periods as a province or a supplier published them, from which tariffs are made.

    Shipped with their source; Energy managers and Energy accountants add others. Prices are the tariff's own.
    """

    _name = "energy.tariff.calendar"
    _description = "Published Tariff Calendar"
    _inherit = ["energy.wall.mixin", "energy.tariff.periods.mixin"]
    _order = "sequence, area, customer, date_from desc, id"
    _rec_names_search = ["area", "customer", "document"]

    sequence = fields.Integer(default=100)
    area = fields.Char(required=True, translate=True, help="Province, country or supplier.")
    customer = fields.Char(string="Customers", translate=True, help="For which customers the document holds.")
    country_id = fields.Many2one("res.country", index="btree_not_null", ondelete="restrict")
    date_from = fields.Date(string="Valid From", help="Empty: the source names no day.")
    date_to = fields.Date(string="Valid To")
    price_rule = fields.Text(translate=True, help="How the document derives the prices of the periods.")
    note = fields.Text(translate=True)
    to_be_checked = fields.Boolean(help="Something is uncertain or missing: compare with the document before use.")
    reference = fields.Char(string="Source", help="Where the hours were seen.")
    band_ids = fields.One2many("energy.tariff.calendar.band", "calendar_id", string="Bands", copy=True)
    edition_ids = fields.Many2many(
        "energy.tariff.calendar", compute="_compute_edition_ids", string="Other Editions", compute_sudo=False
    )
    active = fields.Boolean(default=True)

    _validity_ordered = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A calendar cannot end before it starts: correct one of the two days.",
    )

    # === COMPUTE METHODS === #
    @api.depends("area", "customer", "document")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for calendar in self:
            words = [word for word in (calendar.area, calendar.customer) if word]
            document = f" ({calendar.document})" if calendar.document else ""
            calendar.display_name = ", ".join(words) + document

    @api.depends("area", "customer", "date_from")
    @api.depends_context("lang")
    def _compute_edition_ids(self):
        """Editions for the same customers of the same area: what was valid before and what comes after."""
        for calendar in self:
            domain = [
                ("area", "=", calendar.area),
                ("customer", "=", calendar.customer),
                ("id", "!=", calendar._origin.id),
            ]
            calendar.edition_ids = self.search(domain) if calendar.area else False

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        calendars = super(EnergyTariffCalendar, within(self, UNFINISHED)).create(vals_list)
        return calendars.with_env(self.env)

    def write(self, vals):
        return super(EnergyTariffCalendar, within(self, UNFINISHED)).write(vals)

    # === ACTION METHODS === #
    def action_new_tariff(self):
        """Open the wizard that makes a tariff of this calendar."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_tariff_from_calendar_action")
        return {**action, "context": {"default_calendar_id": self.id}}

    # === BUSINESS METHODS === #
    def _version_values(self, date_from) -> dict:
        """Values of a tariff's version with these hours from a day on."""
        self.ensure_one()
        copied = ("months", "day_class", "period", "start", "end", "overlay")
        return {
            "date_from": date_from,
            "calendar_id": self.id,
            "document": self.document,
            "default_period": self.default_period,
            "clock": self.clock,
            "note": "\n".join(text for text in (self.price_rule, self.note) if text) or False,
            "band_ids": [fields.Command.create({name: band[name] for name in copied}) for band in self.band_ids],
        }
