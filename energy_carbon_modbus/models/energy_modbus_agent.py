"""An edge agent: the master record, its service user and its key. What it calls is in energy_modbus_agent_api.py."""

from __future__ import annotations

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

AGENT_GROUP = "energy_carbon_modbus.group_edge_agent"
# All that the key of an agent opens.
AGENT_METHODS = ("fetch_configuration", "append_readings")
AGENT_STATES = [
    ("new", "No Key Yet"),
    ("waiting", "Never Connected"),
    ("ok", "Connected"),
    ("trouble", "Trouble"),
    ("late", "No Contact"),
    ("expired", "Key Expired"),
]
LATE_AFTER = timedelta(minutes=15)
WARN_BEFORE = timedelta(days=30)


class EnergyModbusAgent(models.Model):
    """A program beside the meters that reads gateways Odoo cannot reach, and pushes their readings.

    Set up by Instrument engineers; contact, spool and alarms are written by what the agent reports.
    """

    _name = "energy.modbus.agent"
    _description = "Edge Agent"
    _inherit = ["energy.wall.mixin", "mail.thread", "mail.activity.mixin", "energy.archive.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )
    location = fields.Char(help="Where the computer stands that the agent runs on.")
    note = fields.Html()
    user_id = fields.Many2one(
        "res.users",
        string="Service User",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The user in whose name the agent appends readings. Nobody can log in with it.",
    )
    gateway_ids = fields.One2many("energy.modbus.gateway", "agent_id", string="Gateways", check_company=True)
    gateway_count = fields.Integer(compute="_compute_gateway_count")

    key_expiry = fields.Datetime(string="Key Expires On", readonly=True, copy=False, tracking=True)
    key_by = fields.Many2one("res.users", string="Key Made By", readonly=True, copy=False)
    version = fields.Char(readonly=True, copy=False, help="Version of the agent program.")
    last_contact = fields.Datetime(readonly=True, copy=False)
    last_push = fields.Datetime(readonly=True, copy=False, help="When readings of the agent arrived last.")
    spool_readings = fields.Integer(
        string="Readings Waiting", readonly=True, copy=False, help="Readings on the agent's disk, at its last contact."
    )
    spool_share = fields.Float(
        string="Spool Used", readonly=True, copy=False, aggregator=None, help="Share of the room for waiting readings."
    )
    spool_oldest = fields.Datetime(string="Oldest Waiting", readonly=True, copy=False)
    dead_letters = fields.Integer(
        string="Refused Readings",
        readonly=True,
        copy=False,
        help="Readings this database refused; the agent keeps them with the reason: energy-agent --dead-letters.",
    )
    alarm_detail = fields.Json(readonly=True, copy=False)
    alarms = fields.Text(compute="_compute_alarms")
    # Figures of each gateway since its last line in the poll journal.
    push_counts = fields.Json(readonly=True, copy=False, groups="energy_carbon.group_engineer")
    state = fields.Selection(AGENT_STATES, compute="_compute_state", search="_search_state")

    _unique_name = models.UniqueIndex("(company_id, name)", "The company already has an edge agent of that name.")
    _unique_user = models.UniqueIndex("(user_id)", "Each edge agent has a service user of its own.")

    # === COMPUTE METHODS === #
    @api.depends("gateway_ids")
    def _compute_gateway_count(self):
        for agent in self:
            agent.gateway_count = len(agent.gateway_ids)

    @api.depends("key_expiry", "last_contact", "alarm_detail", "dead_letters")
    def _compute_state(self):
        now = fields.Datetime.now()
        for agent in self:
            agent.state = agent._judge(now)

    def _judge(self, now) -> str:
        self.ensure_one()
        if not self.key_expiry:
            return "new"
        if self.key_expiry <= now:
            return "expired"
        if not self.last_contact:
            return "waiting"
        if self.last_contact < now - LATE_AFTER:
            return "late"
        return "trouble" if self.alarm_detail or self.dead_letters else "ok"

    def _search_state(self, operator, value):
        if operator not in ("in", "="):
            return NotImplemented
        values = {value} if operator == "=" else set(value)
        now = fields.Datetime.now()
        agents = self.sudo().with_context(active_test=False).search([("company_id", "!=", False)])
        return [("id", "in", [agent.id for agent in agents if agent._judge(now) in values])]

    @api.depends("alarm_detail")
    @api.depends_context("lang")
    def _compute_alarms(self):
        texts = self._alarm_texts()
        for agent in self:
            alarms = agent.alarm_detail or {}
            agent.alarms = "\n".join(f"{texts.get(word, word)} ({detail})" for word, detail in alarms.items())

    def _alarm_texts(self) -> dict[str, str]:
        return {
            "full": self.env._("The agent's spool is full: the meters are not asked until readings could be pushed."),
            "disk": self.env._("The agent cannot write readings to its disk: the meters are not asked until it can."),
            "clock": self.env._("The clock of the agent's computer is wrong: switch time synchronisation on there."),
            "damaged": self.env._("The agent's spool was damaged and set aside; a new one was begun."),
            "newer": self.env._("The agent does not know something it is asked to do: update the agent."),
            "mistake": self.env._(
                "The agent could not ask a gateway because of a mistake in its program: see its log."
            ),
            "configuration": self.env._("What the agent reported was not understood."),
        }

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        # Whose key the agent holds is nobody's choice: a key of another user would open all that this user may.
        agents = super().create([{name: vals[name] for name in vals if name != "user_id"} for vals in vals_list])
        for agent in agents.sudo():
            agent.user_id = agent._create_service_user()
        return agents

    def write(self, vals):
        if "user_id" in vals and not self.env.su:
            raise AccessError(self.env._("The service user of an edge agent is made with it and never changes."))
        result = super().write(vals)
        users = self.sudo().user_id.with_context(active_test=False)
        if "active" in vals:
            users.write({"active": vals["active"]})
        if "name" in vals:
            for agent in self.sudo():
                agent.user_id.name = agent.name
        if "company_id" in vals:
            for agent in self.sudo():
                agent.user_id.write(
                    {"company_ids": [Command.set(agent.company_id.ids)], "company_id": agent.company_id.id}
                )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_gateways(self):
        for agent in self.with_context(active_test=False):
            if agent.gateway_ids:
                raise UserError(
                    self.env._(
                        "%(agent)s reads gateways (%(gateways)s). Have Odoo or another agent read them first, or archive "
                        "the agent.",
                        agent=agent.name,
                        gateways=", ".join(agent.gateway_ids[:5].mapped("name")),
                    )
                )

    def unlink(self):
        # The user may have written messages, so it stays, without its key and unable to do anything.
        users = self.sudo().user_id
        result = super().unlink()
        users._remove_agent_keys()
        users.active = False
        return result

    # === ACTION METHODS === #
    def action_create_key(self):
        """Make a new key and show it once; a former one ends."""
        self._ensure_asked_one()
        self.check_access("write")
        if not self.active:
            raise UserError(self.env._("%(agent)s is archived: restore it first.", agent=self.name))
        user = self.sudo().user_id
        user._remove_agent_keys()
        days = self.env.ref(AGENT_GROUP).sudo().api_key_duration
        expiry = fields.Datetime.now() + timedelta(days=days)
        # As the service user, so that the group's longest duration binds.
        key = self.env["res.users.apikeys"].with_user(user)._generate(None, self.name, expiry)
        self.write({"key_expiry": expiry, "key_by": self.env.uid})
        self.activity_unlink(["mail.mail_activity_data_warning"])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Key of %(agent)s", agent=self.name),
            "res_model": "energy.modbus.agent.key",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": key, "default_settings": self._settings_text()},
        }

    def action_open_gateways(self):
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon_modbus.energy_modbus_gateway_action")
        return dict(action, domain=[("agent_id", "=", self.id)], context={"default_agent_id": self.id})

    # === BUSINESS METHODS === #
    @api.model
    def _cron_warn_of_expiry(self):
        """Put keys that end within 30 days before whoever made them. Called once a day."""
        agents = self.search([("key_expiry", "!=", False), ("key_expiry", "<", fields.Datetime.now() + WARN_BEFORE)])
        for agent in agents:
            if not agent.activity_search(["mail.mail_activity_data_warning"]):
                agent._warn_of_expiry()

    def _warn_of_expiry(self):
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=self.key_expiry.date(),
            summary=self.env._("The key of this edge agent expires"),
            note=self.env._(
                "Make a new key with Create Agent Key and put it into the agent's key file. Until then the agent keeps its "
                "readings on its disk."
            ),
            user_id=(self.key_by if self.key_by.active else self.create_uid).id,
        )

    def _settings_text(self) -> str:
        """The agent's configuration file, ready to be copied."""
        url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        lines = [
            f'url = "{url}"',
            f'database = "{self.env.cr.dbname}"',
            'key_file = "/etc/energy-agent/key"',
            'spool = "/var/lib/energy-agent/spool.db"',
        ]
        return "\n".join(lines)

    def _create_service_user(self):
        self.ensure_one()
        return (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True, mail_create_nosubscribe=True)
            .create(
                {
                    "name": self.name,
                    "login": f"edge-agent-{self.id}-{self.env['energy.modbus.gateway']._database_uuid()[:8]}",
                    "company_id": self.company_id.id,
                    "company_ids": [Command.set(self.company_id.ids)],
                    "group_ids": [Command.set(self.env.ref(AGENT_GROUP).ids)],
                }
            )
        )
