"""Making a time-of-use tariff, or further versions of one, from a published calendar."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class EnergyTariffFromCalendar(models.TransientModel):
    """Asks for whom a published calendar is to hold; its hours are copied, the prices stay for the user to type."""

    _name = "energy.tariff.from.calendar"
    _inherit = ["energy.wall.mixin"]
    _description = "Tariff from Calendar"

    calendar_id = fields.Many2one("energy.tariff.calendar", required=True, ondelete="cascade")
    tariff_id = fields.Many2one(
        "energy.tariff",
        string="Existing Tariff",
        ondelete="cascade",
        domain="[('kind', '=', 'tou'), ('company_id', '=', company_id)]",
        help="Empty: a new tariff is made. Otherwise the periods are added to this one.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    name = fields.Char(string="Name of the Tariff", compute="_compute_name", store=True, readonly=False)
    energy_type_id = fields.Many2one(
        "energy.type",
        default=lambda self: self.env.ref("energy_carbon.type_el", raise_if_not_found=False),
        domain="[('company_id', 'in', [False, company_id])]",
    )
    node_id = fields.Many2one(
        "energy.node",
        string="Applies To",
        domain="[('company_id', '=', company_id)]",
        help="Only for this unit, device or meter and what is below it. Empty: for the whole company.",
    )
    date_from = fields.Date(
        string="Valid From",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        help="First day with these hours. They hold until the next edition.",
    )
    edition_ids = fields.Many2many(
        "energy.tariff.calendar",
        string="With Other Editions",
        compute="_compute_edition_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', possible_edition_ids)]",
        help="Earlier and later documents for the same customers: each becomes a version from its own day on.",
    )
    possible_edition_ids = fields.Many2many(related="calendar_id.edition_ids", string="Possible Editions")
    day_plan = fields.Json(related="calendar_id.day_plan")
    to_be_checked = fields.Boolean(related="calendar_id.to_be_checked")
    calendar_note = fields.Text(related="calendar_id.note", string="About the Calendar")
    price_rule = fields.Text(related="calendar_id.price_rule")

    # === COMPUTE METHODS === #
    @api.depends("calendar_id")
    def _compute_name(self):
        for wizard in self:
            calendar = wizard.calendar_id
            wizard.name = ", ".join(word for word in (calendar.area, calendar.customer) if word)

    @api.depends("calendar_id")
    def _compute_date_from(self):
        for wizard in self:
            today = fields.Date.context_today(wizard)
            wizard.date_from = wizard.calendar_id.date_from or today.replace(month=1, day=1)

    @api.depends("calendar_id", "tariff_id")
    def _compute_edition_ids(self):
        for wizard in self:
            held = wizard.tariff_id.version_ids.calendar_id
            wizard.edition_ids = wizard.calendar_id.edition_ids.filtered("date_from") - held

    # === ACTION METHODS === #
    def action_create(self):
        """Make the tariff with its versions, or add the versions, and open it for the prices to be typed."""
        self._ensure_asked_one()
        versions = self._versions()
        tariff = self.tariff_id
        if tariff:
            tariff.write({"version_ids": [fields.Command.create(values) for values in versions]})
        else:
            tariff = self.env["energy.tariff"].create(self._tariff_values(versions))
        return {
            "type": "ir.actions.act_window",
            "res_model": "energy.tariff",
            "res_id": tariff.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #
    def _tariff_values(self, versions: list[dict]) -> dict:
        if not self.name or not self.energy_type_id:
            raise UserError(self.env._("A new tariff needs a name and an energy type: fill in both."))
        return {
            "name": self.name,
            "energy_type_id": self.energy_type_id.id,
            "kind": "tou",
            "company_id": self.company_id.id,
            "node_id": self.node_id.id,
            "version_ids": [fields.Command.create(values) for values in versions],
        }

    def _versions(self) -> list[dict]:
        """Values of the versions, each from its edition's day on."""
        if not self.date_from:
            raise UserError(
                self.env._(
                    "From which day on does %(calendar)s hold? Fill in Valid From.",
                    calendar=self.calendar_id.display_name,
                )
            )
        versions = [self.calendar_id._version_values(self.date_from)]
        for edition in self.edition_ids - self.calendar_id:
            if not edition.date_from:
                raise UserError(
                    self.env._(
                        "%(calendar)s names no day from which it holds: add it alone, with a day of your own.",
                        calendar=edition.display_name,
                    )
                )
            versions.append(edition._version_values(edition.date_from))
        return versions
