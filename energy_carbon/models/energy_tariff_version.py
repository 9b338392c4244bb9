"""Versions of a time-of-use tariff: which hours lie in which period, from a date on."""

from datetime import timedelta

from odoo import api, fields, models

from ..tools.inner_step import within
from .energy_tariff_periods_mixin import UNFINISHED


class EnergyTariffVersion(models.Model):
    """The periods of the day as one published document states them, until the next version of the tariff.

    Kept by Energy managers and Energy accountants. Every minute of every day has exactly one period.
    """

    _name = "energy.tariff.version"
    _description = "Time-of-Use Periods"
    _inherit = ["energy.wall.mixin", "energy.tariff.dated.mixin", "energy.tariff.periods.mixin"]
    _order = "tariff_id, date_from desc, id"

    tariff_id = fields.Many2one("energy.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True, precompute=True)
    calendar_id = fields.Many2one(
        "energy.tariff.calendar",
        string="Published Calendar",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="Calendar the bands were taken from.",
    )
    band_ids = fields.One2many("energy.tariff.band", "version_id", string="Bands", copy=True)

    _date_unique = models.UniqueIndex(
        "(tariff_id, date_from)", "This tariff already has periods from that day on: change them there."
    )

    # === COMPUTE METHODS === #
    @api.depends("tariff_id.name", "date_from")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.tariff_id.name}, {version.date_from}"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        versions = super(EnergyTariffVersion, within(self, UNFINISHED)).create(vals_list)
        versions = versions.with_env(self.env)
        versions._mark_changed()
        return versions

    def write(self, vals):
        if not {"tariff_id", "date_from", "default_period", "clock", "band_ids"} & vals.keys():
            return super().write(vals)
        self._mark_changed()
        result = super(EnergyTariffVersion, within(self, UNFINISHED)).write(vals)
        self._mark_changed()
        return result

    def unlink(self):
        self._mark_changed()
        return super().unlink()

    # === BUSINESS METHODS === #
    def _twin_text(self, key):
        return self.env._(
            "%(tariff)s already has periods from %(date)s on: change them there, or start these on another day.",
            tariff=self._key_owner(key),
            date=key["date_from"],
        )

    def _bands_changed(self):
        self._mark_changed()

    def _mark_changed(self):
        """Tell the calculation which types are to be computed again, and for which days."""
        for version in self:
            first, last = version._span()
            tariff = version.tariff_id
            self.env["energy.calculation"]._mark_types(tariff.energy_type_id, first, tariff.company_id, last)

    def _span(self) -> tuple:
        """First and last energy day with these periods, None for no last one.

        An energy day that starts at 08:00 ends with hours of the next date, so it may be the day before.
        """
        self.ensure_one()
        later = [one.date_from for one in self.tariff_id.version_ids if one.date_from > self.date_from]
        first = self.date_from - timedelta(days=1 if self.company_id.energy_start_hour else 0)
        return first, min(later) - timedelta(days=1) if later else None

    def _plan_label(self) -> str:
        """From when on, and by which document."""
        since = self.env._("from %(date)s", date=fields.Date.to_string(self.date_from))
        return f"{since} · {self.document}" if self.document else since

    def _flaw_owner(self) -> str:
        return self.env._("%(tariff)s, periods from %(date)s on", tariff=self.tariff_id.name, date=self.date_from)
