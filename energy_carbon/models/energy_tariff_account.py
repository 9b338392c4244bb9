"""The supply account behind a tariff: its meter, its month, and tiers that count its volume."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.inner_step import is_within
from .energy_tariff_build import UNFINISHED

# What decides how tiers count.
COUNTING = {"tier_counting", "closing_day", "account_indicator_id"}


class EnergyTariffAccount(models.Model):
    """A tariff is also the account at the supplier: a billing meter, a closing day, volumes that count for tiers."""

    _inherit = "energy.tariff"

    closing_day = fields.Integer(
        tracking=True,
        help="Last day of the month that the bill counts, 1 to 28. 0: the calendar month. A bill runs from 00:00 to 24:00, "
        "whenever the energy day of the company starts.",
    )
    account_indicator_id = fields.Many2one(
        "energy.indicator",
        string="Billing Meter",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('energy_type_id', '=', energy_type_id), ('source', '!=', 'computed'), ('kind', 'in', ('counter', 'amount'))]",
        help="What the supplier bills: the monthly bill is computed of it, and the volume of tiers. Empty: each meter's own "
        "volume counts for itself.",
    )
    tier_counting = fields.Selection(
        [("month", "Month"), ("year", "Year")],
        string="Volume Counts By",
        required=True,
        default="month",
        tracking=True,
    )
    tier_ids = fields.One2many("energy.tariff.tier", "tariff_id", string="Tiers", copy=True)

    # === CONSTRAINT METHODS === #
    @api.constrains("closing_day")
    def _check_closing_day(self):
        for tariff in self:
            if not 0 <= tariff.closing_day <= 28:
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: a bill closes on day 1 to 28, or with the calendar month (0), not on day %(day)s.",
                        tariff=tariff.name,
                        day=tariff.closing_day,
                    )
                )

    @api.constrains("account_indicator_id", "energy_type_id")
    def _check_account(self):
        """Only what is read or typed can count: a computed total is not there yet when the cost of its sources is."""
        for tariff in self:
            meter = tariff.account_indicator_id
            if meter and (meter.source == "computed" or meter.energy_type_id != tariff.energy_type_id):
                raise ValidationError(
                    self.env._(
                        "%(indicator)s cannot be the billing meter of %(tariff)s: choose a collected or entered amount of "
                        "%(type)s.",
                        indicator=meter.sudo().display_name,
                        tariff=tariff.name,
                        type=tariff.energy_type_id.name,
                    )
                )

    @api.constrains("kind", "tier_ids")
    def _check_tiers(self):
        """Volumes rise from tier to tier; a price that replaces all prices of the day needs a flat tariff."""
        for tariff in self:
            for date_from, tiers in tariff.tier_ids.sorted(lambda t: (t.sequence, t.id)).grouped("date_from").items():
                tariff._check_tier_set(date_from, tiers)

    def _check_tier_set(self, date_from, tiers):
        for lower, upper in zip(tiers[:-1], tiers[1:], strict=True):
            if upper._volume() <= lower._volume():
                raise ValidationError(
                    self.env._(
                        "%(tariff)s, tiers from %(date)s on: %(upper)s follows %(lower)s, but the volumes of tiers must rise.",
                        tariff=self.name,
                        date=date_from,
                        lower=f"{lower.above:g} {lower.uom_id.name}",
                        upper=f"{upper.above:g} {upper.uom_id.name}",
                    )
                )
        priced = tiers.filtered(lambda t: t.kind == "price")
        if priced and self.kind == "tou":
            raise ValidationError(
                self.env._(
                    "%(tariff)s has prices by period: what lies above %(volume)s %(unit)s can only carry a surcharge.",
                    tariff=self.name,
                    volume=f"{priced[0].above:g}",
                    unit=priced[0].uom_id.name,
                )
            )

    # === CRUD METHODS === #
    def write(self, vals):
        tiered = self.filtered("tier_ids")
        result = super().write(vals)
        if COUNTING & vals.keys() or "tier_ids" in vals:
            (tiered | self.filtered("tier_ids"))._finish_tiers()
        return result

    # === BUSINESS METHODS === #
    def _finish_tiers(self, first=None):
        """Check the set of tiers and tell the calculation from which day on cost changes, once all are written.

        :param first: first day on which a tier changed; None: all tiers
        """
        if is_within(self.env, UNFINISHED):
            return
        tariffs = self.exists()
        tariffs._check_tiers()
        for tariff in tariffs:
            begin = first or min(tariff.tier_ids.mapped("date_from"), default=None)
            if begin:
                tariff._mark_tiers(begin)

    def _mark_tiers(self, begin):
        """Refuse a change of locked cost, note one of past cost, and have it computed."""
        self.ensure_one()
        self.env["energy.lock"]._refuse_types(
            self.env._("%(tariff)s, tiers from %(date)s on", tariff=self.name, date=begin),
            self.energy_type_id,
            self.company_id,
            begin,
            figures=("cost",),
            node=self.node_id,
        )
        tiers = ", ".join(self.tier_ids.sorted("date_from").mapped("display_name"))
        self.env["energy.restatement"]._note("price", self, "", tiers, begin, key=self, **self._journal_scope(begin))
        # An energy day that starts at 08:00 ends with hours of the first date.
        day = begin - timedelta(days=1) if self.company_id.energy_start_hour else begin
        self.env["energy.calculation"]._mark_types(self.energy_type_id, day, self.company_id)
