"""An edge agent with its key over the line of ``common.py``, and calls of the JSON-2 API as it makes them."""

import json

from odoo.tests import HttpCase

from .common import ModbusCommon


class AgentCommon(ModbusCommon, HttpCase):
    """``agent`` reads ``gateway``; ``other_gateway`` with ``meter_2`` is read by Odoo itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_gateway = cls._create_gateway("line B", 1502)
        cls.meter_2.modbus_gateway_id = cls.other_gateway
        cls.agent = cls.env["energy.modbus.agent"].create({"name": "Plant agent"})
        cls.gateway.agent_id = cls.agent
        cls.agent.action_create_key()
        cls.uuid = cls.env["ir.config_parameter"].get_param("database.uuid")

    def setUp(self):
        super().setUp()
        self.key = self.new_key()

    def new_key(self, agent=None) -> str:
        return (agent or self.agent).action_create_key()["context"]["default_key"]

    def call(self, model: str, method: str, api_key: str | None = None, **parameters):
        """(status, answer) of a call with the agent's key."""
        headers = {"Authorization": f"Bearer {api_key or self.key}", "Content-Type": "application/json"}
        response = self.url_open(f"/json/2/{model}/{method}", data=json.dumps(parameters), headers=headers)
        return response.status_code, response.json()

    def append(self, rows, **parameters):
        return self.call("energy.modbus.agent", "append_readings", rows=rows, **{"database": self.uuid, **parameters})

    def fetch(self, **parameters):
        return self.call("energy.modbus.agent", "fetch_configuration", **parameters)
