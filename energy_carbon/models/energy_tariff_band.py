"""Bands of the day in a time-of-use tariff."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tou import Band, Period, parse_months
from ..tools.selections import PERIODS


class EnergyTariffBand(models.Model):
    """Hours of the local wall clock that lie in a period, in some months and on one class of days.

    A band may run across midnight. An overlay lies only where another period would be: sharp hours on the peak, a deep
    valley on the valley.
    """

    _name = "energy.tariff.band"
    _description = "Time-of-Use Band"
    _order = "version_id, overlay desc, months, day_class, start, id"

    version_id = fields.Many2one("energy.tariff.version", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="version_id.company_id", store=True, index=True, precompute=True)
    months = fields.Char(help="Numbers and ranges: 6-8,12 is June to August and December. Empty: all months.")
    day_class = fields.Selection(
        [("all", "All Days"), ("workday", "Monday to Friday"), ("weekend", "Saturday and Sunday")],
        string="Days",
        required=True,
        default="all",
    )
    period = fields.Selection(PERIODS, required=True)
    start = fields.Float(required=True, aggregator=None, help="Local time at which the band starts.")
    end = fields.Float(
        required=True, aggregator=None, help="Local time at which it ends; before the start: across midnight."
    )
    overlay = fields.Selection(PERIODS, string="Only On", help="The band lies only where this period would be.")

    # === CONSTRAINT METHODS === #
    @api.constrains("months", "period", "start", "end", "overlay")
    def _check_band(self):
        for band in self:
            band._engine_band()

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        bands.version_id._finish()
        return bands

    def write(self, vals):
        versions = self.version_id
        result = super().write(vals)
        (versions | self.version_id)._finish()
        return result

    def unlink(self):
        versions = self.version_id
        result = super().unlink()
        versions._finish()
        return result

    # === BUSINESS METHODS === #
    def _engine_band(self) -> Band:
        """The band as the engine sees it.

        :raises ValidationError: months or hours are none
        """
        self.ensure_one()
        try:
            months = parse_months(self.months)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "%(tariff)s: “%(part)s” is no month. Write months as numbers and ranges, such as 6-8,12.",
                    tariff=self.version_id.display_name,
                    part=error.args[0],
                )
            ) from None
        overlay = Period[self.overlay.upper()] if self.overlay else None
        try:
            return Band(
                months,
                self.day_class or "all",
                Period[(self.period or "flat").upper()],
                round(self.start * 60),
                round(self.end * 60),
                overlay,
            )
        except ValueError:
            raise ValidationError(
                self.env._(
                    "%(tariff)s: a band lies between 00:00 and 24:00 and does not end where it starts.",
                    tariff=self.version_id.display_name,
                )
            ) from None
