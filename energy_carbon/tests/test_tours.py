"""Whole ways through the screens, each as the person who goes it."""

from datetime import date, timedelta
from functools import wraps
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .common import EnergyCommon

ENTRY_SCREEN = "/odoo/action-energy_carbon.energy_indicator_action_entry"


@tagged("post_install", "-at_install")
class TestTours(EnergyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        people = cls.manager | cls.clerk_1 | cls.auditor
        people.write({"lang": "en_US"})

    @classmethod
    def _add(cls, node, code, **values):
        template = cls.env["energy.indicator.template"].search([("code", "=", code)])
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id, **values})
        indicator._set_default_terms()
        return indicator

    def test_manager_sets_up(self):
        """I4, I5: price, unit, device, meter, indicators bottom-up; the figure follows what is typed."""
        (self.workshop_1 | self.workshop_2 | self.device_1 | self.meter_1 | self.meter_2).write({"active": False})
        self.start_tour("/odoo/energy-types", "energy_manager_sets_up", login="energy_manager", timeout=180)
        hammer = self.env["energy.node"].search([("name", "=", "Hammer"), ("company_id", "=", self.company.id)])
        codes = set(hammer.indicator_ids.template_id.mapped("code"))
        self.assertEqual(codes, {"EL.CONS", "EL.TCE", "EL.CO2", "EL.COST"})
        first = date.today().replace(day=1)
        cost = self.plant.indicator_ids.filtered(lambda i: i.template_id.code == "EL.COST")
        value = self.env["energy.value"].search([("indicator_id", "=", cost.id), ("date", "=", first)])
        self.assertAlmostEqual(value.value, 650.0)

    def test_clerk_types_month(self):
        """E1: a month of five indicators, pasted and typed, saved in one call; F5 keeps node and month."""
        codes = ("EL.FWD", "EL.FWD.P", "EL.FWD.F", "EL.FWD.V", "EL.FWD.S")
        indicators = self.env["energy.indicator"]
        for code in codes:
            indicators |= self._add(self.meter_1, code, source="entered")
        saves = []
        model = type(self.env["energy.indicator"])
        save = model.entry_save

        @wraps(save)
        def counted(records, changes, *args, **kwargs):
            saves.append(len(changes))
            return save(records, changes, *args, **kwargs)

        with patch.object(model, "entry_save", counted):
            self.start_tour(ENTRY_SCREEN, "energy_clerk_types_month", login="energy_clerk_1", timeout=120)
        last = date.today().replace(day=1) - timedelta(days=1)
        self.assertEqual(saves, [last.day * len(codes)])
        entries = self.env["energy.entry"].search([("indicator_id", "in", indicators.ids)])
        self.assertEqual(len(entries), last.day * len(codes))
        self.assertEqual(entries.user_id, self.clerk_1)
        for col, indicator in enumerate(indicators.sorted()):
            mine = {entry.date_from.day: entry.value for entry in entries if entry.indicator_id == indicator}
            self.assertEqual(mine[1], 1000 * (col + 1) + 1.5)
            self.assertEqual(mine[last.day], 1000 * (col + 1) + last.day)

    def test_auditor_reads(self):
        """Every screen and a record of each; nothing to change anything with; an explanation down to the person."""
        meter = self._add(self.meter_1, "EL.FWD", source="entered")
        for node in (self.device_1, self.workshop_1, self.plant):
            self._add(node, "EL.CONS")
        today = date.today()
        self.env["energy.entry"].with_user(self.clerk_1).create(
            {"indicator_id": meter.id, "date_from": today.replace(day=1), "date_to": today.replace(day=1), "value": 500}
        )
        self.env["energy.calculation"]._process()
        self.start_tour("/odoo/energy-monthly-values", "energy_auditor_reads", login="energy_auditor", timeout=180)


@tagged("post_install", "-at_install")
class TestPhoneTour(EnergyCommon, HttpCase):
    """What is done with a phone in the hand."""

    browser_size = "390x844"
    touch_enabled = True

    def test_clerk_types_on_a_phone(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.clerk_1.lang = "en_US"
        template = self.env.ref("energy_carbon.template_el_fwd")
        indicator = self.env["energy.indicator"].create(
            {"node_id": self.meter_1.id, "template_id": template.id, "source": "entered"}
        )
        self.start_tour(ENTRY_SCREEN, "energy_clerk_types_on_a_phone", login="energy_clerk_1", timeout=120)
        self.assertEqual(self.env["energy.entry"].search([("indicator_id", "=", indicator.id)]).value, 5.0)
