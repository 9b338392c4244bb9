"""Hours of a period: what the bands of a tariff and of a published calendar have in common."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tou import Band, Period, parse_months
from ..tools.selections import PERIODS


class EnergyTariffBandMixin(models.AbstractModel):
    """Hours of the clock that lie in a period, in some months and on one class of days.

    A band may run across midnight. An overlay lies only where another period would be: sharp hours on the peak, a deep
    valley on the valley.
    """

    _name = "energy.tariff.band.mixin"
    _description = "Time-of-Use Band"

    months = fields.Char(help="Numbers and ranges: 6-8,12 is June to August and December. Empty: all months.")
    day_class = fields.Selection(
        selection="_day_classes",
        string="Days",
        required=True,
        default="all",
        help="Holidays and moved workdays are those of Special Days. A holiday that no band names has the hours of its "
        "weekday.",
    )
    period = fields.Selection(PERIODS, string="Tariff Period", required=True)
    start = fields.Float(required=True, aggregator=None, help="Local time at which the band starts.")
    end = fields.Float(
        required=True, aggregator=None, help="Local time at which it ends; before the start: across midnight."
    )
    overlay = fields.Selection(PERIODS, string="Only On", help="The band lies only where this period would be.")

    @api.model
    def _day_classes(self) -> list[tuple[str, str]]:
        """Days on which a band may hold: the classes of engine.tou, and every holiday of the table."""
        usual = {
            "all": self.env._("All Days"),
            "workday": self.env._("Workday"),
            "weekend": self.env._("Weekend"),
            "holiday": self.env._("Any Holiday"),
            "announced": self.env._("Announced Day"),
        }
        return [*usual.items(), *self.env["energy.holiday"]._labels()]

    # === CONSTRAINT METHODS === #
    @api.constrains("months", "period", "start", "end", "overlay")
    def _check_band(self):
        for band in self:
            band._engine_band()

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        bands._owners()._finish()
        return bands

    def write(self, vals):
        owners = self._owners()
        result = super().write(vals)
        (owners | self._owners())._finish()
        return result

    def unlink(self):
        owners = self._owners()
        result = super().unlink()
        owners._finish()
        return result

    # === BUSINESS METHODS === #
    def _owners(self):
        """Return what the bands belong to: the version of a tariff, or a published calendar."""
        raise NotImplementedError

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
                    tariff=self._owners().display_name,
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
                    tariff=self._owners().display_name,
                )
            ) from None

    def _hours_label(self) -> str:
        """Return e.g. ``Deep Valley 10:00–14:00``."""
        self.ensure_one()
        band, labels = self._engine_band(), dict(self._fields["period"]._description_selection(self.env))
        return f"{labels[self.period]} {clock(band.start_minute)}–{clock(band.end_minute)}"


def clock(minute: int) -> str:
    """Minute of the day as ``HH:MM``; 1440 is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"
