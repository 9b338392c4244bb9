"""A mobile number is the login of an Energy user: spelling, uniqueness, logging in over HTTP, passwords without mail."""

import doctest

from odoo.exceptions import AccessDenied, AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import Form, HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools import mobile

NUMBER = "13812345678"
SPELLINGS = (NUMBER, "+8613812345678", "+86 138-1234-5678", "0086 138 1234 5678", "86138 1234 5678", "１３８ １２３４ ５６７８")
PASSWORD = "furnace-4711"
AGENT = {"interactive": True}


class MobileCase(TransactionCase):
    """An administrator, who makes users as in Settings, and who has no role in the Energy application himself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("base.login_cooldown_after", 0)
        cls.administrator = new_test_user(cls.env, "office", "base.group_erp_manager,base.group_partner_manager")
        cls.users = cls.env["res.users"].with_user(cls.administrator)
        cls.clerk = cls.env.ref("energy_carbon.group_clerk")
        cls.employee = cls.env.ref("base.group_user")

    def create_user(self, login, *groups, **values):
        groups = self.env["res.groups"].union(*groups or [self.clerk])
        vals = {"name": "Zhang Wei", "login": login, "group_ids": [Command.set(groups.ids)], "password": PASSWORD}
        return self.users.create({**vals, **values})

    def log_in(self, login, password=PASSWORD):
        credential = {"type": "password", "login": login, "password": password}
        return self.env["res.users"].authenticate(credential, AGENT)["uid"]


@tagged("post_install", "-at_install")
class TestResUsersMobile(MobileCase):
    # === SPELLING === #
    def test_doctests(self):
        self.assertEqual(doctest.testmod(mobile).failed, 0)

    def test_kept_spelling(self):
        for login in SPELLINGS:
            self.assertEqual(mobile.normalized(login), NUMBER, login)
        kept = {"+49 151 12345678": "+4915112345678", "001 (415) 555-2671": "+14155552671", "+852 5123 4567": "+85251234567"}
        self.assertEqual({login: mobile.normalized(login) for login in kept}, kept)

    def test_no_number(self):
        for login in ("12812345678", "1381234567", "138123456789", "+86 512 5555 0100", "+0 151 1234 5678", "4915112345678"):
            self.assertIsNone(mobile.normalized(login), login)
        for login in ("", None, False, 13812345678, "clerk", "13812345678@139.com", "١٣٨١٢٣٤٥٦٧٨", "+12345678901234567"):
            self.assertIsNone(mobile.normalized(login), login)

    # === CREATING === #
    def test_number_becomes_the_login(self):
        user = self.create_user("+86 138-1234-5678")
        self.assertEqual((user.login, user.phone, user.email), (NUMBER, NUMBER, False))
        self.assertEqual(self.create_user("+49 151 1234 5678", phone="0512 5555 0100").phone, "0512 5555 0100")

    def test_on_the_form_of_users(self):
        form = Form(self.users, "base.view_users_form")
        form.name, form.login = "Li Na", "139 8765 4321"
        form.group_ids = self.clerk
        user = form.save()
        self.assertEqual((user.login, user.email, user.notification_type), ("13987654321", False, "inbox"))

    def test_wrong_number_is_refused(self):
        for login in ("138 1234 567", "+86 12345678901", "+49 151"):
            with self.assertRaisesRegex(ValidationError, "is no mobile number"):
                self.create_user(login)
        user = self.create_user(NUMBER)
        with self.assertRaisesRegex(ValidationError, "is no mobile number"):
            user.login = "1381234567"
        user.login = "+8613987654321"
        self.assertEqual(user.login, "13987654321")

    def test_other_logins_stay_as_they_are(self):
        for login in ("zhang.wei", "1001", "20230001", "13812345678@139.com", "A-1-38"):
            self.assertEqual(self.create_user(login).login, login)

    def test_unique_in_any_spelling(self):
        first = self.create_user(NUMBER)
        for login in SPELLINGS:
            with self.assertRaisesRegex(ValidationError, "is the login of another user already"):
                self.create_user(login)
        first.active = False
        with self.assertRaisesRegex(ValidationError, "archived user"):
            self.create_user("+86 138 1234 5678")
        other = self.create_user("13987654321")
        with self.assertRaisesRegex(ValidationError, "belongs to one person"):
            other.login = "86 138 1234 5678"
        other.login = "139 8765 4321"
        self.create_user("13812345678@139.com", email="13812345678@139.com")

    def test_who_has_the_number_without_a_role(self):
        self.create_user("+86 138 1234 5678", self.employee)
        with self.assertRaisesRegex(ValidationError, "is the login of another user already"):
            self.create_user(NUMBER)

    def test_users_without_a_role_are_left_alone(self):
        user = self.create_user("+86 138-1234-5678", self.employee)
        self.assertEqual((user.login, user.phone, user.notification_type), ("+86 138-1234-5678", False, "email"))
        user.login = "138 1234 567"
        self.assertEqual(user.login, "138 1234 567")
        self.assertEqual(self.log_in("138 1234 567"), user.id)
        user.login = "+8613812345678"
        with self.assertRaises(AccessDenied), mute_logger("odoo.addons.base.models.res_users"):
            self.log_in(NUMBER)

    # === ROLE GRANTED LATER === #
    def test_role_granted_later(self):
        user = self.create_user("+86 138-1234-5678", self.employee)
        user.group_ids = [Command.link(self.clerk.id)]
        self.assertEqual((user.login, user.notification_type), (NUMBER, "inbox"))

    def test_role_granted_from_the_group(self):
        user = self.create_user("+86 138-1234-5678", self.employee)
        self.clerk.with_user(self.administrator).user_ids = [Command.link(user.id)]
        self.assertEqual((user.login, user.notification_type), (NUMBER, "inbox"))

    def test_role_is_never_refused_because_of_the_login(self):
        self.create_user(NUMBER)
        for login in ("+86 138 1234 5678", "138 1234 567"):
            user = self.create_user(login, self.employee)
            user.group_ids = [Command.link(self.clerk.id)]
            self.assertEqual(user.login, login)

    def test_only_administrators_make_users(self):
        manager = new_test_user(self.env, "energy_boss", "energy_carbon.group_manager")
        with self.assertRaises(AccessError):
            self.users.with_user(manager).create({"name": "Zhang Wei", "login": NUMBER})

    # === WITHOUT MAIL === #
    def test_nothing_is_mailed_to_who_has_no_address(self):
        before = self.env["mail.mail"].search([])
        user = self.create_user(NUMBER)
        wizard = self.env["change.password.wizard"].with_user(self.administrator)
        wizard = wizard.with_context(active_model="res.users", active_ids=user.ids).create({})
        wizard.user_ids.new_passwd = "crucible-0815"
        wizard.change_password_button()
        self.assertEqual(self.log_in(NUMBER, "crucible-0815"), user.id)
        user.login = "13987654321"
        user.with_user(user).change_password("crucible-0815", "ladle-2209")
        self.assertEqual(self.log_in("+8613987654321", "ladle-2209"), user.id)
        self.plant_with_activity_for(user)
        self.env.flush_all()
        self.assertEqual(self.env["mail.mail"].search([]), before)
        notified = self.env["mail.notification"].search([("res_partner_id", "=", user.partner_id.id)])
        self.assertEqual(set(notified.mapped("notification_type")), {"inbox"})

    def plant_with_activity_for(self, user):
        plant = self.env["energy.node"].create({"name": "Plant", "kind": "unit"})
        user.sudo().energy_node_ids = plant
        plant.activity_schedule("mail.mail_activity_data_todo", user_id=user.id, summary="Walk the meters")

    def test_who_has_no_address_writes_and_gets_things_done(self):
        """Messages and activities go on as for anybody else; a follower who has an address is told."""
        user = self.create_user(NUMBER, self.env.ref("energy_carbon.group_manager"))
        plant = self.env["energy.node"].with_user(user).create({"name": "Plant", "kind": "unit"})
        colleague = new_test_user(self.env, "colleague", "energy_carbon.group_manager", email="colleague@example.com")
        plant.message_subscribe(colleague.partner_id.ids)
        message = plant.message_post(body="The feeder was read", subtype_xmlid="mail.mt_comment")
        self.assertEqual((message.author_id, message.email_from), (user.partner_id, False))
        self.assertEqual(message.notified_partner_ids, colleague.partner_id)
        activity = plant.activity_schedule("mail.mail_activity_data_todo", user_id=colleague.id, summary="Walk the meters")
        activity.action_feedback(feedback="Done")
        self.assertFalse(plant.activity_ids)

    def test_who_has_an_address_is_still_told(self):
        user = self.create_user(NUMBER, email="zhang@example.com")
        self.assertEqual(user.notification_type, "email")
        mails = user._notify_security_setting_update("Subject", "Content")
        self.assertEqual(mails.email_to, '"Zhang Wei" <zhang@example.com>')
        plain = self.create_user("plain", self.employee)
        self.assertEqual(len(plain._notify_security_setting_update("Subject", "Content")), 1)

    def test_reset_by_mail_says_why_not(self):
        user = self.create_user(NUMBER)
        with self.assertRaisesRegex(UserError, "has no email address"):
            user.action_reset_password()


@tagged("post_install", "-at_install")
class TestMobileLogin(MobileCase, HttpCase):
    """Through the login page, as people log in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")

    def post_login(self, login, password=PASSWORD):
        self.authenticate(None, None)
        data = {"login": login, "password": password, "csrf_token": Request.csrf_token(self)}
        return self.url_open("/web/login", data=data, allow_redirects=False)

    def logged_in(self):
        answer = self.url_open("/web/session/get_session_info", json={"params": {}}).json()
        return answer.get("result", {}).get("uid")

    def test_every_spelling_logs_in(self):
        user = self.create_user("138 1234 5678")
        for login in SPELLINGS:
            self.assertEqual(self.post_login(login).status_code, 303, login)
            self.assertEqual(self.logged_in(), user.id, login)

    @mute_logger("odoo.addons.base.models.res_users")
    def test_wrong_password_and_wrong_number(self):
        self.create_user(NUMBER)
        for login, password in ((NUMBER, "wrong"), ("+86 138 1234 5678", "wrong"), ("13812345679", PASSWORD), ("+86", PASSWORD)):
            answer = self.post_login(login, password)
            self.assertEqual(answer.status_code, 200, login)
            self.assertIsNone(self.logged_in(), login)

    def test_the_exact_login_comes_first(self):
        """Who has had a spelling as his login before logs in with it as ever, although another one has the number."""
        before = self.create_user("+86 138 1234 5678", self.employee, name="AA")
        before.flush_recordset()
        self.env.cr.execute("INSERT INTO res_users_log (create_uid, create_date) VALUES (%s, now())", [before.id])
        energy = self.create_user("13987654321")
        self.env.cr.execute("UPDATE res_users SET login = %s WHERE id = %s", [NUMBER, energy.id])
        self.env.invalidate_all()
        for login, user in (("+86 138 1234 5678", before), (NUMBER, energy), ("+8613812345678", energy)):
            self.assertEqual(self.post_login(login).status_code, 303, login)
            self.assertEqual(self.logged_in(), user.id, login)

    def test_other_logins_as_ever(self):
        for login in ("zhang@example.com", "1001"):
            user = self.create_user(login)
            self.assertEqual(self.post_login(login).status_code, 303)
            self.assertEqual(self.logged_in(), user.id)

    def test_the_login_page_speaks_of_numbers_once_there_are_any(self):
        self.env["res.users"].search([("login", "=like", "1%")]).filtered(lambda u: mobile.normalized(u.login)).active = False
        words = "the mobile number you were registered with"
        self.authenticate(None, None)
        self.assertNotIn(words, self.url_open("/web/login").text)
        self.create_user(NUMBER, self.employee)
        self.assertNotIn(words, self.url_open("/web/login").text)
        self.create_user("13987654321")
        self.assertIn(words, self.url_open("/web/login").text)

    def test_own_password_in_preferences(self):
        """The user changes it himself, having given the old one, and stays logged in."""
        user = self.create_user(NUMBER)
        self.authenticate(NUMBER, PASSWORD)
        action = self.call("res.users", "preference_change_password", [user.id])
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.call("res.users.identitycheck", "write", [action["res_id"]], {"password": PASSWORD})
        action = self.call("res.users.identitycheck", "run_check", [action["res_id"]], context={"password": PASSWORD})
        self.assertEqual(action["res_model"], "change.password.own")
        values = {"new_password": "ladle-2209", "confirm_password": "ladle-2209"}
        wizard = self.call("change.password.own", "create", [values])
        self.call("change.password.own", "change_password", wizard)
        self.assertEqual(self.post_login("+86 138 1234 5678", "ladle-2209").status_code, 303)
        self.assertEqual(self.logged_in(), user.id)

    def call(self, model, method, *args, context=None):
        params = {"model": model, "method": method, "args": list(args), "kwargs": {"context": context or {}}}
        answer = self.url_open(f"/web/dataset/call_kw/{model}/{method}", json={"params": params}).json()
        self.assertNotIn("error", answer, answer)
        return answer["result"]
