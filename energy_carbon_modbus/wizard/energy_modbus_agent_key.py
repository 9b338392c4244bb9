"""Shows a new key of an edge agent, once."""

from odoo import fields, models


class EnergyModbusAgentKey(models.AbstractModel):
    """The key and the configuration file it belongs to; nothing of it is stored."""

    _name = "energy.modbus.agent.key"
    _description = "Key of an Edge Agent"

    # The client asks for it when it opens the form.
    id = fields.Id()
    key = fields.Char(readonly=True)
    settings = fields.Text(string="Configuration File", readonly=True)
