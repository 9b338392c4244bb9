"""What changes the topology tells the balances so."""

from odoo import api, models

# Fields of a node by which balances are made.
TOPOLOGY = {"main_meter_id", "meter_role", "parent_id", "energy_type_id", "company_id"}


class EnergyNode(models.Model):
    _inherit = "energy.node"

    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        self.env["energy.balance"]._mark(nodes.company_id)
        return nodes

    def write(self, vals):
        result = super().write(vals)
        if TOPOLOGY & vals.keys():
            self.env["energy.balance"]._mark(self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["energy.balance"]._mark(companies)
        return result


class EnergyNodeParent(models.Model):
    _inherit = "energy.node.parent"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        self.env["energy.balance"]._mark(rows.company_id)
        return rows

    def write(self, vals):
        result = super().write(vals)
        self.env["energy.balance"]._mark(self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["energy.balance"]._mark(companies)
        return result


class EnergyIndicator(models.Model):
    _inherit = "energy.indicator"

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        self.env["energy.balance"]._mark(indicators.company_id)
        return indicators

    def write(self, vals):
        result = super().write(vals)
        if {"active", "flow", "uom_id", "node_id", "template_id"} & vals.keys():
            self.env["energy.balance"]._mark(self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["energy.balance"]._mark(companies)
        return result
