"""Example P of the worked examples: Plant A in July 2026, built through the models."""

from datetime import date

from odoo.fields import Command

from .plant import PlantCase

JULY, JULY_END = date(2026, 7, 1), date(2026, 7, 31)
PERIODS = ("sharp", "peak", "flat", "valley")
# Unit -> (unit type, kWh by period in thousand).
POWER = {
    "W1": ("workshop", (24, 72, 84, 60)),
    "W2": ("workshop", (18, 60, 63, 39)),
    "Boiler house": ("service", (3, 9, 10.5, 7.5)),
    "Air station": ("service", (7.2, 19.8, 25.2, 19.8)),
    "Office": ("office", (3.6, 7.2, 10.8, 2.4)),
    "Dormitory": ("living", (0.6, 2.4, 4.5, 10.5)),
    "Tenant": ("tenant", (1.2, 2.4, 3.6, 4.8)),
}
MAIN_METER = (60, 180, 210, 150)
STEAM = {"W1": 1_500.0, "W2": 800.0, "Office": 150.0}
STEAM_MADE = 2_500.0
GAS, WATER = 80_000.0, 12_000.0
AIR = {"W1": 480_000.0, "W2": 320_000.0}
OUTPUT = {"P1": ("W1", 4_000.0), "P2": ("W1", 1_000.0), "P3": ("W2", 2_500.0)}
PRICES = {"sharp": 1.14, "peak": 0.95, "flat": 0.622, "valley": 0.3555}


def kwh(by_period) -> float:
    return sum(by_period) * 1000.0


class ExampleP:
    """The records of Plant A, for tests of :class:`PlantCase` and their like.

    The main meter M0 (600 000 kWh) has a typed sub-meter in every unit; 24 000 kWh of loss are in none. The boiler house
    makes 2 500 GJ of steam of which 2 450 arrive, the air station 800 000 m3 of air.

    :ivar plant: the plant; units: name -> unit; main_meter: M0; meters: unit name -> its electricity meter
    :ivar power: unit name -> EL.FWD of its meter, ``""`` for the main meter; made, used: (unit, code) -> typed indicator
    :ivar products: name -> product; outputs: name -> its output indicator
    :ivar totals: (unit name, code) -> total, ``""`` for the plant; calls of :meth:`total` add more
    """

    def __init__(self, case: type[PlantCase], periods: bool = False):
        """Build the plant under the case's own plant and type July's figures; nothing is computed yet.

        :param periods: also type the meters' period registers (EL.FWD.S, .P, .F, .V)
        """
        self.case, self.env, self.plant = case, case.env, case.plant
        self.units, self.meters, self.power, self.registers = {}, {}, {}, {}
        self.typed, self.totals = {}, {}
        self.main_meter = self._meter("M0", self.plant, "", MAIN_METER, periods, meter_role="billing")
        for name, (unit_type, by_period) in POWER.items():
            self.units[name] = case.node(name, "unit", self.plant, unit_type=unit_type)
            self.meters[name] = self._meter(
                f"M {name}", self.units[name], name, by_period, periods, main_meter_id=self.main_meter.id
            )
            case.add(self.units[name], "EL.CONS")
        self._uses()
        self._media()
        self._outputs()
        for code in ("EL.CONS", "NG.CONS"):
            self.total("", code)

    def total(self, unit: str, code: str):
        """The computed indicator of a unit, ``""`` for the plant; made where it is missing (a test's are gone after it)."""
        found = self.totals.get((unit, code))
        if not found or not found.exists():
            found = self.totals[unit, code] = self.case.add(self.units.get(unit, self.plant), code)
        return found

    def tariff(self):
        """The period prices of P-4: cost is then known where the amounts are known by period."""
        bands = [("sharp", 19.0, 21.0), ("peak", 8.0, 11.0), ("peak", 16.0, 19.0), ("valley", 23.0, 8.0)]
        return self.env["energy.tariff"].create(
            {
                "name": "10 kV",
                "energy_type_id": self.case.type("EL").id,
                "company_id": self.case.company.id,
                "kind": "tou",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": date(2020, 1, 1),
                            "default_period": "flat",
                            "band_ids": [Command.create({"period": p, "start": s, "end": e}) for p, s, e in bands],
                        }
                    )
                ],
                "price_ids": [
                    Command.create({"date_from": date(2020, 1, 1), "period": period, "price": price})
                    for period, price in PRICES.items()
                ],
            }
        )

    def _meter(self, name, node, key, by_period, periods, **values):
        meter = self.case.node(
            name, "meter", node, energy_type_id=self.case.type("EL").id, collection="typed", **values
        )
        self.power[key] = self._type(meter, "EL.FWD", kwh(by_period), key)
        if periods:
            for period, letter, thousand in zip(PERIODS, "SPFV", by_period, strict=True):
                self.registers[key, period] = self._type(meter, f"EL.FWD.{letter}", thousand * 1000.0, key)
        return meter

    def _type(self, node, code, amount, key):
        indicator = self.case.add(node, code, source="entered")
        self.case.enter(indicator, JULY, amount, JULY_END)
        self.typed[key, code] = indicator
        return indicator

    def _uses(self):
        """What is bought, and what the two services make."""
        uses = [
            (self.plant, "EL", "purchased"),
            (self.plant, "NG", "purchased"),
            (self.plant, "WT", "purchased"),
            (self.units["Boiler house"], "NG", "used"),
            (self.units["Boiler house"], "EL", "used"),
            (self.units["Boiler house"], "ST", "made"),
            (self.units["Air station"], "EL", "used"),
            (self.units["Air station"], "CA", "made"),
        ]
        self.env["energy.node.use"].create(
            [{"node_id": node.id, "energy_type_id": self.case.type(code).id, "role": role} for node, code, role in uses]
        )

    def _media(self):
        self._type(self.units["Boiler house"], "NG.CONS", GAS, "Boiler house")
        self._type(self.units["Boiler house"], "ST.GEN", STEAM_MADE, "Boiler house")
        self._type(self.units["Air station"], "CA.GEN", sum(AIR.values()), "Air station")
        for code, amounts in (("ST.CONS", STEAM), ("CA.CONS", AIR)):
            for name, amount in amounts.items():
                self._type(self.units[name], code, amount, name)
        self._type(self.plant, "WT.CONS", WATER, "")

    def _outputs(self):
        self.products, self.outputs = {}, {}
        tonne = self.env.ref("uom.product_uom_ton")
        for name, (unit, amount) in OUTPUT.items():
            self.products[name] = self.env["product.product"].create({"name": name, "uom_id": tonne.id})
            self.units[unit].product_ids |= self.products[name]
            self.outputs[name] = self.env["energy.indicator"].search([("product_id", "=", self.products[name].id)])
            self.case.enter(self.outputs[name], JULY, amount, JULY_END)
