"""The monthly bill of a tariff's account: energy, tiers, basic charge, power factor, VAT."""

import math
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calculation.bill_amounts import Bill, BillAmounts
from ..engine.bills import adjustment_percent, power_factor, rounded_power_factor
from ..engine.tiers import counting_bounds, counting_keys
from ..tools.uom import uom_factor
from .energy_power_factor_adjustment import STANDARDS


class EnergyTariffBill(models.Model):
    """What the supplier will charge for a month, to be laid beside the bill that comes."""

    _inherit = "energy.tariff"

    charge_ids = fields.One2many("energy.tariff.charge", "tariff_id", string="Basic Charges", copy=True)
    power_factor_standard = fields.Selection(
        STANDARDS,
        string="Power Factor to Keep",
        tracking=True,
        help="The bill rises below and falls above it, by the table of power factor adjustments. Empty: no adjustment.",
    )
    reactive_indicator_id = fields.Many2one(
        "energy.indicator",
        string="Reactive Energy",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id), ('kind', 'in', ('counter', 'amount'))]",
        help="Reactive energy at the billing meter; the power factor of a month comes from the two energies.",
    )

    # === CONSTRAINT METHODS === #
    @api.constrains("power_factor_standard", "reactive_indicator_id")
    def _check_power_factor(self):
        for tariff in self:
            if tariff.power_factor_standard and not tariff.reactive_indicator_id:
                raise ValidationError(
                    self.env._(
                        "%(tariff)s: to adjust the bill by the power factor, choose the reactive energy.",
                        tariff=tariff.name,
                    )
                )

    # === ACTION METHODS === #
    def action_month_bill(self):
        """Open the bill of the last month that is over."""
        self._ensure_asked_one()
        self._check_bill()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Monthly Bill"),
            "res_model": "energy.tariff.month.bill",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tariff_id": self.id},
        }

    def _check_bill(self):
        """The reader may see the tariff and every meter of the bill, and there is a meter to bill."""
        self.check_access("read")
        (self.account_indicator_id | self.reactive_indicator_id | self.charge_ids.indicator_id).check_access("read")
        if not self.account_indicator_id:
            raise UserError(
                self.env._("%(tariff)s has no billing meter: choose it under Account first.", tariff=self.name)
            )

    # === BUSINESS METHODS === #
    def _bill_days(self, month: date) -> tuple[date, date]:
        """First and last day that the bill of a month counts."""
        first = month.replace(day=1).toordinal()
        key = int(counting_keys([first], False)[0])
        begin, end = counting_bounds(key, False, self.closing_day)
        return date.fromordinal(begin), date.fromordinal(end)

    def _month_bill(self, month: date) -> dict:
        """Compute the bill of a month, net of VAT, from slots between 00:00 of its first and 24:00 of its last day.

        :param month: any day of it
        :return: {"first", "last", "lines": [{"section", "label", "amount", "unit", "price", "cost"}], "energy", "basic",
            "funds", "cos_phi", "percent", "adjustment", "net", "vat", "gross", "notes"}; figures of which a part has no price
            or is not measured are None
        :raises UserError: the tariff has no billing meter
        """
        self.ensure_one()
        self._check_bill()
        first, last = self._bill_days(month)
        self.env.flush_all()
        indicator = self.account_indicator_id
        amounts = Bill(self.env, indicator, first, last).amounts(self.id)
        lines = self._energy_lines(amounts, indicator.uom_id) + self._charge_lines(first, last)
        bill = {"first": first, "last": last, "lines": lines, "notes": self._bill_notes(amounts, lines)}
        bill["energy"] = _total([line["cost"] for line in lines if line["section"] in ("energy", "tier")])
        bill["basic"] = _total([line["cost"] for line in lines if line["section"] == "basic"])
        bill["funds"] = self._funds(amounts, indicator.uom_id)
        if not amounts.energy:
            bill["energy"] = None
        self._adjust(bill)
        bill["net"] = _total([bill["energy"], bill["basic"], bill["adjustment"]])
        bill["vat"] = None if bill["net"] is None else bill["net"] * self.vat_rate / 100
        bill["gross"] = _total([bill["net"], bill["vat"]])
        return bill

    def _energy_lines(self, amounts: BillAmounts, uom) -> list[dict]:
        labels = dict(self.env["energy.tariff.price"]._fields["period"]._description_selection(self.env))
        found = [
            _line("energy", labels.get(one.period) or self.env._("Without period"), one, uom)
            for one in sorted(
                amounts.energy, key=lambda one: (list(labels).index(one.period) if one.period else 9, one.price_id)
            )
        ]
        if self.kind == "flat":
            for line in found:
                line["label"] = self.env._("Energy")
        for one in amounts.tiers:
            tier = self.env["energy.tariff.tier"].browse(one.price_id)
            label = self.env._("Above %(volume)s %(unit)s", volume=f"{tier.above:,.12g}", unit=tier.uom_id.name)
            found.append(_line("tier", label, one, uom))
        return found

    def _charge_lines(self, first: date, last: date) -> list[dict]:
        """Basic charges that hold at the end of the bill's month."""
        units = {"capacity": "kVA", "demand": "kW", "fixed": ""}
        found = []
        rows = self.charge_ids.filtered(lambda row: row.date_from <= last).sorted("date_from")
        for charge in {row.kind: row for row in rows}.values():
            quantity, price = charge._quantity(first, last), charge.price * self._net_share()
            found.append(
                {
                    "section": "basic",
                    "label": charge._kind_label(),
                    "amount": quantity,
                    "unit": units[charge.kind],
                    "price": price,
                    "cost": None if quantity is None else quantity * price,
                }
            )
        return found

    def _funds(self, amounts: BillAmounts, uom) -> float:
        """Government funds within the energy charge: they are no base of the power factor adjustment."""
        funds = set(self.component_ids.filtered(lambda one: one.kind == "funds").ids)
        per_unit = sum(
            part["price"] * line.amount for line in amounts.energy for part in line.parts if part["component"] in funds
        )
        return per_unit * self._net_share() * uom_factor(uom, self.energy_type_id.uom_id) if per_unit else 0.0

    def _adjust(self, bill: dict):
        """Power factor of the month's energies, and what it adds to basic + energy - funds."""
        bill.update(cos_phi=None, percent=None, adjustment=0.0)
        if not self.power_factor_standard:
            return
        bill["adjustment"] = None
        active, reactive = (
            Bill(self.env, one, bill["first"], bill["last"]).total()
            for one in (self.account_indicator_id, self.reactive_indicator_id)
        )
        value = power_factor(active, reactive) if active is not None and reactive is not None else None
        if value is None:
            bill["notes"].append(self.env._("The power factor is not known: active or reactive energy is missing."))
            return
        rounded = rounded_power_factor(value)
        table = self.env["energy.power.factor.adjustment"]._percent_by_factor(self.power_factor_standard)
        bill.update(cos_phi=float(rounded), percent=adjustment_percent(rounded, table))
        base = _total([bill["basic"], bill["energy"], -bill["funds"]])
        bill["adjustment"] = None if base is None else base * bill["percent"] / 100

    def _bill_notes(self, amounts: BillAmounts, lines: list[dict]) -> list[str]:
        notes = []
        if amounts.known_hours < amounts.hours:
            notes.append(
                self.env._(
                    "%(known)s of %(hours)s hours are known.",
                    known=f"{amounts.known_hours:g}",
                    hours=f"{amounts.hours:g}",
                )
            )
        if amounts.estimated:
            notes.append(
                self.env._(
                    "Of %(hours)s hours only the day's total is known: they have the price without a period.",
                    hours=f"{amounts.estimated:g}",
                )
            )
        for line in lines:
            if line["cost"] is None:
                notes.append(self.env._("%(line)s has no price or no figure: there is no total.", line=line["label"]))
        return notes


def _total(costs: list) -> float | None:
    """Sum, None when a part is not known."""
    return None if any(cost is None for cost in costs) else float(sum(costs))


def _line(section: str, label: str, one, uom) -> dict:
    known = not math.isnan(one.price)
    return {
        "section": section,
        "label": label,
        "amount": one.amount,
        "unit": uom.name,
        "price": one.price if known else None,
        "cost": one.amount * one.price if known else None,
    }
