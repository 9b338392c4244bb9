"""What a request of the outside can ask: no wizard, draft form or context leads past a wall, a lock or the journal."""

from psycopg2.errors import NotNullViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .lock_case import DAY, LockCase

# What the product's own steps tell each other; a client may send the same words.
INNER_WORDS = (
    "energy_tariff_building",
    "energy_tariff_prices_unfinished",
    "energy_tariff_version_unfinished",
    "energy_formula_terms_later",
    "energy_ledger_follows",
    "energy_fuel_batch",
    "install_mode",
)


@tagged("post_install", "-at_install")
class TestEnergyRequestWalls(LockCase):
    """A manager of one company asks for another's, and for what is locked in his own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._manager("request_manager", cls.company, cls.plant)
        cls.foreign = cls.env["res.company"].create({"name": "Foreign Castings"})
        cls.env.user.company_ids += cls.foreign
        cls.foreign_env = cls.env(context={**cls.env.context, "allowed_company_ids": [cls.foreign.id, cls.company.id]})
        cls.foreign_plant = cls.foreign_env["energy.node"].create(
            {"name": "Foreign Plant", "kind": "unit", "unit_type": "plant", "company_id": cls.foreign.id}
        )
        cls.foreign_tariff = cls.foreign_env["energy.tariff"].create(
            {
                "name": "Foreign tariff",
                "energy_type_id": cls.electricity.id,
                "company_id": cls.foreign.id,
                "price_ids": [
                    Command.create({"date_from": DAY.replace(day=1), "price": 0.4321, "state": "provisional"})
                ],
            }
        )

    @classmethod
    def _manager(cls, login, company, plant):
        user = new_test_user(
            cls.env,
            login=login,
            groups="energy_carbon.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        user.energy_node_ids = plant
        return user

    def _as_manager(self, model, **context):
        return self.env[model].with_user(self.manager).with_context(**context)

    def _request(self, values=None):
        return self._as_manager("energy.tariff.month.prices").create(
            {"month": DAY.replace(day=1), "tariff_ids": [Command.set(self.tariff.ids)], **(values or {})}
        )

    def test_month_prices_of_another_company_are_refused(self):
        own = self._request()
        self.assertEqual(own.tariff_ids, self.tariff.with_user(self.manager))
        with self.assertRaises(AccessError):
            self._request({"tariff_ids": [Command.set(self.foreign_tariff.ids)]})
        with self.assertRaises(AccessError):
            own.write({"tariff_ids": [Command.link(self.foreign_tariff.id)]})

    def test_wizards_are_for_who_opened_them(self):
        """Odoo lets everybody with the access right read everybody's wizards: each has a rule of its own."""
        other = self._manager("request_other", self.foreign, self.foreign_plant)
        asked = self._request()
        self.assertTrue(asked.with_user(self.manager).read(["month"]))
        with self.assertRaises(AccessError):
            asked.with_user(other).read(["month"])
        with self.assertRaises(AccessError):
            asked.with_user(other).write({"final": False})
        wizards = self.env["ir.model"].search([("model", "=like", "energy.%"), ("transient", "=", True)])
        wizards = wizards.filtered(lambda model: "energy_carbon" in model.modules.split(", "))
        bare = wizards.filtered(lambda model: not model.rule_ids.filtered("global")).mapped("model")
        self.assertEqual(bare, [])

    def test_certificate_form_tells_nothing_of_another_company(self):
        draft = {
            "energy_type_id": self.electricity.id,
            "node_id": self.foreign_plant.id,
            "date_from": "2026-06-01",
            "date_to": "2026-07-31",
            "quantity": 1.0,
            "uom_id": self.electricity.uom_id.id,
        }
        certificates = self._as_manager("energy.certificate")
        asked = {name: {} for name in (*draft, "purchase")}
        own = certificates.onchange({**draft, "node_id": self.plant.id}, ["node_id"], asked)
        self.assertAlmostEqual(own["value"]["purchase"], 20 * 130.0)
        with self.assertRaises(AccessError):
            certificates.onchange(draft, ["node_id"], asked)

    def test_allocation_without_what_it_needs_is_refused_by_name(self):
        """An import without the column gets the database's sentence on the missing field, no broken request."""
        keys, lines = (self._as_manager(name) for name in ("energy.allocation", "energy.allocation.line"))
        for model, values in ((keys, {"name": "No source"}), (lines, {"node_id": self.workshop_2.id})):
            with self.assertRaises(NotNullViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                model.create(values)

    def test_what_is_no_id_and_no_day_is_refused_before_the_database_is_asked(self):
        """A request with the wrong kind of thing gets a sentence: no database error, and no row of anybody."""
        indicator = self._as_manager("energy.indicator").search([("node_id", "=", self.plant.id)], limit=1)
        node, days = self.plant.id, ("2026-07-01", "2026-07-31")
        nodes, transformation = self._as_manager("energy.indicator"), self._as_manager("energy.transformation")
        asked = (
            (indicator.id, lambda one: indicator.explain(one, *days)),
            (indicator.id, lambda one: indicator.explain_periods(one, *days)),
            (indicator.id, lambda one: indicator.day_profile(one, days[0])),
            (node, nodes.picker_tree),
            (node, lambda one: nodes.picker_add(one, [])),
            (node, lambda one: transformation.report(one, *days)),
            (None, lambda one: self._as_manager("energy.balance").explain(one, *days)),
            (None, lambda one: indicator.entry_save([{"indicator_id": one, "date": days[0], "value": 1.0}], [], *days)),
        )
        for right, ask in asked:
            if right:
                ask(right)
            for odd in (None, False, True, 0, -1, 2**31, 2**31 - 1, 2**70, 1.5, "x", "1", (right or 1,)):
                with self.subTest(ask=ask, odd=odd), self.assertRaises(UserError):
                    ask(odd)
        for odd in (None, False, 5, 1.5, "x", "2026-13-45", "0001-01-01", "9999-12-31", (), {}):
            with self.subTest(day=odd):
                for ask in (indicator.explain, indicator.explain_periods, transformation.report):
                    with self.assertRaises(UserError):
                        ask(node if ask == transformation.report else indicator.id, days[0], odd)
                with self.assertRaises(UserError):
                    indicator.day_profile(indicator.id, odd)
                with self.assertRaises(UserError):
                    indicator.entry_grid([], odd, days[1])
        with self.assertRaisesRegex(UserError, "ten years"):
            indicator.explain_periods(indicator.id, "1990-01-01", days[1])

    def test_nodes_of_another_company_are_refused_by_their_ids(self):
        foreign = self.foreign_plant.id
        with self.assertRaises(AccessError):
            self._as_manager("energy.indicator").picker_tree(foreign)
        with self.assertRaises(AccessError):
            self._as_manager("energy.indicator").picker_add(foreign, [])
        with self.assertRaises(AccessError):
            self._as_manager("energy.transformation").report(foreign, "2026-07-01", "2026-07-31")

    def test_indicators_of_another_company_fit_nowhere(self):
        template = self.env["energy.indicator.template"].search([("code", "=", "EL.CONS")])
        foreign = self.foreign_env["energy.indicator"].create(
            {"node_id": self.foreign_plant.id, "template_id": template.id}
        )
        event = self.env["energy.meter.change"].create({"node_id": self.meter_1.id, "kind": "swap"})
        with self.assertRaisesRegex(UserError, "compan"):
            self.env["energy.meter.change.line"].create({"change_id": event.id, "indicator_id": foreign.id})
        own = foreign.search([("node_id", "=", self.meter_1.id), ("kind", "=", "counter")], limit=1)
        key = self.env["energy.allocation"].create({"name": "Shared", "source_id": own.id})
        with self.assertRaisesRegex(UserError, "compan"):
            key.remainder_id = foreign

    def test_words_of_the_client_open_no_lock(self):
        self.lock("quantity", "cost")
        price = self.tariff.price_ids[:1]
        sent = dict.fromkeys(INNER_WORDS, True)
        for change in (
            lambda: self._as_manager("energy.tariff.price", **sent).browse(price.id).write({"price": 9.9}),
            lambda: (
                self._as_manager("energy.tariff", **sent)
                .browse(self.tariff.id)
                .write({"price_ids": [Command.update(price.id, {"price": 9.9})]})
            ),
            lambda: self._as_manager("energy.factor", **sent).browse(self.factor.id).write({"value": 0.9}),
            lambda: self._as_manager("energy.node", **sent).browse(self.meter_1.id).write({"period_source": "slots"}),
        ):
            with self.refused("locked for 2026-0"):
                change()
                self.env.flush_all()
