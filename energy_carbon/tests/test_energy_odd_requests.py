"""Calls with what no screen of ours sends."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import EnergyCommon
from .odd_case import OddRequestCase

FIRST, LAST = "2026-07-01", "2026-07-31"


@tagged("post_install", "-at_install")
class TestEnergyOddRequests(OddRequestCase, EnergyCommon):
    """An Energy manager's program, who may do most."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        templates = cls.env["energy.indicator.template"]
        cls.counter, cls.total = cls.env["energy.indicator"].create(
            [
                {"node_id": node.id, "template_id": templates.search([("code", "=", code)]).id, "source": source}
                for node, code, source in ((cls.meter_1, "EL.FWD", "entered"), (cls.plant, "EL.CONS", "computed"))
            ]
        )
        cls.total._set_default_terms()
        cls.cell = {"indicator_id": cls.counter.id, "date": FIRST, "value": 5.0, "reason": "x", "version": None}
        cls.env["energy.entry"].create(
            {"indicator_id": cls.counter.id, "date_from": LAST, "date_to": LAST, "value": 10.0}
        )
        cls.env["energy.calculation"]._process()
        cls.own_balance = cls.env["energy.balance"].create(
            {
                "kind": "own",
                "name": "Mine",
                "node_id": cls.plant.id,
                "energy_type_id": cls.el.id,
                "part_ids": [
                    Command.create({"indicator_id": one.id, "side": side})
                    for one, side in ((cls.total, "in"), (cls.counter, "out"))
                ],
            }
        )

    def requests(self) -> dict:
        """Every call of no record, with arguments that are right."""
        days = {"date_from": FIRST, "date_to": LAST}
        total, domain = self.total.id, [["indicator_id", "=", self.total.id]]
        grid = {"domain": [["id", "=", self.counter.id]], **days}
        cell, balances = {"domain": domain, "measure": "coal"}, {"domain": [["balance_id", "=", self.own_balance.id]]}
        formula = {"text": "a + b", "names": {"a": total, "b": False}, "template_id": False, "uom_id": False}
        return {
            ("energy.balance", "explain"): {"balance_id": self.own_balance.id, **days},
            ("energy.balance.line", "explain_cell"): balances,
            ("energy.balance.month", "explain_cell"): balances,
            ("energy.balance.line.mixin", "explain_cell"): balances,
            ("energy.build", "summary"): {"build_id": self.env["energy.build"].with_user(self.manager).create({}).id},
            ("energy.calculation", "state"): {"company_id": self.company.id},
            ("energy.guide", "steps"): {},
            ("energy.guide", "open_step"): {"step_key": "x", "button_key": "y"},
            ("energy.indicator", "check_expression"): formula,
            ("energy.indicator", "day_profile"): {"indicator_id": total, "date_from": FIRST, "days": 1},
            ("energy.indicator", "entry_grid"): grid,
            ("energy.indicator", "entry_save"): {"changes": [self.cell], **grid},
            ("energy.indicator", "explain"): {"indicator_id": total, **days, "measure": "coal"},
            ("energy.indicator", "explain_periods"): {"indicator_id": total, **days},
            ("energy.indicator", "picker_tree"): {"node_id": self.plant.id},
            ("energy.indicator", "picker_add"): {"node_id": self.plant.id, "template_ids": []},
            ("energy.lock", "action_open_months"): {},
            ("energy.node", "action_open_lacking"): {},
            ("energy.node", "plant_tree"): {"month": "2026-07", "root_id": self.plant.id},
            ("energy.period.analysis", "action_open"): {},
            ("energy.reading.import", "import_readings"): {
                "rows": [["M", "", FIRST, 1.0]], "timezone": "Asia/Shanghai", "dry_run": True,
            },
            ("energy.transformation", "measures"): {},
            ("energy.transformation", "plants"): {},
            ("energy.transformation", "report"): {"plant_id": self.plant.id, **days, "measure": "coal"},
            ("energy.value", "explain_cell"): cell,
            ("energy.value.month", "explain_cell"): cell,
            ("energy.value.mixin", "explain_cell"): cell,
        }  # fmt: skip

    def test_arguments_of_every_call(self):
        requests = self.requests()
        self.assertEqual(sorted(requests), self.own_methods("energy_carbon", of_model=True))
        for (model, method), arguments in requests.items():
            self.ask_oddly(self.manager, model, method, **arguments)

    def test_cells_of_the_grid(self):
        grid = {"domain": [["id", "=", self.counter.id]], "date_from": FIRST, "date_to": LAST}

        def changes(name):
            return lambda odd: {"changes": [{**self.cell, name: odd}], **grid}

        for name in self.cell:
            self.ask_oddly_within(self.manager, "energy.indicator", "entry_save", changes(name))

    def test_cells_of_imported_rows(self):
        row = ["Meter 1", "", FIRST, 1.0]

        def rows(place):
            return lambda odd: {"rows": [[*row[:place], odd, *row[place + 1 :]]], "dry_run": False}

        for place in range(len(row)):
            self.ask_oddly_within(self.manager, "energy.reading.import", "import_readings", rows(place))

    def test_buttons_without_records(self):
        self.press_oddly(self.manager, "energy_carbon")
