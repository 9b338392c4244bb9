"""Edge agents: keys, expiry, who may set them up, and that Odoo leaves their gateways alone."""

from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ModbusCommon


@tagged("post_install", "-at_install")
class TestAgent(ModbusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.env["energy.modbus.agent"].create({"name": "Plant agent"})

    def test_service_user_has_one_group_and_no_login(self):
        user = self.agent.user_id
        self.assertEqual(user.all_group_ids, self.env.ref("energy_carbon_modbus.group_edge_agent"))
        self.assertEqual(user.company_ids, self.company)
        user.password = "Secret-enough-1"
        for interactive in (True, False):
            with self.assertRaises(AccessDenied):
                user.with_user(user)._check_credentials(
                    {"type": "password", "login": user.login, "password": "Secret-enough-1"},
                    {"interactive": interactive},
                )

    def test_key_is_no_password_of_the_old_apis(self):
        key = self.agent.action_create_key()["context"]["default_key"]
        with self.assertRaises(AccessDenied):
            self.env["res.users"]._check_uid_passwd(self.agent.user_id.id, key)

    def test_key_is_made_by_engineers_and_lasts_a_year(self):
        agent = self.agent.with_user(self.engineer)
        action = agent.action_create_key()
        self.assertEqual(agent.key_by, self.engineer)
        days = self.env.ref("energy_carbon_modbus.group_edge_agent").api_key_duration
        self.assertEqual(days, 365)
        self.assertAlmostEqual(
            agent.key_expiry, fields.Datetime.now() + timedelta(days=days), delta=timedelta(minutes=1)
        )
        self.assertIn("key_file", action["context"]["default_settings"])
        self.assertEqual(agent.state, "waiting")
        keys = self.env["res.users.apikeys"].search([("user_id", "=", agent.user_id.id)])
        self.assertEqual(keys.scope, False)
        self.assertFalse("key" in self.env["energy.modbus.agent"]._fields, "it is kept nowhere")
        for user in (self.viewer, self.clerk_1, self.auditor, self.accountant):
            with self.assertRaises(AccessError):
                self.agent.with_user(user).action_create_key()

    def test_new_key_ends_the_former_one(self):
        former = self.agent.action_create_key()["context"]["default_key"]
        key = self.agent.action_create_key()["context"]["default_key"]
        check = self.env["res.users.apikeys"]._check_credentials
        self.assertEqual(check(scope="rpc", key=key), self.agent.user_id.id)
        self.assertFalse(check(scope="rpc", key=former))

    def test_archived_or_deleted_agent_is_shut_out(self):
        key = self.agent.action_create_key()["context"]["default_key"]
        check = self.env["res.users.apikeys"]._check_credentials
        self.agent.active = False
        self.assertFalse(self.agent.user_id.active)
        self.env.flush_all()
        self.assertFalse(check(scope="rpc", key=key))
        with self.assertRaisesRegex(UserError, "archived"):
            self.agent.action_create_key()
        user = self.agent.user_id
        self.agent.unlink()
        self.assertFalse(self.env["res.users.apikeys"].search([("user_id", "=", user.id)]))

    def test_nobody_gets_a_key_of_another_user(self):
        """An engineer who could choose the service user would get the administrator's key."""
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError):
            self.agent.with_user(self.engineer).user_id = admin
        mine = self.env["energy.modbus.agent"].with_user(self.engineer).create({"name": "Mine", "user_id": admin.id})
        self.assertNotEqual(mine.user_id, admin)

    def test_expiry_is_warned_of_30_days_before(self):
        def warnings():
            return self.agent.activity_ids.filtered(lambda activity: activity.user_id == self.engineer)

        self.agent.with_user(self.engineer).action_create_key()
        self.env["energy.modbus.agent"]._cron_warn_of_expiry()
        self.assertFalse(warnings())
        self.agent.key_expiry = fields.Datetime.now() + timedelta(days=29, hours=23)
        self.env["energy.modbus.agent"]._cron_warn_of_expiry()
        self.env["energy.modbus.agent"]._cron_warn_of_expiry()
        self.assertEqual(len(warnings()), 1, "once, not each day")
        self.assertEqual(warnings().date_deadline, self.agent.key_expiry.date())
        self.agent.with_user(self.engineer).action_create_key()
        self.assertFalse(warnings(), "a new key settles it")

    def test_states(self):
        now = fields.Datetime.now()
        self.assertEqual(self.agent.state, "new")
        self.agent.action_create_key()
        self.assertEqual(self.agent.state, "waiting")
        self.agent.last_contact = now
        self.assertEqual(self.agent.state, "ok")
        self.agent.alarm_detail = {"clock": "it differs"}
        self.assertEqual(self.agent.state, "trouble")
        self.assertIn("time synchronisation", self.agent.alarms)
        self.agent.last_contact = now - timedelta(hours=1)
        self.assertEqual(self.agent.state, "late")
        self.assertIn(self.agent, self.env["energy.modbus.agent"].search([("state", "=", "late")]))
        self.assertNotIn(self.agent, self.env["energy.modbus.agent"].search([("state", "in", ["ok", "new"])]))
        self.agent.key_expiry = now - timedelta(days=1)
        self.assertEqual(self.agent.state, "expired")

    def test_scheduled_action_leaves_an_agents_gateway_alone(self):
        self.gateway.agent_id = self.agent
        self.assertEqual(self.poll(), 0)
        self.assertEqual(self.line.requests, [])
        with self.assertRaisesRegex(UserError, "edge agent"):
            self.gateway.action_poll_now()
        with self.assertRaisesRegex(UserError, "read by the edge agent"):
            self.gateway.action_test_connection()
        self.gateway.action_polling_off()
        self.gateway.action_test_connection()
        self.gateway.action_polling_on()
        self.gateway.agent_id = False
        self.assertEqual(self.poll(), 1)
        self.assertTrue(self.line.requests)

    def test_only_agents_read_faster_than_a_minute(self):
        self.gateway.write({"agent_id": self.agent.id, "interval": 5})
        self.gateway.flush_recordset()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.gateway.agent_id = False
            self.gateway.flush_recordset()

    def test_agent_with_gateways_is_not_deleted(self):
        self.gateway.agent_id = self.agent
        with self.assertRaisesRegex(UserError, "line A"):
            self.agent.unlink()

    def test_walls(self):
        agents = self.env["energy.modbus.agent"]
        self.assertIn(self.agent, agents.with_user(self.engineer).search([]))
        self.assertNotIn(self.agent, agents.with_user(self.viewer).search([]), "no gateway yet: engineers only")
        self.gateway.write({"agent_id": self.agent.id, "node_id": self.workshop_1.id})
        self.assertIn(self.agent, agents.with_user(self.clerk_1).search([]))
        self.assertNotIn(self.agent, agents.with_user(self.clerk_2).search([]))
        other = self._create_company("Other")
        stranger = self.env["energy.modbus.agent"].sudo().create({"name": "Theirs", "company_id": other.id})
        self.assertNotIn(stranger, agents.with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            self.agent.with_user(self.auditor).name = "Changed"
