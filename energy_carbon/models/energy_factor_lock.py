"""Factors and locked months, and the journal of factors that changed figures of the past."""

from odoo import api, models

from .energy_factor import CALCULATION_FIELDS

# A life-cycle figure is shown beside a product and multiplies nothing that a month adds up.
IDLE_BASES = ("footprint",)


class EnergyFactorLock(models.Model):
    """A factor that would change locked quantities is refused; one that changes figures of the past is noted."""

    _inherit = "energy.factor"

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        factors = super().create(vals_list)
        for factor in factors:
            factor._note_change("", factor._journal_text())
        return factors

    def write(self, vals):
        if not CALCULATION_FIELDS & vals.keys():
            return super().write(vals)
        before = {factor.id: factor._journal_text() for factor in self}
        for factor in self:
            factor._note_change(before[factor.id], "")
        result = super().write(vals)
        for factor in self:
            factor._note_change(before[factor.id], factor._journal_text())
        return result

    def unlink(self):
        for factor in self:
            factor._note_change(factor._journal_text(), "")
        return super().unlink()

    # === LOCKS AND JOURNAL === #
    def _mark_changed(self):
        lock = self.env["energy.lock"]
        if lock._any():
            for factor in self:
                # Units converted by it decide cost as well.
                figures = ("quantity", "cost") if factor.kind == "physical" else ("quantity",)
                lock._refuse_rows(factor, factor._source_days(), figures)
        return super()._mark_changed()

    def _source_days(self) -> list[tuple]:
        """Sources that this factor may serve, each for the days: (indicator id, first day, last day or None)."""
        self.ensure_one()
        if self.basis in IDLE_BASES:
            return []
        days = self.date_from, self.date_to or None
        if self.node_id:
            return self.node_id.sudo()._source_days(self.energy_type_id, *days)
        return [(source, *days) for source in self._sources().ids]

    def _sources(self):
        """Sources of its type in its company or region."""
        domain = [("energy_type_id", "=", self.energy_type_id.id), ("source", "!=", "computed")]
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        sources = self.env["energy.indicator"].sudo().with_context(active_test=False).search(domain)
        if not self.region_id:
            return sources
        nodes = {node.id for node in sources.node_id if self.region_id in self._regions_of(node)}
        return sources.filtered(lambda one: one.node_id.id in nodes)

    @api.model
    def _regions_of(self, node):
        """Regions of the nearest unit that states one, from the province up to the country."""
        path = self.env["energy.node"].sudo().browse(int(part) for part in (node.parent_path or "").split("/") if part)
        region = next((one.region_id for one in reversed(path) if one.region_id), path.region_id)
        regions = region
        while region.parent_id and region.parent_id not in regions:
            region = region.parent_id
            regions |= region
        return regions

    def _journal_text(self) -> str:
        return f"{self.value:.12g} {self.value_unit}, {self.date_from}"

    def _note_change(self, old: str, new: str):
        if days := self._source_days():
            sources = self.env["energy.indicator"].sudo().browse({row[0] for row in days})
            self.env["energy.restatement"]._note(
                "factor", self, old, new, self.date_from, self.date_to or None, indicators=sources
            )
