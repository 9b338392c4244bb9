"""P1: an administrator and an Energy manager set up the company, each with his own rights."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, TransactionCase, new_test_user, tagged

NUMBER = "13812345678"
HINT = "o_energy_setup_hint"
VIEW = "energy_carbon.energy_setup_view_form"


class SetupCase(TransactionCase):
    """A company in which nothing is set up; who administrates Odoo, who manages energy, and who does both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Company to Set Up", "country_id": cls.env.ref("base.cn").id})
        cls.office = cls.create_user("office", "base.group_erp_manager,base.group_partner_manager")
        cls.manager = cls.create_user("energy_boss", "energy_carbon.group_manager")
        both = "base.group_erp_manager,base.group_partner_manager,energy_carbon.group_manager"
        cls.owner = cls.create_user("owner", both)
        cls.jiangsu = cls.env.ref("energy_carbon.region_cn_js")

    @classmethod
    def create_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            groups,
            password=login,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            lang="en_US",
        )

    def setup_as(self, user):
        model = self.env["energy.setup"].with_user(user)
        return model.with_context(allowed_company_ids=self.company.ids, lang="en_US")

    def fill_in(self, user):
        form = Form(self.setup_as(user), VIEW)
        form.company_name, form.industry = "Suzhou Castings Co., Ltd.", "Iron and steel castings"
        form.metering_level, form.coal_basis = "3", "equivalent"
        form.timezone, form.start_hour, form.slot_minutes = "Asia/Shanghai", 8, "30"
        form.name, form.mobile = "Wang Fang", "+86 138-1234-5678"
        with form.user_ids.new() as line:
            line.name, line.mobile, line.role, line.password = "Li Na", "139 8765 4321", "accountant", "ladle-2209"
        return form

    def add_plant(self, form, name="Plant A"):
        with form.new_plant_ids.new() as line:
            line.name, line.region_id = name, self.jiangsu

    def plants(self):
        return self.env["energy.node"].search([("company_id", "=", self.company.id), ("parent_id", "=", False)])


