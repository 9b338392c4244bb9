"""What links name, whatever they lead to: the wall around every model of the product."""

from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import EnergyCommon

HIDDEN = "other units"
DAY = date(2026, 7, 15)


@tagged("post_install", "-at_install")
class TestEnergyWallMixin(EnergyCommon):
    """A clerk of workshop 2, an engineer without prices and a manager of another company guess ids."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = {
            code: cls.env["energy.indicator.template"].search([("code", "=", code)])
            for code in ("EL.FWD", "EL.CONS", "EL.COST", "WT.VOL")
        }
        cls.counter_1, cls.counter_2 = (cls._add_indicator(meter, "EL.FWD") for meter in (cls.meter_1, cls.meter_2))
        cls.total_2 = cls._add_indicator(cls.workshop_2, "EL.CONS")
        cls.total_2.whole_company = True
        cls.term = cls.env["energy.indicator.term"].create(
            {"indicator_id": cls.total_2.id, "source_id": cls.counter_1.id}
        )
        cls.cost = cls._add_indicator(cls.plant, "EL.COST")
        cls.tariff = cls.env["energy.tariff"].create(
            {"name": "Secret tariff", "energy_type_id": cls.el.id, "company_id": cls.company.id}
        )
        cls.foreign = cls._create_company("Foreign Castings")
        cls.env.user.company_ids += cls.foreign
        cls.foreign_plant = (
            cls.env["energy.node"]
            .with_context(allowed_company_ids=[cls.foreign.id, cls.company.id])
            .create({"name": "Foreign plant", "kind": "unit", "unit_type": "plant", "company_id": cls.foreign.id})
        )
        cls.stranger = cls._create_user("energy_stranger", "energy_carbon.group_manager")
        cls.stranger.write(
            {
                "company_ids": [Command.set(cls.foreign.ids)],
                "company_id": cls.foreign.id,
                "energy_node_ids": [Command.set(cls.foreign_plant.ids)],
            }
        )

    @classmethod
    def _add_indicator(cls, node, code):
        return cls.env["energy.indicator"].create({"node_id": node.id, "template_id": cls.templates[code].id})

    def _as(self, user, model):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def refuse_twin(self, user, model, values):
        """Have the database refuse what is there already, and return what the user is told (see Odoo's `retrying`)."""
        with self.assertRaises(UniqueViolation) as raised, mute_logger("odoo.sql_db"):
            self.env[model].with_user(user).create(values).flush_recordset()
        return self.env[model].with_user(user)._sql_error_to_message(raised.exception)

    # === NAMES === #
    def test_every_model_is_within_walls(self):
        models = [model for name, model in self.env.registry.items() if name.startswith("energy.")]
        bare = [model._name for model in models if not (model._abstract or issubclass(model, self.wall))]
        self.assertEqual(bare, [])

    @property
    def wall(self):
        return self.env.registry["energy.wall.mixin"]

    def test_a_link_beyond_the_wall_has_no_name(self):
        """A formula may take a source of another workshop: its clerk learns that there is one."""
        mine = self.term.with_user(self.clerk_2)
        self.env.invalidate_all()
        self.assertEqual(mine.read(["source_id"])[0]["source_id"], (self.counter_1.id, HIDDEN))
        shown = mine.web_read({"source_id": {"fields": {"display_name": {}}}})[0]
        self.assertEqual(shown["source_id"]["display_name"], HIDDEN)
        groups = mine.formatted_read_group([("id", "=", mine.id)], ["source_id"])
        self.assertEqual(groups[0]["source_id"], (self.counter_1.id, HIDDEN))
        self.assertEqual(mine.read(["indicator_id"])[0]["indicator_id"][1], self.total_2.display_name)
        self.assertEqual(
            self.term.with_user(self.viewer).read(["source_id"])[0]["source_id"][1], "Meter 1 / " + self.counter_1.name
        )

    def test_names_of_what_nobody_without_prices_may_see(self):
        for user, expected in ((self.viewer, HIDDEN), (self.engineer, HIDDEN), (self.accountant, "Secret tariff")):
            self.assertEqual(self.tariff.with_user(user).sudo().display_name, expected)
        self.assertEqual(self.cost.with_user(self.engineer).sudo().display_name, HIDDEN)
        self.assertEqual(self.tariff.with_user(self.stranger).sudo().display_name, HIDDEN)
        self.assertEqual(self.counter_1.with_user(self.stranger).sudo().display_name, HIDDEN)
        self.assertEqual(self.tariff.display_name, "Secret tariff", "Odoo itself knows all")

    def test_names_are_hidden_without_a_query_a_record(self):
        nodes = self.env["energy.node"].create(
            [
                {"name": f"W{number}", "kind": "unit", "company_id": self.company.id, "parent_id": self.plant.id}
                for number in range(40)
            ]
        )
        every = self.env["energy.indicator"].create(
            [{"node_id": node.id, "template_id": self.templates["EL.CONS"].id} for node in nodes]
        )
        every.with_user(self.clerk_2).sudo().mapped("display_name")  # rules and groups are cached from here on
        spent = []
        for some in (every[:2], every):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.with_user(self.clerk_2).sudo().mapped("display_name")), {HIDDEN})
            spent.append(self.env.cr.sql_log_count - before)
        self.assertEqual(spent[0], spent[1])

    # === REQUESTS === #
    def test_no_form_takes_up_what_its_reader_may_not_see(self):
        asked = {"indicator_id": {"fields": {"display_name": {}}}, "node_id": {}, "unit_label": {}}
        entries = self._as(self.clerk_2, "energy.entry")
        for values, context in (
            ({"indicator_id": self.counter_1.id}, {}),
            ({}, {"default_indicator_id": self.counter_1.id}),
        ):
            with self.assert_refused(AccessError, "“Indicator” is outside of what you may see"):
                entries.with_context(**context).onchange(values, list(values), asked)
        own = entries.onchange({"indicator_id": self.total_2.id}, ["indicator_id"], asked)
        self.assertEqual(own["value"]["node_id"], self.workshop_2.id)
        lines = [Command.create({"indicator_id": self.counter_1.id})]
        with self.assertRaises(AccessError):
            self._as(self.stranger, "energy.meter.change").onchange(
                {"line_ids": lines}, ["line_ids"], {"line_ids": {"fields": {}}}
            )

    def test_a_link_that_is_there_stays(self):
        """Who may not see the main meter of his meter can still change all else of it."""
        self.engineer.energy_node_ids = self.workshop_2
        self.meter_2.main_meter_id = self.meter_1
        mine = self.meter_2.with_user(self.engineer)
        mine.write({"main_meter_id": self.meter_1.id, "location": "Hall 2"})
        self.assertEqual(mine.location, "Hall 2")
        other = self.meter_2.copy({"name": "Meter 3", "main_meter_id": False}).with_user(self.engineer)
        with self.assertRaises(AccessError):
            other.main_meter_id = self.meter_1

    def test_a_document_of_others_is_attached_to_nothing(self):
        mine, others = (
            self.env["ir.attachment"].with_user(user).create({"name": f"Bill of {user.login}", "raw": b"x"})
            for user in (self.clerk_2, self.accountant)
        )
        entries = self._as(self.clerk_2, "energy.entry")
        asked = {"attachment_id": {"fields": {"display_name": {}}}}
        with self.assertRaises(AccessError):
            entries.onchange({"attachment_id": others.id}, ["attachment_id"], asked)
        shown = entries.onchange({"attachment_id": mine.id}, ["attachment_id"], asked)
        self.assertNotIn("attachment_id", shown["value"], "taken as it is")

    def test_what_is_no_id_and_no_day_of_a_record_is_refused_in_words(self):
        entries = self._as(self.clerk_2, "energy.entry")
        values = {"indicator_id": self.total_2.id, "date_from": DAY, "date_to": DAY, "value": 1.0}
        for odd in (True, -1, 2**31, 2**70, 1.5, "x", [1], 2**31 - 1):
            with self.subTest(odd=odd), self.assertRaises(UserError):
                entries.create({**values, "indicator_id": odd})
        factor = {"energy_type_id": self.el.id, "kind": "co2", "basis": "location", "value": 0.5}
        factor.update(uom_id=self.el.uom_id.id, company_id=self.company.id)
        for odd in ("2026-13-45", "x", 5, "0001-01-01", date(1, 1, 1), "9999-12-31"):
            with self.subTest(odd=odd), self.assert_refused(UserError, "“From” cannot be"):
                entries.create({**values, "date_from": odd})
            with self.assert_refused(UserError, "“Valid From” cannot be"):
                self._as(self.manager, "energy.factor").create({**factor, "date_from": odd})

    def test_an_engineer_names_no_cost(self):
        events = self._as(self.engineer, "energy.meter.change")
        values = {"node_id": self.meter_1.id, "kind": "swap", "time": "2026-07-01 00:00:00"}
        for unseen in (self.cost, self._add_indicator(self.meter_1, "EL.COST")):
            with self.assert_refused(AccessError, "only with the right"):
                events.create({**values, "line_ids": [Command.create({"indicator_id": unseen.id})]})
        event = events.create({**values, "line_ids": [Command.create({"indicator_id": self.counter_1.id})]})
        with self.assert_refused(ValidationError, "no counter of Plant"):
            event.line_ids.indicator_id = self.counter_2.with_user(self.engineer)
        event.write(
            {
                "node_id": self.meter_2.id,
                "line_ids": [Command.clear(), Command.create({"indicator_id": self.counter_2.id})],
            }
        )
        self.assertEqual(event.line_ids.indicator_id.id, self.counter_2.id)

    # === ENTRIES === #
    def test_no_figure_before_anything_was_counted(self):
        typed = self._add_indicator(self.workshop_2, "WT.VOL")
        typed.source = "entered"
        entries = self._as(self.clerk_2, "energy.entry")

        def enter(first, last=None):
            entries.create({"indicator_id": typed.id, "date_from": first, "date_to": last or first, "value": 1.0})

        with self.assert_refused(ValidationError, "no figures before 1970"):
            enter("1969-12-31")
        with self.assert_refused(ValidationError, "ten years"):
            enter("1999-01-01", "2025-12-31")
        typed.date_from = date(2026, 7, 10)
        with self.assert_refused(ValidationError, "counts from 2026-07-10"):
            enter("2026-07-09")
        enter("2026-07-09", "2026-07-11")
        grid = typed.with_user(self.clerk_2)
        change = {"indicator_id": typed.id, "date": "2026-07-01", "value": 5.0}
        answer = grid.entry_save([change], [("id", "=", typed.id)], "2026-07-01", "2026-07-31")
        self.assertIn("counts from 2026-07-10", str(answer["errors"]))

    # === WHAT IS THERE ALREADY === #
    def test_a_refusal_names_what_is_there(self):
        self.meter_1.code = "M-1"
        values = {
            "name": "Twin",
            "kind": "meter",
            "energy_type_id": self.el.id,
            "code": "M-1",
            "company_id": self.company.id,
        }
        told = self.refuse_twin(self.manager, "energy.node", values)
        self.assertIn("This code is already used", told)
        self.assertIn(self.meter_1.complete_name, told)
        told = self.refuse_twin(
            self.manager, "energy.indicator", {"node_id": self.meter_1.id, "template_id": self.templates["EL.FWD"].id}
        )
        self.assertIn(f"Already there: {self.counter_1.display_name}", told)
        self.counter_1.active = False
        told = self.refuse_twin(
            self.manager, "energy.indicator", {"node_id": self.meter_1.id, "template_id": self.templates["EL.FWD"].id}
        )
        self.assertIn(f"archived: {self.counter_1.display_name}", told)

    def test_a_refusal_names_nothing_behind_a_wall(self):
        self.meter_1.code = "M-1"
        self.engineer.energy_node_ids = self.workshop_2
        values = {
            "name": "Twin",
            "kind": "meter",
            "energy_type_id": self.el.id,
            "code": "M-1",
            "company_id": self.company.id,
        }
        told = self.refuse_twin(self.engineer, "energy.node", values)
        self.assertEqual(
            told, "This code is already used by another unit, device or meter of the company: choose another."
        )

    def test_a_second_entry_of_a_period_names_the_first(self):
        typed = self._add_indicator(self.workshop_2, "WT.VOL")
        typed.source = "entered"
        values = {"indicator_id": typed.id, "date_from": DAY, "date_to": DAY, "value": 1.0}
        first = self._as(self.clerk_2, "energy.entry").create(values)
        told = self.refuse_twin(self.clerk_2, "energy.entry", values)
        self.assertIn(f"Already there: {first.display_name}", told)
        self.assertIn("2026-07-15", told)
