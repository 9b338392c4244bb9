"""Gateways that are read by a scheduled action of their own."""

from odoo import api, fields, models

POLL_CRON = "energy_carbon_modbus.ir_cron_energy_modbus_poll"


class EnergyModbusGroup(models.Model):
    """Gateways read together, by a scheduled action of their own, so that several Odoo workers and hosts share the work.

    Set up by Instrument engineers. Gateways without a group are read by the general scheduled action.
    """

    _name = "energy.modbus.group"
    _inherit = ["energy.wall.mixin"]
    _description = "Collection Group"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    gateway_ids = fields.One2many("energy.modbus.gateway", "group_id", string="Gateways")
    gateway_count = fields.Integer(compute="_compute_gateway_count")
    cron_id = fields.Many2one(
        "ir.cron",
        string="Scheduled Action",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    last_poll = fields.Datetime(compute="_compute_last_poll", help="When a gateway of the group was read last.")

    _unique_name = models.UniqueIndex("(company_id, name)", "The company already has a collection group of that name.")

    # === COMPUTE METHODS === #
    @api.depends("gateway_ids")
    def _compute_gateway_count(self):
        for group in self:
            group.gateway_count = len(group.gateway_ids)

    @api.depends("gateway_ids.last_poll")
    def _compute_last_poll(self):
        for group in self:
            group.last_poll = max(filter(None, group.gateway_ids.mapped("last_poll")), default=False)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._make_scheduled_action()
        return groups

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"name", "active"}:
            self._make_scheduled_action()
        return result

    def unlink(self):
        crons = self.sudo().cron_id
        result = super().unlink()
        crons.unlink()
        return result

    # === ACTION METHODS === #
    def action_open_gateways(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_gateway_action")
        return dict(action, domain=[("group_id", "=", self.id)], context={"default_group_id": self.id})

    # === BUSINESS METHODS === #
    def _make_scheduled_action(self):
        """Give each group its scheduled action, of its name and active as the group is."""
        for group in self:
            name = self.env._("Energy: read Modbus gateways of %(group)s", group=group.name)
            if group.sudo().cron_id:
                group.sudo().cron_id.write({"name": name, "active": group.active})
            else:
                group.sudo().cron_id = group._create_scheduled_action(name)

    def _create_scheduled_action(self, name: str):
        general = self.env.ref(POLL_CRON).sudo()
        return general.create(
            {
                "name": name,
                "model_id": general.model_id.id,
                "state": "code",
                "code": f"model._cron_poll({self.id})",
                "user_id": general.user_id.id,
                "interval_number": 1,
                "interval_type": "minutes",
                "priority": general.priority,
                "active": self.active,
            }
        )