@tagged("post_install", "-at_install")
class TestEnergySetup(SetupCase):
    # === WHAT IT WRITES === #
    def test_everything_at_once(self):
        form = self.fill_in(self.owner)
        self.assertEqual(form.mobile, NUMBER)
        self.add_plant(form)
        action = form.save().action_apply()
        self.assertEqual(action["url"], "/odoo/energy-units")
        self.assertRecordValues(
            self.company,
            [
                {
                    "name": "Suzhou Castings Co., Ltd.",
                    "energy_industry": "Iron and steel castings",
                    "energy_metering_level": "3",
                    "energy_coal_basis": "equivalent",
                    "energy_timezone": "Asia/Shanghai",
                    "energy_start_hour": 8,
                    "energy_slot_minutes": "30",
                }
            ],
        )
        self.assertRecordValues(self.owner, [{"name": "Wang Fang", "login": NUMBER, "phone": NUMBER}])
        self.assertRecordValues(self.plants(), [{"name": "Plant A", "unit_type": "plant", "region_id": self.jiangsu.id}])
        self.assertIn(self.plants(), self.owner.energy_node_ids)
        person = self.env["res.users"].search([("login", "=", "13987654321")])
        self.assertRecordValues(person, [{"name": "Li Na", "email": False, "company_id": self.company.id}])
        self.assertTrue(person.has_group("energy_carbon.group_accountant"))
        self.assertFalse(person.has_group("energy_carbon.group_manager"))
        self.assertEqual(person.energy_node_ids, self.plants())
        credential = {"type": "password", "login": "+8613987654321", "password": "ladle-2209"}
        uid = self.env["res.users"].authenticate(credential, {"interactive": True})["uid"]
        self.assertEqual(uid, person.id)

    def test_first_passwords_are_forgotten(self):
        form = self.fill_in(self.owner)
        form.save().action_apply()
        lines = self.env["energy.setup.user"].search([("name", "=", "Li Na")])
        self.assertEqual(lines.mapped("password"), [False])

    def test_currency(self):
        """Prices are in the company's currency; one that is not in use yet is taken into use."""
        yen = self.env.ref("base.JPY")
        yen.active = False
        form = Form(self.setup_as(self.owner), VIEW)
        self.assertEqual(form.currency_id, self.company.currency_id)
        form.currency_id = yen
        form.save().action_apply()
        self.assertEqual(self.company.currency_id, yen)
        self.assertTrue(yen.active)

    def test_opened_again_it_shows_what_there_is(self):
        form = self.fill_in(self.owner)
        self.add_plant(form)
        form.save().action_apply()
        again = Form(self.setup_as(self.owner), VIEW)
        self.assertEqual((again.company_name, again.metering_level, again.start_hour), (self.company.name, "3", 8))
        self.assertEqual((again.name, again.mobile, again.login), ("Wang Fang", NUMBER, NUMBER))
        with again.plant_ids.edit(0) as line:
            self.assertEqual(line.name, "Plant A")
            line.region_id = self.env.ref("energy_carbon.region_cn_g_ec")
        self.add_plant(again, "Plant B")
        again.save().action_apply()
        self.assertEqual(set(self.plants().mapped("name")), {"Plant A", "Plant B"})
        regions = {plant.name: plant.region_id for plant in self.plants()}
        self.assertEqual(regions["Plant A"], self.env.ref("energy_carbon.region_cn_g_ec"))

    def test_login_stays_without_a_number(self):
        form = Form(self.setup_as(self.owner), VIEW)
        form.name = "Wang Fang"
        form.save().action_apply()
        self.assertRecordValues(self.owner, [{"name": "Wang Fang", "login": "owner"}])

    def test_new_plant_begins_with_the_country(self):
        form = Form(self.setup_as(self.manager), VIEW)
        with form.new_plant_ids.new() as line:
            line.name = "Plant"
        form.save().action_apply()
        self.assertEqual(self.plants().region_id, self.env.ref("energy_carbon.region_cn"))

    # === WHAT IT REFUSES === #
    def test_wrong_numbers(self):
        form = self.fill_in(self.owner)
        form.mobile = "138 1234 567"
        with self.assertRaisesRegex(ValidationError, "“138 1234 567” is no mobile number"):
            form.save().action_apply()
        self.assertEqual(self.owner.login, "owner")
        form = self.fill_in(self.owner)
        with form.user_ids.edit(0) as line:
            line.mobile = "+86 138 1234 5678"
        with self.assertRaisesRegex(ValidationError, "13812345678 is the login of another user already"):
            form.save().action_apply()

    def test_blank_names_and_passwords(self):
        for field, words in (("company_name", "name of the company"), ("name", "your name")):
            wizard = self.fill_in(self.owner).save()
            wizard[field] = " "
            with self.assertRaisesRegex(UserError, words):
                wizard.action_apply()
        wizard = self.fill_in(self.owner).save()
        wizard.user_ids.password = False
        with self.assertRaisesRegex(UserError, "first password for Li Na"):
            wizard.action_apply()

    def test_another_company_was_chosen_meanwhile(self):
        wizard = self.fill_in(self.owner).save()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.owner.company_ids = [Command.link(other.id)]
        with self.assertRaisesRegex(UserError, "open it again"):
            wizard.with_context(allowed_company_ids=other.ids).action_apply()

    # === WHO MAY WHAT === #
    def test_administrator_without_a_role(self):
        """Company and people are his; of plants he sees nothing."""
        form = self.fill_in(self.office)
        self.assertNotIn("new_plant_ids", form._view["fields"])
        action = form.save().action_apply()
        self.assertEqual(action["url"], "/odoo")
        self.assertEqual((self.company.name, self.office.login), ("Suzhou Castings Co., Ltd.", NUMBER))
        with self.assertRaises(AccessError):
            self.setup_as(self.office).create({"new_plant_ids": [Command.create({"name": "Plant"})]})

    def test_energy_manager_keeps_plants_only(self):
        form = Form(self.setup_as(self.manager), VIEW)
        self.assertFalse(form.is_administrator)
        self.assertNotIn("user_ids", form._view["fields"])
        self.add_plant(form)
        wizard = form.save()
        wizard.write({"company_name": "Mine", "name": "Boss", "mobile": NUMBER, "metering_level": "3"})
        wizard.action_apply()
        self.assertEqual(self.plants().name, "Plant A")
        self.assertEqual((self.company.name, self.manager.login), ("Company to Set Up", "energy_boss"))
        line = {"name": "Li Na", "mobile": "13987654321", "password": "ladle-2209"}
        for refused in (
            wizard._apply_company,
            wizard._apply_administrator,
            lambda: wizard.write({"user_ids": [Command.create(line)]}),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_others_have_no_setup(self):
        for role in ("viewer", "clerk", "engineer", "accountant", "auditor"):
            user = self.create_user(f"setup_{role}", f"energy_carbon.group_{role}")
            with self.assertRaises(AccessError):
                self.setup_as(user).create({})
            self.assertFalse(self.setup_as(user)._may_set_up())

    def test_ones_own_request(self):
        wizard = self.fill_in(self.owner).save()
        other = self.create_user("other_owner", "base.group_erp_manager,energy_carbon.group_manager")
        with self.assertRaises(AccessError):
            wizard.with_user(other).action_apply()

    def test_plants_of_other_companies_stay_behind_their_wall(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        plant = self.env["energy.node"].create({"name": "Theirs", "kind": "unit", "company_id": other.id})
        line = {"node_id": plant.id, "name": "Mine now"}
        with self.assertRaises(AccessError):
            self.setup_as(self.manager).create({"plant_ids": [Command.create(line)]}).action_apply()
        self.assertEqual(plant.name, "Theirs")

    # === WHERE IT IS OFFERED === #
    def test_empty_screens_lead_to_it(self):
        actions = ("energy_node_action_unit", "energy_indicator_action_entry", "energy_value_month_action")
        for name in actions:
            for user in (self.owner, self.manager):
                self.assertIn('href="/odoo/energy-setup"', self.help_of(name, user))
        clerk = self.create_user("setup_clerk", "energy_carbon.group_clerk")
        self.assertIn("Nothing is set up yet", self.help_of(actions[0], clerk))
        self.assertNotIn("href", self.help_of(actions[0], clerk))
        self.env["energy.node"].create({"name": "Plant", "kind": "unit", "company_id": self.company.id, "active": False})
        for name in actions:
            self.assertNotIn(HINT, self.help_of(name, self.owner))
            self.assertNotIn(HINT, self.help_of(name, clerk))

    def help_of(self, name, user):
        actions = self.env["ir.actions.act_window"].with_user(user)
        actions = actions.with_context(allowed_company_ids=self.company.ids, lang="en_US")
        return actions._for_xml_id(f"energy_carbon.{name}")["help"]

    def test_what_to_try_begins_with_it(self):
        guide = self.env["energy.guide"].with_user(self.manager).with_context(allowed_company_ids=self.company.ids)
        first = guide.steps()[0]
        self.assertEqual((first["key"], first["buttons"][0]["reason"]), ("setup", ""))
        self.assertEqual(guide.open_step("setup", "setup")["res_model"], "energy.setup")
        auditor = self.create_user("setup_auditor", "energy_carbon.group_auditor")
        self.assertTrue(guide.with_user(auditor).steps()[0]["buttons"][0]["reason"].startswith("Only for: Energy manager"))
        self.env["energy.node"].create({"name": "Plant", "kind": "unit", "company_id": self.company.id})
        self.assertNotIn("setup", [step["key"] for step in guide.steps()])


@tagged("post_install", "-at_install")
class TestEnergySetupTour(SetupCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")

    def test_newcomer_sets_up(self):
        """P1, from the empty first screen: asked before leaving, a wrong number refused, still logged in afterwards."""
        self.start_tour("/odoo", "energy_newcomer_sets_up", login="owner", timeout=120)
        self.assertEqual((self.company.name, self.company.energy_metering_level), ("Suzhou Castings", "3"))
        self.assertRecordValues(self.owner, [{"name": "Wang Fang", "login": NUMBER}])
        self.assertRecordValues(self.plants(), [{"name": "Plant A", "region_id": self.jiangsu.id}])
        person = self.env["res.users"].search([("login", "=", "13987654321")])
        self.assertTrue(person.has_group("energy_carbon.group_engineer"))
        self.authenticate("+86 139 8765 4321", "ladle-2209")
        self.assertEqual(self.session.uid, person.id)
