"""What the report says, computed the real way from typed figures."""

from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import JULY, JUNE, ReportCommon


@tagged("post_install", "-at_install")
class TestReportFigures(ReportCommon):
    def summary(self, **values):
        wizard = self.report(**values)
        return {matrix.key: matrix for matrix in wizard._matrices()}

    def cell(self, matrix, node, column):
        return matrix[str(node.id), column]

    @property
    def el_column(self):
        return f"type{self.el.id}:amount"

    @property
    def ng_column(self):
        return f"type{self.ng.id}:amount"

    def test_month_of_the_plant(self):
        summary = self.summary()["summary"]
        plant = self.cell(summary, self.plant, self.el_column)
        self.assertAlmostEqual(plant.value, 31 * 110.0, places=9)
        self.assertAlmostEqual(plant.previous_value, 30 * 100.0, places=9)
        self.assertAlmostEqual(plant.change, 3410 / 3000 - 1, places=9)
        self.assertEqual(plant.indicator_id, self.plant_el.id)
        self.assertEqual((plant.first, plant.last), (JULY, date(2024, 7, 31)))

    def test_children_and_difference_are_the_parent(self):
        summary = self.summary()["summary"]
        rest = summary[f"rest:{self.plant.id}", self.el_column]
        self.assertAlmostEqual(rest.value, 31 * (110.0 - 65.0 - 40.0), places=9)
        plant = self.cell(summary, self.plant, self.el_column)
        parts = [summary[part, self.el_column].value for part in plant.parts]
        self.assertAlmostEqual(sum(parts), plant.value, places=9)

    def test_devices_are_listed_on_request(self):
        summary = self.summary(levels="devices")["summary"]
        device = self.cell(summary, self.device_1, self.el_column)
        self.assertAlmostEqual(device.value, 31 * 65.0, places=9)
        self.assertNotIn(str(self.device_1.id), self.summary()["summary"].row_keys())

    def test_levels(self):
        self.assertEqual(self.summary(levels="unit")["summary"].row_keys(), [str(self.plant.id)])
        line = self._create_node("L1", parent_id=self.workshop_1.id)
        self.assertNotIn(str(line.id), self.summary(levels="children")["summary"].row_keys())
        self.assertIn(str(line.id), self.summary(levels="units")["summary"].row_keys())

    def test_coal_carbon_and_cost_of_each_type(self):
        details = self.summary()["details"]
        row = f"{self.workshop_1.id}|type{self.el.id}"
        self.assertAlmostEqual(details[row, "coal"].value, 31 * 65 * 0.1229, places=6)
        self.assertAlmostEqual(details[row, "cost"].value, 31 * 65 * 0.6, places=6)
        self.assertGreater(details[row, "carbon"].value, 0)

    def test_no_price_is_no_cost(self):
        cost = self.summary()["details"][f"{self.workshop_2.id}|type{self.ng.id}", "cost"]
        self.assertIsNone(cost.value)
        self.assertEqual(cost.figure.reason, "no_price")

    def test_total_is_the_units_own_indicator(self):
        summary = self.summary()["summary"]
        total = self.cell(summary, self.plant, "total:coal")
        expected = 31 * (110 * 0.1229 + 12 * 1.2143)
        self.assertAlmostEqual(total.value, expected, places=6)
        w2 = self.cell(summary, self.workshop_2, "total:coal")
        self.assertIsNone(w2.value)
        self.assertEqual(w2.figure.reason, "no_indicator")

    def test_total_cost_with_an_unpriced_type_is_partial(self):
        total = self.cell(self.summary()["summary"], self.plant, "total:cost")
        self.assertAlmostEqual(total.value, 31 * 110 * 0.6, places=6)
        self.assertEqual(total.figure.reason, "partial_price")

    def test_own_made_steam_never_enters_the_total(self):
        before = self.cell(self.summary()["summary"], self.plant, "total:coal").value
        steam = self._add(self.workshop_1, "ST.CONS", source="entered")
        self.env["energy.node.use"].create({"node_id": self.plant.id, "energy_type_id": self.st.id, "role": "made"})
        self.env["energy.entry"].create({"indicator_id": steam.id, "date_from": JULY, "date_to": JULY, "value": 500.0})
        self._compute()
        summary = self.summary()["summary"]
        self.assertEqual(self.cell(summary, self.workshop_1, f"type{self.st.id}:amount").value, 500.0)
        self.assertAlmostEqual(self.cell(summary, self.plant, "total:coal").value, before, places=6)
        self.assertIsNone(self.cell(summary, self.plant, f"type{self.st.id}:amount"))

    def test_one_type_shows_its_own_coal(self):
        summary = self.summary(energy_type_ids=[(6, 0, self.el.ids)])["summary"]
        self.assertNotIn("total:coal", [column.key for column in summary.columns])
        coal = self.cell(summary, self.workshop_1, f"type{self.el.id}:coal")
        self.assertAlmostEqual(coal.value, 31 * 65 * 0.1229, places=6)

    def test_day_year_and_free_agree_with_the_month(self):
        july = self.cell(self.summary()["summary"], self.plant, self.el_column).value
        june = 30 * 100.0
        year = self.summary(period_kind="year")
        self.assertAlmostEqual(self.cell(year["summary"], self.plant, self.el_column).value, june + july, places=9)
        steps = [row.day for row in year["course"].rows if row.day]
        self.assertEqual(steps[0], date(2024, 1, 1))
        self.assertAlmostEqual(year["course"]["2024-07-01", self.el_column].value, july, places=9)
        free = self.summary(period_kind="free", date_from=date(2024, 6, 30), date_to=date(2024, 7, 31))
        self.assertAlmostEqual(self.cell(free["summary"], self.plant, self.el_column).value, 100.0 + july, places=9)
        day = self.summary(period_kind="day", date_from=date(2024, 7, 9))
        self.assertAlmostEqual(self.cell(day["summary"], self.plant, self.el_column).value, 110.0, places=9)
        self.assertNotIn("course", day)

    def test_course_adds_up_to_the_period(self):
        course = self.summary()["course"]
        total = course["total", self.el_column]
        self.assertEqual(len(total.parts), 31)
        self.assertAlmostEqual(sum(course[part, self.el_column].value for part in total.parts), total.value, places=9)
        self.assertAlmostEqual(course["2024-07-01", self.el_column].previous_value, 100.0, places=9)

    def test_months_never_face_parts_of_months(self):
        days = {"period_kind": "free", "date_from": date(2024, 5, 20), "date_to": date(2024, 7, 31)}
        course = self.summary(**days)["course"]
        self.assertIsNone(course["2024-07-01", self.el_column].previous_value)
        self.assertEqual(course["total", self.el_column].previous_parts, ())
        self.assertEqual(len(course["total", self.el_column].parts), 3)
        year_before = self.summary(**days, compare="last_year")["course"]
        self.assertEqual(len(year_before["total", self.el_column].previous_parts), 3)

    def test_missing_days_show_in_the_coverage(self):
        gone = self.env["energy.entry"].search(
            [("indicator_id", "=", self.counted["meter_1"].id), ("date_from", "in", ("2024-07-10", "2024-07-11"))]
        )
        gone.unlink()
        self._compute()
        matrices = self.summary()
        cell = self.cell(matrices["summary"], self.workshop_1, self.el_column)
        self.assertAlmostEqual(cell.value, 29 * 65.0, places=9)
        self.assertEqual((cell.figure.present, cell.figure.expected), (29, 31))
        self.assertTrue(cell.figure.is_partial)
        coverage = self.cell(matrices["summary"], self.workshop_1, "coverage")
        self.assertAlmostEqual(coverage.figure.coverage, 29 / 31)
        odd = self.summary(period_kind="free", date_from=date(2024, 7, 9), date_to=date(2024, 7, 12))
        cell = self.cell(odd["summary"], self.workshop_1, self.el_column)
        self.assertEqual((cell.value, cell.figure.present, cell.figure.expected), (130.0, 2, 4))
        day = self.summary(period_kind="day", date_from=date(2024, 7, 10))["summary"]
        self.assertIsNone(self.cell(day, self.workshop_1, self.el_column).value)

    def test_same_period_of_last_year(self):
        cell = self.cell(self.summary(compare="last_year")["summary"], self.plant, self.el_column)
        self.assertIsNone(cell.previous_value)
        self.assertIsNone(cell.change)
        nothing = self.summary(compare="none")["summary"]
        self.assertFalse([column for column in nothing.columns if column.kind in ("previous", "change")])

    def type_last_july(self):
        """W1 used 50 kWh a day in July 2023, of 60 kWh of the plant's; the gas of 2023 is not known."""
        days = [date(2023, 7, day) for day in range(1, 32)]
        self.env["energy.entry"].create(
            [
                {"indicator_id": self.counted[name].id, "date_from": day, "date_to": day, "value": amount}
                for name, amount in (("main", 60.0), ("meter_1", 50.0))
                for day in days
            ]
        )
        self._compute()

    def test_last_year_beside_this_year(self):
        self.type_last_july()
        matrices = self.summary(compare="last_year")
        cell = self.cell(matrices["summary"], self.plant, self.el_column)
        self.assertAlmostEqual(cell.previous_value, 31 * 60.0, places=9)
        self.assertAlmostEqual(cell.change, 110 / 60 - 1, places=9)
        details = matrices["details"]
        row = f"{self.workshop_1.id}|type{self.el.id}"
        self.assertAlmostEqual(details[row, "amount"].previous_value, 31 * 50.0, places=9)
        self.assertAlmostEqual(details[row, "coal"].previous_value, 31 * 50.0 * 0.1229, places=6)
        self.assertAlmostEqual(details[row, "cost"].change, 65 / 50 - 1, places=9)
        gas = details[f"{self.plant.id}|type{self.ng.id}", "amount"]
        self.assertIsNone(gas.previous_value, "unknown is not zero")
        self.assertIsNone(gas.change)
        labels = [column.label for column in details.columns if column.of == "amount"]
        self.assertEqual(labels, ["Same period last year", "Change"])
        course = matrices["course"]["2024-07-09", self.el_column]
        self.assertAlmostEqual(course.previous_value, 60.0, places=9)

    def test_leap_february_faces_all_of_the_shorter_one(self):
        wizard = self.report(date_from=date(2024, 2, 10), compare="last_year")
        self.assertEqual(wizard._compared().last, date(2023, 2, 28))

    def test_tonnes(self):
        kg = self.cell(self.summary()["summary"], self.plant, "total:coal")
        tonnes = self.cell(self.summary(in_tonnes=True)["summary"], self.plant, "total:coal")
        self.assertAlmostEqual(tonnes.value * 1000, kg.value, places=6)
        self.assertEqual((kg.unit, tonnes.unit), ("kgce", "tce"))

    def test_the_two_coal_bases_are_never_mixed(self):
        details = self.summary(coal_basis="equivalent")["details"]
        row = f"{self.workshop_1.id}|type{self.el.id}"
        self.assertAlmostEqual(details[row, "coal"].value, 31 * 65 * 0.305, places=6)
        total = self.summary(coal_basis="equivalent")["summary"]
        self.assertIsNone(self.cell(total, self.plant, "total:coal").value)

    def test_a_unit_kept_in_another_unit_is_converted(self):
        self.w1_el.uom_id = self.env.ref("energy_carbon.uom_mwh")
        self._compute()
        cell = self.cell(self.summary()["summary"], self.workshop_1, self.el_column)
        self.assertAlmostEqual(cell.value, 31 * 65.0, places=6)

    def test_the_tree_is_that_of_each_day(self):
        line = self._create_node("L1", parent_id=self.workshop_1.id)
        line.with_context(energy_move_date="2024-07-20").parent_id = self.workshop_2
        july = {r.label: r.parent for r in self.summary()["summary"].rows if r.label.startswith("L1")}
        self.assertEqual(
            july,
            {"L1 (Jul 1 – Jul 19)": str(self.workshop_1.id), "L1 (Jul 20 – Jul 31)": str(self.workshop_2.id)},
        )
        june = self.summary(date_from=JUNE)["summary"]
        self.assertEqual(next(r.parent for r in june.rows if r.label == "L1"), str(self.workshop_1.id))
        august = self.summary(date_from=date(2024, 8, 1))["summary"]
        self.assertEqual(next(r.parent for r in august.rows if r.label == "L1"), str(self.workshop_2.id))
        self.assertIn("L1", self.report()._notes()[-1])

    def move_furnace(self):
        """The furnace moves from W1 to W2 on 11 July; W1 had it ten days, W2 has it 21."""
        self.device_1.with_context(energy_move_date="2024-07-11").parent_id = self.workshop_2
        self._compute()

    def test_r4_figures_of_a_moved_device_are_under_its_parent_of_the_day(self):
        """Both workshops' sums are right by formula, and what is listed below each adds up to it."""
        self.formula_of_parts(self.w1_el, self.device_el)
        self.formula_of_parts(self.w2_el, self.counted["meter_2"])
        self.move_furnace()
        summary = self.summary(levels="devices")["summary"]
        rows = {row.label: row for row in summary.rows if row.label.startswith("Furnace")}
        self.assertEqual(list(rows), ["Furnace (Jul 1 – Jul 10)", "Furnace (Jul 11 – Jul 31)"])
        first, second = rows.values()
        self.assertEqual((first.parent, second.parent), (str(self.workshop_1.id), str(self.workshop_2.id)))
        at_first, at_second = (summary[row.key, self.el_column] for row in (first, second))
        self.assertAlmostEqual(at_first.value, 10 * 65.0, places=9)
        self.assertAlmostEqual(at_second.value, 21 * 65.0, places=9)
        w1 = self.cell(summary, self.workshop_1, self.el_column)
        w2 = self.cell(summary, self.workshop_2, self.el_column)
        self.assertAlmostEqual(w1.value, at_first.value, places=9)
        self.assertAlmostEqual(w2.value, 31 * 40.0 + at_second.value, places=9)
        for unit, cell in ((self.workshop_1, w1), (self.workshop_2, w2), (self.plant, None)):
            cell = cell or self.cell(summary, unit, self.el_column)
            self.assertAlmostEqual(sum(summary[part, self.el_column].value for part in cell.parts), cell.value, places=9)

    def test_r4_explain_and_comparison_are_of_its_days_there(self):
        self.move_furnace()
        summary = self.summary(levels="devices")["summary"]
        first, second = (row.key for row in summary.rows if row.label.startswith("Furnace"))
        cell = summary[second, self.el_column]
        self.assertEqual((cell.first, cell.last), (date(2024, 7, 11), date(2024, 7, 31)))
        self.assertEqual(cell.indicator_id, self.device_el.id)
        answer = self.env["energy.indicator"].explain(cell.indicator_id, str(cell.first), str(cell.last))
        self.assertAlmostEqual(answer["value"], cell.value)
        self.assertAlmostEqual(summary[first, self.el_column].previous_value, 30 * 60.0)
        self.assertIsNone(cell.previous_value, "in June it was not there")
        august = self.summary(levels="devices", date_from=date(2024, 8, 1))["summary"]
        self.assertAlmostEqual(august[str(self.device_1.id), self.el_column].previous_value, 21 * 65.0)

    def test_r4_what_hangs_below_a_moved_unit_moves_with_it(self):
        line = self._create_node("L1", parent_id=self.workshop_1.id)
        press = self._create_node("Press", kind="device", parent_id=line.id)
        consumption = self._add(press, "EL.CONS", source="entered")
        for day in range(1, 32):
            self.env["energy.entry"].create(
                {"indicator_id": consumption.id, "date_from": date(2024, 7, day), "date_to": date(2024, 7, day), "value": 2}
            )
        line.with_context(energy_move_date="2024-07-11").parent_id = self.workshop_2
        self._compute()
        summary = self.summary(levels="devices")["summary"]
        presses = [row for row in summary.rows if row.label.startswith("Press")]
        self.assertEqual([summary[row.key, self.el_column].value for row in presses], [20.0, 42.0])
        self.assertEqual(len(set(summary.row_keys())), len(summary.rows))

    def test_r4_there_and_back_again(self):
        """Two stretches under one parent are one line; nobody explains their sum."""
        self.move_furnace()
        self.device_1.with_context(energy_move_date="2024-07-21").parent_id = self.workshop_1
        self._compute()
        summary = self.summary(levels="devices")["summary"]
        rows = [row for row in summary.rows if row.label.startswith("Furnace")]
        self.assertEqual(rows[0].label, "Furnace (Jul 1 – Jul 10, Jul 21 – Jul 31)")
        cell = summary[rows[0].key, self.el_column]
        self.assertAlmostEqual(cell.value, 21 * 65.0, places=9)
        self.assertIsNone(cell.indicator_id)
        self.assertAlmostEqual(summary[rows[1].key, self.el_column].value, 10 * 65.0, places=9)

    def formula_of_parts(self, indicator, *sources):
        indicator.term_ids.unlink()
        self.env["energy.indicator.term"].create(
            [{"indicator_id": indicator.id, "source_id": source.id} for source in sources]
        )
        self._compute()

    def test_a_closed_workshop_keeps_its_earlier_figures(self):
        self.meter_1.active = False
        self.device_1.active = False
        self.workshop_1.active = False
        cell = self.cell(self.summary()["summary"], self.workshop_1, self.el_column)
        self.assertAlmostEqual(cell.value, 31 * 65.0, places=9)
        later = self.summary(date_from=date(2024, 9, 1))["summary"]
        self.assertNotIn(str(self.workshop_1.id), later.row_keys())

    def test_a_backwards_period_is_refused(self):
        with self.assertRaises(ValidationError):
            self.report(period_kind="free", date_from=date(2024, 7, 2), date_to=date(2024, 7, 1))
        with self.assertRaises(ValidationError):
            self.report(period_kind="free", date_from=date(2000, 1, 1), date_to=date(2024, 7, 1))
