"""Walls and rights of the masters, as real users."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import EnergyCommon

MASTERS = (
    "energy.type", "energy.factor", "energy.region", "energy.indicator.template", "energy.tariff",
    "energy.tariff.price", "energy.node", "energy.node.use", "energy.node.parent", "energy.meter.calibration",
)  # fmt: skip
PRICES = ("energy.tariff", "energy.tariff.price")
WRITERS = {
    "manager": set(MASTERS),
    "engineer": {"energy.node", "energy.meter.calibration"},
    "accountant": set(PRICES),
}


@tagged("post_install", "-at_install")
class TestAccessMasters(EnergyCommon):
    # === MODEL RIGHTS === #
    def test_who_may_write_what(self):
        for login in ("viewer", "clerk_1", "engineer", "accountant", "auditor", "manager"):
            user = getattr(self, login)
            for model in MASTERS:
                records = self.env[model].with_user(user)
                for right in ("write", "create", "unlink"):
                    self.assertEqual(
                        records.has_access(right), model in WRITERS.get(login, ()), f"{login} {right} {model}"
                    )

    def test_who_may_read_what(self):
        for login in ("viewer", "clerk_1", "engineer", "accountant", "auditor", "manager"):
            sees_prices = login in ("accountant", "auditor", "manager")
            for model in MASTERS:
                expected = sees_prices or model not in PRICES
                self.assertEqual(self.env[model].with_user(getattr(self, login)).has_access("read"), expected, login)

    def test_every_energy_model_is_read_only_for_the_auditor(self):
        names = self.env["ir.model"].search([("model", "=like", "energy.%"), ("transient", "=", False)]).mapped("model")
        for name in names:
            if self.env[name]._abstract:
                continue
            records = self.env[name].with_user(self.auditor)
            for right in ("write", "create", "unlink"):
                self.assertFalse(records.has_access(right), f"{right} {name}")

    def test_other_employees_see_nothing(self):
        employee = self._create_user("no_energy", "base.group_user")
        for model in MASTERS:
            self.assertFalse(self.env[model].with_user(employee).has_access("read"), model)
        product = self.env["product.product"].create({"name": "P", "energy_unit_ids": self.workshop_1.ids})
        self.assertNotIn("energy_unit_ids", product.with_user(employee).fields_get())
        with self.assertRaises(AccessError):
            product.with_user(employee).read(["energy_unit_ids"])

    def test_price_fields_need_their_right(self):
        for user in (self.viewer, self.clerk_1, self.engineer):
            fields_of_type = self.el.with_user(user).fields_get()
            self.assertFalse({"tariff_ids", "current_price"} & fields_of_type.keys())
            with self.assertRaises(AccessError):
                self.el.with_user(user).read(["current_price"])
        self.assertEqual(self.el.with_user(self.auditor).current_price, "no price")

    # === NODE WALLS === #
    def test_clerk_sees_only_allowed_nodes(self):
        nodes = self.env["energy.node"].with_user(self.clerk_1)
        self.assertEqual(nodes.search([]), self.workshop_1 | self.device_1 | self.meter_1)
        self.assertFalse(nodes.name_search("W2"))
        self.assertEqual(nodes.search_count([("name", "=", "W2")]), 0)
        self.assertEqual(nodes._read_group([], [], ["__count"])[0][0], 3)
        with self.assertRaises(AccessError):
            nodes.browse(self.workshop_2.id).name  # noqa: B018
        with self.assertRaises(AccessError):
            nodes.browse(self.meter_2.id).read(["serial_number"])

    def test_search_panel_stays_inside_the_wall(self):
        nodes = self.env["energy.node"].with_user(self.clerk_2)
        values = nodes.search_panel_select_range("parent_id", limit=0)["values"]
        self.assertEqual({value["id"] for value in values}, {self.workshop_2.id})

    def test_nothing_set_is_nothing_seen(self):
        self.viewer.energy_node_ids = False
        self.assertFalse(self.env["energy.node"].with_user(self.viewer).search([]))

    def test_new_allowed_nodes_show_at_once(self):
        nodes = self.env["energy.node"].with_user(self.clerk_2)
        self.assertNotIn(self.device_1, nodes.search([]))
        self.clerk_2.energy_node_ids = [Command.link(self.workshop_1.id)]
        self.assertIn(self.device_1, nodes.search([]))

    def test_children_of_nodes_share_the_wall(self):
        self.workshop_2.use_ids = [Command.create({"energy_type_id": self.el.id, "role": "used"})]
        self.meter_2.calibration_ids = [Command.create({"date": "2026-01-05"})]
        for records in (self.workshop_2.use_ids, self.meter_2.calibration_ids, self.meter_2.parent_history_ids):
            model = self.env[records._name]
            self.assertFalse(model.with_user(self.clerk_1).search([("id", "in", records.ids)]))
            with self.assertRaises(AccessError):
                records.with_user(self.clerk_1).read([])
            self.assertEqual(model.with_user(self.clerk_2).search([("id", "in", records.ids)]), records)

    def test_product_shows_only_allowed_units(self):
        product = self.env["product.product"].create({"name": "Cover"})
        product.energy_unit_ids = self.workshop_1 | self.workshop_2
        product.invalidate_recordset()
        self.assertEqual(product.with_user(self.clerk_1).energy_unit_ids, self.workshop_1)

    def test_unplaced_are_for_managers_and_engineers(self):
        spare = self._create_node("Spare", kind="meter", energy_type_id=self.el.id)
        for user in (self.manager, self.engineer):
            self.assertIn(spare, self.env["energy.node"].with_user(user).search([]))
        for user in (self.viewer, self.clerk_1, self.accountant, self.auditor):
            self.assertNotIn(spare, self.env["energy.node"].with_user(user).search([]))

    # === COMPANY WALLS === #
    def test_company_wall(self):
        other = self._create_company("Other Works")
        plant = self._create_node("Other plant", company_id=other.id)
        own_type = self.env["energy.type"].create(
            {"name": "Slag gas", "code": "SG", "uom_id": self.ng.uom_id.id, "company_id": other.id}
        )
        factor = self.env["energy.factor"].create(
            {"energy_type_id": own_type.id, "uom_id": own_type.uom_id.id, "value": 1, "document": "Test",
             "company_id": other.id}
        )
        self.manager.sudo().energy_node_ids = [Command.link(plant.id)]
        for record in (plant, own_type, factor):
            self.assertFalse(self.env[record._name].with_user(self.manager).search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])
        self.assertTrue(self.el.with_user(self.manager).name)

    # === ENGINEERS === #
    def test_engineer_keeps_devices_and_meters(self):
        nodes = self.env["energy.node"].with_user(self.engineer)
        device = nodes.create({"name": "Pump", "kind": "device", "parent_id": self.workshop_1.id})
        meter = nodes.create({"name": "M", "kind": "meter", "energy_type_id": self.el.id, "parent_id": device.id})
        meter.parent_id = self.workshop_2
        meter.calibration_ids = [Command.create({"date": "2026-01-05"})]
        meter.unlink()
        with self.assertRaises(AccessError):
            nodes.browse(self.workshop_1.id).name = "Mine"
        with self.assertRaises(AccessError):
            nodes.create({"name": "Hall", "kind": "unit", "parent_id": self.plant.id})
        with self.assertRaises(AccessError):
            nodes.browse(self.workshop_2.id).unlink()

    def test_engineer_cannot_turn_a_device_into_a_unit(self):
        device = self.env["energy.node"].with_user(self.engineer).create({"name": "Pump", "kind": "device"})
        with self.assertRaises(AccessError):
            device.kind = "unit"

    def test_no_move_over_the_wall(self):
        self.engineer.energy_node_ids = self.workshop_1
        meter = self.meter_1.with_user(self.engineer)
        with self.assertRaises(AccessError):
            meter.parent_id = self.workshop_2
        with self.assertRaises(AccessError):
            self.env["energy.node"].with_user(self.engineer).create(
                {"name": "X", "kind": "device", "parent_id": self.workshop_2.id}
            )

    def test_engineer_sees_units_without_edit_buttons(self):
        view = self.env.ref("energy_carbon.energy_node_view_form_unit").id
        for user, editable in ((self.engineer, False), (self.manager, True)):
            arch = self.env["energy.node"].with_user(user).get_view(view, "form")["arch"]
            self.assertEqual('edit="0"' not in arch, editable, user.login)

    def test_manager_restores_an_archived_plant(self):
        tree = self.env["energy.node"].with_user(self.manager).search([])
        tree.action_archive()
        archived = self.env["energy.node"].with_user(self.manager).with_context(active_test=False)
        self.assertEqual(archived.search([("active", "=", False)]), tree)
        archived.search([("depth", "=", 1)]).action_unarchive()
        self.assertTrue(self.plant.active)

    # === WHO GETS ROOT NODES === #
    def test_company_wide_roles_got_the_plant(self):
        for user in (self.manager, self.engineer, self.accountant, self.auditor):
            self.assertEqual(user.energy_node_ids, self.plant, user.login)

    def test_manager_creates_a_plant_and_sees_it(self):
        plant = self.env["energy.node"].with_user(self.manager).create({"name": "South plant", "kind": "unit"})
        self.assertEqual(plant.name, "South plant")
        self.assertIn(plant, self.accountant.energy_node_ids)
        self.assertNotIn(plant, self.viewer.energy_node_ids)
        workshop = self.env["energy.node"].with_user(self.manager).create({"name": "S1", "parent_id": plant.id})
        workshop.name = "S2"

    def test_group_grants_from_either_side(self):
        user = self._create_user("later_auditor", "energy_carbon.group_viewer")
        self.assertFalse(user.energy_node_ids)
        auditors = self.env.ref("energy_carbon.group_auditor")
        user.write({"group_ids": [Command.link(auditors.id)]})
        self.assertEqual(user.energy_node_ids, self.plant)
        other = self._create_user("other_auditor", "energy_carbon.group_viewer")
        auditors.write({"user_ids": [Command.link(other.id)]})
        self.assertEqual(other.energy_node_ids, self.plant)

    def test_taken_nodes_stay_taken(self):
        self.accountant.energy_node_ids = self.workshop_1
        self.accountant.write({"group_ids": [Command.link(self.env.ref("energy_carbon.group_unlock").id)]})
        self.assertEqual(self.accountant.energy_node_ids, self.workshop_1)

    def test_new_company_brings_its_plants(self):
        other = self._create_company("Other Works")
        plant = self._create_node("Other plant", company_id=other.id)
        self.assertNotIn(plant, self.manager.energy_node_ids)
        self.manager.company_ids = [Command.link(other.id)]
        self.assertEqual(self.manager.energy_node_ids, self.plant | plant)

    # === DAILY WORK AS REAL USERS === #
    def test_manager_keeps_masters(self):
        env = self.env(user=self.manager)
        energy_type = env["energy.type"].create({"name": "Landfill gas", "code": "LFG", "uom_id": self.ng.uom_id.id})
        env["energy.factor"].create(
            {"energy_type_id": energy_type.id, "uom_id": self.ng.uom_id.id, "value": 0.7, "document": "Analysis"}
        )
        env["energy.tariff"].create({"name": "Biogas", "energy_type_id": energy_type.id})
        product = env["product.product"].create({"name": "Ring"})
        self.workshop_1.with_env(env).product_ids = product
        with Form(self.device_1.with_env(env), view="energy_carbon.energy_node_view_form_device") as form:
            form.specification = "2 t"
        with self.assert_refused(Exception, "in use"):
            self.workshop_1.with_env(env).use_ids = [Command.create({"energy_type_id": energy_type.id})]
            energy_type.unlink()

    def test_viewer_opens_every_ledger(self):
        nodes = self.env["energy.node"].with_user(self.viewer)
        for kind, node in (("unit", self.plant), ("device", self.device_1), ("meter", self.meter_1)):
            view = nodes.get_view(self.env.ref(f"energy_carbon.energy_node_view_form_{kind}").id, "form")
            names = [name for name in view["models"]["energy.node"] if name in nodes._fields]
            nodes.browse(node.id).read(names)
