"""Nodes: placement, dated parents, ledgers, deletion, archiving."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import EnergyCommon


@tagged("post_install", "-at_install")
class TestEnergyNode(EnergyCommon):
    # === TREE === #
    def test_full_name_and_depth(self):
        self.assertEqual(self.meter_1.complete_name, "Plant / W1 / Furnace / Meter 1")
        self.assertEqual([n.depth for n in (self.plant, self.workshop_1, self.device_1, self.meter_1)], [1, 2, 3, 4])
        self.plant.name = "North plant"
        self.assertEqual(self.meter_1.complete_name, "North plant / W1 / Furnace / Meter 1")
        self.assertEqual(self.meter_1.with_context(hierarchical_naming=False).display_name, "Meter 1")

    def test_move_takes_the_subtree_along(self):
        self.device_1.parent_id = self.plant
        self.assertEqual(self.meter_1.complete_name, "Plant / Furnace / Meter 1")
        self.assertEqual(self.meter_1.depth, 3)

    def test_what_may_hang_under_what(self):
        for node, parent in (
            (self.device_1, self.meter_2),
            (self.workshop_2, self.device_1),
            (self.meter_1, self.meter_2),
            (self.device_1, self._create_node("Pump", kind="device")),
        ):
            with self.assert_refused(ValidationError, "cannot hang under"):
                node.parent_id = parent

    def test_kind_change_checks_what_hangs_below(self):
        with self.assert_refused(ValidationError, "cannot hang under"):
            self.workshop_1.kind = "device"

    def test_no_circle(self):
        for parent in (self.workshop_1, self.plant):
            with self.assert_refused(UserError, "itself or below it"):
                self.plant.parent_id = parent

    def test_same_company(self):
        other = self._create_company("Other Works")
        with self.assertRaises(UserError):
            self._create_node("Stray", company_id=other.id, parent_id=self.plant.id)

    def test_company_follows_the_parent(self):
        node = self.env["energy.node"].create({"name": "Line", "parent_id": self.workshop_1.id})
        self.assertEqual(node.company_id, self.company)

    def test_code_is_unique_in_the_company(self):
        self.device_1.code = "  D-01 "
        self.assertEqual(self.device_1.code, "D-01")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.meter_1.code = "D-01"
            self.meter_1.flush_recordset()
        (self.workshop_1 | self.workshop_2).write({"code": " "})
        self.assertFalse(self.workshop_1.code)

    # === DATED PARENTS === #
    def _places(self, node):
        rows = node.parent_history_ids.sorted(lambda row: row.date_from or date.min)
        return [(row.parent_id, row.date_from or None, row.date_to or None) for row in rows]

    def test_first_place_counts_from_the_beginning(self):
        self.assertEqual(self._places(self.meter_1), [(self.device_1, None, None)])
        self.assertFalse(self.plant.parent_history_ids)

    def test_unplaced_then_placed(self):
        meter = self._create_node("Spare", kind="meter", energy_type_id=self.wt.id)
        self.assertFalse(meter.placed)
        self.assertEqual(meter.depth, 0)
        meter.parent_id = self.workshop_1
        self.assertTrue(meter.placed)
        self.assertEqual(self._places(meter), [(self.workshop_1, None, None)])

    @freeze_time("2026-07-15 10:00:00")
    def test_move_closes_and_opens_rows(self):
        self.device_1.parent_id = self.workshop_2
        self.assertEqual(
            self._places(self.device_1),
            [(self.workshop_1, None, date(2026, 7, 14)), (self.workshop_2, date(2026, 7, 15), None)],
        )

    def test_move_as_of_a_day(self):
        self.device_1.with_context(energy_move_date="2026-07-01").parent_id = self.workshop_2
        self.device_1.with_context(energy_move_date="2026-08-01").parent_id = self.plant
        self.assertEqual(
            self._places(self.device_1),
            [
                (self.workshop_1, None, date(2026, 6, 30)),
                (self.workshop_2, date(2026, 7, 1), date(2026, 7, 31)),
                (self.plant, date(2026, 8, 1), None),
            ],
        )

    def test_move_before_the_last_move_is_refused(self):
        self.device_1.with_context(energy_move_date="2026-07-01").parent_id = self.workshop_2
        with self.assert_refused(UserError, "since 2026-07-01"):
            self.device_1.with_context(energy_move_date="2026-06-15").parent_id = self.plant

    def test_move_before_the_in_service_date_is_refused(self):
        self.device_1.in_service_date = "2026-07-01"
        self.assertEqual(self._places(self.device_1), [(self.workshop_1, None, None)], "the first place has no day")
        early = self.device_1.with_context(energy_move_date="2026-06-30")
        refusal = "Furnace is in service since 2026-07-01: it cannot be moved as of 2026-06-30"
        for parent in (self.workshop_2, False):
            with self.assert_refused(UserError, refusal):
                early.parent_id = parent
        wizard = self.env["energy.node.move"].create(
            {"node_ids": [Command.set(self.device_1.ids)], "parent_id": self.workshop_2.id, "date": "2026-06-30"}
        )
        with self.assert_refused(UserError, refusal):
            wizard.action_move()
        with self.assert_refused(UserError, refusal):
            self.env["energy.node"].with_context(energy_move_date="2026-06-30").create(
                {"name": "Furnace", "kind": "device", "parent_id": self.workshop_1.id, "in_service_date": "2026-07-01"}
            )
        self.assertEqual(self._places(self.device_1), [(self.workshop_1, None, None)])
        self.device_1.with_context(energy_move_date="2026-07-01").parent_id = self.workshop_2
        with self.assert_refused(UserError, "in service since 2026-08-01.*as of 2026-07-01"):
            self.device_1.in_service_date = "2026-08-01"
        with self.assert_refused(UserError, refusal):
            self.device_1.parent_history_ids.filtered("date_from").date_from = "2026-06-30"

    def test_two_moves_on_one_day_leave_one_row(self):
        day = {"energy_move_date": "2026-07-01"}
        self.device_1.with_context(**day).parent_id = self.workshop_2
        self.device_1.with_context(**day).parent_id = self.plant
        self.assertEqual(
            self._places(self.device_1),
            [(self.workshop_1, None, date(2026, 6, 30)), (self.plant, date(2026, 7, 1), None)],
        )
        self.device_1.with_context(**day).parent_id = self.workshop_1
        self.assertEqual(self._places(self.device_1), [(self.workshop_1, None, None)])

    def test_taken_out_of_the_tree(self):
        self.device_1.with_context(energy_move_date="2026-07-01").parent_id = False
        self.assertFalse(self.device_1.placed)
        self.assertEqual(self._places(self.device_1), [(self.workshop_1, None, date(2026, 6, 30))])
        self.device_1.with_context(energy_move_date="2026-09-01").parent_id = self.workshop_1
        self.assertEqual(self._places(self.device_1)[1], (self.workshop_1, date(2026, 9, 1), None))

    def test_unit_that_was_a_root_keeps_its_past(self):
        hall = self._create_node("Hall 9")
        hall.with_context(energy_move_date="2026-07-01").parent_id = self.plant
        self.assertEqual(self._places(hall), [(self.plant, date(2026, 7, 1), None)])

    def test_rows_must_not_overlap(self):
        self.device_1.with_context(energy_move_date="2026-07-01").parent_id = self.workshop_2
        with self.assert_refused(ValidationError, "on the same day"):
            self.device_1.parent_history_ids.filtered("date_to").date_to = "2026-07-02"

    def test_move_wizard(self):
        wizard = self.env["energy.node.move"].with_context(default_node_ids=self.device_1.ids)
        with Form(wizard) as form:
            form.parent_id = self.workshop_2
            form.date = "2026-07-01"
        form.record.action_move()
        self.assertEqual(self._places(self.device_1)[1], (self.workshop_2, date(2026, 7, 1), None))

    def test_move_wizard_places_from_the_beginning(self):
        meters = self._create_node("A", kind="meter", energy_type_id=self.el.id)
        meters |= self._create_node("B", kind="meter", energy_type_id=self.el.id)
        wizards = self.env["energy.node.move"].with_context(active_ids=meters.ids)
        wizard = wizards.create({"parent_id": self.device_1.id})
        self.assertFalse(wizard.date)
        wizard.action_move()
        self.assertEqual(self._places(meters[1]), [(self.device_1, None, None)])

    def test_move_wizard_refuses_a_unit_without_place(self):
        wizard = self.env["energy.node.move"].create({"node_ids": [Command.set(self.workshop_1.ids)]})
        with self.assert_refused(UserError, "choose the unit"):
            wizard.action_move()

    # === ARCHIVE AND DELETE === #
    def test_archive_needs_an_empty_or_whole_branch(self):
        with self.assert_refused(ValidationError, "Furnace"):
            self.workshop_1.action_archive()
        (self.workshop_1 | self.device_1 | self.meter_1).action_archive()
        with self.assert_refused(ValidationError, "archived"):
            self.device_1.action_unarchive()

    def test_delete_names_what_hangs_below(self):
        with self.assert_refused(UserError, "Furnace"):
            self.workshop_1.unlink()
        self.meter_2.unlink()
        self.assertFalse(self.workshop_2.meter_ids)

    def test_delete_with_indicators_is_refused(self):
        self._create_indicator(self.meter_2)
        with self.assert_refused(UserError, "indicators"):
            self.meter_2.unlink()

    def test_kind_is_fixed_once_indicators_exist(self):
        self._create_indicator(self.meter_2)
        with self.assert_refused(UserError, "has indicators"):
            self.meter_2.kind = "device"

    def _create_indicator(self, node):
        template = self.env.ref("energy_carbon.template_el_fwd")
        return self.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id})

    # === UNITS === #
    def test_uses_belong_to_units(self):
        self.workshop_1.use_ids = [Command.create({"energy_type_id": self.el.id, "role": "used"})]
        self.assertEqual(self.workshop_1.use_ids.display_name, "W1: Electricity (Used)")
        with self.assert_refused(ValidationError, "no unit"):
            self.device_1.use_ids = [Command.create({"energy_type_id": self.el.id})]

    def test_new_plant_takes_the_company_region(self):
        self.assertEqual(self.plant.region_id, self.env.ref("energy_carbon.region_cn"))
        self.assertFalse(self.workshop_1.region_id)

    def test_unit_type_defaults(self):
        self.assertEqual(self.plant.unit_type, "plant")
        self.assertEqual(self.workshop_1.unit_type, "workshop")
        self.assertFalse(self.device_1.unit_type)

    def test_product_gets_its_output_indicator(self):
        product = self.env["product.product"].create({"name": "Housing", "energy_specification": "HT250"})
        self.workshop_1.product_ids = product
        output = self.env["energy.indicator"].search([("node_id", "=", self.workshop_1.id)])
        self.assertEqual(output.template_id.code, "OUT.QTY")
        self.assertEqual(output.product_id, product)
        self.assertEqual(output.uom_id, product.uom_id)
        self.assertEqual(output.source, "entered")
        self.workshop_1.product_ids = False
        self.assertTrue(output.exists())

    def test_product_side_gives_the_same(self):
        values = {"name": "Cover", "energy_unit_ids": [Command.set(self.workshop_2.ids)]}
        product = self.env["product.product"].create(values)
        self.assertEqual(self.workshop_2.product_ids, product)
        self.assertEqual(self.workshop_2.indicator_ids.product_id, product)

    def test_products_only_at_units(self):
        product = self.env["product.product"].create({"name": "Housing"})
        with self.assert_refused(ValidationError, "no unit"):
            self.device_1.product_ids = product

    def test_without_meter_follows_the_metering_level(self):
        nodes = self.env["energy.node"]
        lacking = [("lacks_meter", "=", True), ("company_id", "=", self.company.id)]
        expected = {"1": self.plant, "2": self.plant | self.workshop_1, "3": self.plant | self.workshop_1}
        for level, found in expected.items():
            self.company.energy_metering_level = level
            self.assertEqual(nodes.search(lacking), found.sorted())
        self.meter_1.meter_state = "scrapped"
        self.assertIn(self.device_1, nodes.search(lacking))
        self.device_1.invalidate_recordset()
        self.assertTrue(self.device_1.lacks_meter)
        self.assertFalse(self.workshop_2.lacks_meter)

    # === METERS === #
    def test_multiplying_factor(self):
        self.assertEqual(self.meter_1.ratio, 1.0)
        self.meter_1.write({"ct_primary": 200, "ct_secondary": 5, "pt_primary": 10000, "pt_secondary": 100})
        self.assertEqual(self.meter_1.ratio, 4000.0)
        with self.assert_refused(ValidationError, "both sides"):
            self.meter_1.ct_secondary = 0

    def test_meter_needs_a_type(self):
        with self.assert_refused(ValidationError, "energy type"):
            self._create_node("Blind", kind="meter", parent_id=self.workshop_1.id)

    def test_meter_defaults(self):
        self.assertEqual(self.meter_1.meter_state, "in_use")
        self.assertEqual(self.meter_1.collection, "both")
        self.assertFalse(self.device_1.meter_state)
        self.assertFalse(self.meter_1.register_maximum)
        self.assertEqual(self.meter_1.register_step, 0.01)

    def test_main_meter_of_the_same_type(self):
        main = self._create_meter("Main", self.plant)
        self.meter_1.main_meter_id = main
        self.assertEqual(main.sub_meter_ids, self.meter_1)
        with self.assert_refused(ValidationError, "same energy type"):
            self.meter_2.main_meter_id = self._create_meter("Water", self.plant, self.wt)
        with self.assertRaises(ValidationError):
            main.main_meter_id = self.meter_1

    def test_register_limits(self):
        with self.assert_refused(ValidationError, "larger than"):
            self.meter_1.write({"register_maximum": 10, "register_step": 100})

    def test_calibration_shows_the_latest(self):
        self.meter_1.calibration_ids = [
            Command.create({"date": "2024-05-01", "next_date": "2026-05-01"}),
            Command.create({"date": "2026-04-20", "next_date": "2028-04-20"}),
        ]
        self.assertEqual(self.meter_1.last_calibration_date, date(2026, 4, 20))
        self.assertEqual(self.meter_1.next_calibration_date, date(2028, 4, 20))

    def test_forms_of_the_three_ledgers(self):
        for kind, values in (
            ("unit", {"unit_type": "office"}),
            ("device", {"rated_power": 75.0}),
            ("meter", {"energy_type_id": self.el, "accuracy_class": "0.5S", "metering_level": "2"}),
        ):
            view = f"energy_carbon.energy_node_view_form_{kind}"
            with Form(self.env["energy.node"].with_context(default_kind=kind), view=view) as form:
                form.name = f"New {kind}"
                form.parent_id = self.workshop_1
                for name, value in values.items():
                    form[name] = value
            self.assertEqual(form.record.kind, kind)
            self.assertEqual(form.record.parent_id, self.workshop_1)
            self.assertEqual(form.record.get_formview_id(), self.env.ref(view).id)

    def test_place_chosen_in_the_form_is_saved(self):
        """Once a place is there the form shows it read-only; the one just chosen must be saved all the same."""
        unplaced = {
            "unit": self._create_node("Annex"),
            "device": self._create_node("Pump", kind="device"),
            "meter": self._create_node("Spare", kind="meter", energy_type_id=self.el.id),
        }
        for kind, node in unplaced.items():
            form = Form(node.with_user(self.manager), view=f"energy_carbon.energy_node_view_form_{kind}")
            form.parent_id = self.workshop_1
            form.save()
            self.assertEqual(node.parent_id, self.workshop_1)

    def test_nothing_hangs_under_an_unplaced_device(self):
        pump = self._create_node("Pump", kind="device")
        values = {"name": "Pump meter", "kind": "meter", "energy_type_id": self.el.id, "parent_id": pump.id}
        with self.assert_refused(UserError, "Pump is not placed in the tree yet"):
            self.env["energy.node"].with_user(self.manager).create(values)
        with self.assert_refused(UserError, "Pump is not placed in the tree yet"):
            self.meter_1.with_user(self.manager).parent_id = pump
        pump.parent_id = self.workshop_1
        meter = self.env["energy.node"].with_user(self.manager).create(values)
        self.assertEqual(meter.complete_name, "Plant / W1 / Pump / Pump meter")

    def test_new_unit_under_a_plant_is_no_plant(self):
        """The form starts as a plant of the company's country; a workshop has the region of its plant."""
        node = self.env["energy.node"].with_user(self.manager).with_context(default_kind="unit")
        with Form(node, view="energy_carbon.energy_node_view_form_unit") as form:
            form.name = "Moulding shop"
            self.assertEqual(form.unit_type, "plant")
            self.assertTrue(form.region_id)
            form.parent_id = self.plant
        self.assertEqual(form.record.unit_type, "workshop")
        self.assertFalse(form.record.region_id)
