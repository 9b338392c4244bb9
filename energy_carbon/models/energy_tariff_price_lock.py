"""Prices and locked months, and the journal of prices that changed cost of the past."""

from odoo import api, models

DECIDING = {"tariff_id", "date_from", "period", "price", "uom_id"}


class EnergyTariffPriceLock(models.Model):
    """A price that would change locked cost is refused; one that changes cost of the past is noted, built ones, too."""

    _inherit = "energy.tariff.price"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices._note_changes({})
        return prices

    def write(self, vals):
        if not DECIDING & vals.keys():
            return super().write(vals)
        before = {price.id: price._label() for price in self}
        if {"tariff_id", "date_from", "period"} & vals.keys():
            self._note_changes(before)  # the days on which they held, too
        result = super().write(vals)
        self._note_changes(before)
        return result

    def unlink(self):
        before = {price.id: price._label() for price in self}
        self._note_changes(before, gone=True)
        return super().unlink()

    # === LOCKS AND JOURNAL === #
    @api.model
    def _mark_ranges(self, ranges: set[tuple]):
        lock = self.env["energy.lock"]
        for tariff, first, last in ranges:
            lock._refuse_types(
                f"{tariff.name}, {first}",
                tariff.energy_type_id,
                tariff.company_id,
                first,
                last,
                figures=("cost",),
                node=tariff.node_id,
            )
        return super()._mark_ranges(ranges)

    def _note_changes(self, before: dict, gone=False):
        """Note each price for the days on which it holds.

        :param before: labels of the prices as they were, by id
        """
        for price in self:
            label = "" if gone else price._label()
            for tariff, first, last in price._ranges():
                self.env["energy.restatement"]._note(
                    "price", price, before.get(price.id, ""), label, first, last, reason=price.note or None,
                    key=tariff, **tariff._journal_scope(first, last),
                )  # fmt: skip
