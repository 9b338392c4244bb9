"""What of a tariff other than its prices decides cost: locked months, and the journal."""

from odoo import models


class EnergyTariffLock(models.Model):
    """Which figures a tariff may price."""

    _inherit = "energy.tariff"

    def _journal_scope(self, first=None, last=None) -> dict:
        """What a change of this tariff restates, as ``energy.restatement._note`` takes it.

        :param first: first day of the change, None: from the beginning; last: last one, None: until further notice
        """
        self.ensure_one()
        if not self.node_id:
            return {"energy_types": self.energy_type_id, "companies": self.company_id}
        return {"indicators": self.node_id.sudo()._sources_between(self.energy_type_id, first, last)}

    def _restate_cost(self, record, first, last=None):
        """Refuse a change that would alter locked cost, else note it.

        :param record: what is changed; first: first day of it, last: last one, None: until further notice
        """
        for tariff in self:
            tariff.env["energy.lock"]._refuse_types(
                record, tariff.energy_type_id, tariff.company_id, first, last, figures=("cost",), node=tariff.node_id
            )
            tariff.env["energy.restatement"]._note(
                "price", record, "", record.display_name, first, last, key=tariff, **tariff._journal_scope(first, last)
            )
