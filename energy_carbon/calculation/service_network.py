"""What the units and auxiliary services of a plant used and made in a period. Reads values; decides no presentation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..engine.transformation import Network, shares_of_products
from ..tools.selections import COMPANIONS
from .boundary import MEDIA
from .factor_book import Context, FactorBook
from .plant_figures import PlantFigures
from .tree_of_day import TreeOfDay

# Units of electricity: beside another input it is a service's auxiliary power, alone it is what is turned into something.
ELECTRICITY_UNITS = ("uom_kwh", "uom_mwh", "uom_10k_kwh")
# Units that are rows of their own wherever they hang; other units below a row are parts of it.
APART = ("service", "office", "living", "tenant")

SUMS = """
    SELECT indicator_id, SUM(value), {companions}
      FROM energy_value WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s GROUP BY indicator_id
""".format(
    companions=", ".join(
        f"""CASE WHEN COUNT(*) FILTER (WHERE value <> 0 AND "{name}" IS NULL) = 0
                 THEN COALESCE(SUM("{name}"), 0) END""" for name in COMPANIONS
    )
)  # fmt: skip
DAYS = """
    SELECT indicator_id, date, value FROM energy_value
     WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s AND value IS NOT NULL
"""


@dataclass
class Input:
    """What one row took of an energy type that is no product.

    :ivar amount: in the type's unit, NaN where units do not convert; measures: shape (k,) in the order of COMPANIONS
    """

    energy_type: object
    amount: float
    measures: np.ndarray
    sources: object


@dataclass
class ServiceNetwork:
    """A plant's network with the names to it.

    :ivar rows: units, then the plant itself for what no unit used (loss), then None for outsiders
    :ivar loss_row: the row of the plant itself
    :ivar bought_row: who delivers bought energy into a network of own-made energy; sold_row: who gets what is sold
    :ivar products: energy types that services make; network: figures of rows and products
    :ivar inputs: row -> what it took of other energy types; consumed, made: (row, product) -> indicators
    :ivar makes: which rows are services that make each product, shape (n, p)
    :ivar notes: what the reader should know: figures that are not there
    """

    rows: list
    products: list
    network: Network
    inputs: dict[int, list[Input]]
    loss_row: int
    bought_row: int | None = None
    sold_row: int | None = None
    makes: np.ndarray | None = None
    consumed: dict = field(default_factory=dict)
    made: dict = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def is_service(self, row: int) -> bool:
        return bool(self.makes[row].any())

    def auxiliary(self, row: int) -> list[Input]:
        """Electricity that a service uses beside its fuel; none where it is all there is."""
        power = [one for one in self.inputs[row] if is_electricity(one.energy_type)]
        return power if len(power) < len(self.inputs[row]) else []

    def fuel(self, row: int) -> np.ndarray:
        """What a service turns into its product, in each measure, shape (k,)."""
        auxiliary = self.auxiliary(row)
        fuels = [one.measures for one in self.inputs[row] if one not in auxiliary]
        return sum(fuels, np.zeros(len(COMPANIONS)))


def is_electricity(energy_type) -> bool:
    """Whether an energy type is electricity, whatever it is called."""
    return energy_type.uom_id in [energy_type.env.ref(f"energy_carbon.{name}") for name in ELECTRICITY_UNITS]


class Loader:
    """Builds the network of one plant and period from values; the caller has checked the reader's rights.

    Units hang where they hung on the period's last day.
    """

    def __init__(self, plant, first, last):
        self.plant, self.env, self.first, self.last = plant, plant.env, first, last
        self.tree = TreeOfDay(plant, last)
        below = self.tree.below(plant)
        self.figures = PlantFigures(plant | below)
        self.book = FactorBook(plant.env, plant.company_id)
        self.days = np.arange(first.toordinal(), last.toordinal() + 1)
        self.units = below.filtered(lambda node: node.kind == "unit").sorted()
        self._load_sums()

    def load(self) -> ServiceNetwork:
        """The network; rows are the plant's direct units and services, offices, living quarters and tenants anywhere."""
        rows = [*self._row_units(), self.plant]
        products = self._products()
        self._load_days(products)
        inputs = {at: [] for at in range(len(rows))}
        for energy_type in self._other_types(products):
            for at, one in enumerate(self._rests(rows, energy_type)):
                if one is not None:
                    inputs[at].append(one)
        result = ServiceNetwork(rows, products, None, inputs, len(rows) - 1)
        self._add_outsiders(result)
        self._fill(result)
        return result

    # === WHO AND WHAT === #
    def _row_units(self) -> list:
        direct = self.units.filtered(lambda unit: self.tree.parent(unit) == self.plant)
        return list(direct | self.units.filtered(lambda unit: unit.unit_type in APART))

    def _products(self) -> list:
        services = self.units.filtered(lambda unit: unit.unit_type == "service")
        return list(services.use_ids.filtered(lambda use: use.role == "made").energy_type_id.sorted())

    def _other_types(self, products: list) -> list:
        """Types that cross the boundary: working media stand in a line of their own, own-made energy counts once."""
        path = [self.plant.id]
        return [
            energy_type
            for energy_type in self.figures.types.sorted()
            if energy_type not in products
            and energy_type.category not in MEDIA
            and not self.book.boundary.own_made(path, energy_type.id, "consumption")
        ]

    # === FIGURES OF OTHER ENERGY === #
    def _load_sums(self):
        """Sums of the period of every amount in the plant: indicator id -> (amount, measures)."""
        ids = [i for indicators in self.figures.by_place.values() for i in indicators.ids]
        self.env["energy.value"].flush_model()
        self.env.cr.execute(SUMS, [ids, self.first, self.last])
        self.sums = {row[0]: np.array(row[1:], dtype=float) for row in self.env.cr.fetchall() if row[1] is not None}

    def _load_days(self, products: list) -> None:
        """The days' amounts of the products: their standard coefficient may change within the period."""
        ids = [i for (_node, one), found in self.figures.by_place.items() if one in products for i in found.ids]
        self.env.cr.execute(DAYS, [ids, self.first, self.last])
        self.daily: dict[int, dict] = {}
        for indicator, day, value in self.env.cr.fetchall():
            self.daily.setdefault(indicator, {})[day.toordinal()] = value

    def _take(self, indicators) -> np.ndarray | None:
        """Amount in the type's unit and measures of indicators together, shape (1 + k,); None without values."""
        found = [self._amount_first(indicator) for indicator in indicators if indicator.id in self.sums]
        return sum(found[1:], found[0]) if found else None

    def _amount_first(self, indicator) -> np.ndarray:
        own = self.sums[indicator.id].copy()
        own[0] *= self._in_type_unit(indicator)[-1]
        return own

    def _daily_amounts(self, indicator) -> np.ndarray:
        """Amounts of a product in its own unit, 0 where there are none, shape (d,)."""
        values = self.daily.get(indicator.id, {})
        amounts = np.array([values.get(day, 0.0) for day in self.days.tolist()])
        return amounts * self._in_type_unit(indicator)

    def _in_type_unit(self, indicator) -> np.ndarray:
        """What an indicator's amount is multiplied by to be in its energy type's unit, shape (d,)."""
        energy_type = indicator.energy_type_id
        context = Context(
            energy_type=energy_type.id,
            uom=indicator.uom_id.id,
            gas_reference=indicator.node_id.gas_reference or energy_type.gas_reference or None,
            flow="normal",
            path=tuple(int(part) for part in indicator.node_id.parent_path.split("/") if part),
            own_made=False,
        )
        return self.book.in_type_unit(context, self.days)

    def _consumption(self, node, energy_type) -> tuple[np.ndarray | None, object]:
        """What a node used and the indicators that say it: its own figure, else the sum of what lies below."""
        children = self.tree.children(node)
        sources = self.figures.consumption(node, energy_type, children)
        own = self._take(sources)
        if own is not None:
            return own, sources
        total, below = None, sources.browse()
        for child in children.filtered(lambda child: child.kind != "meter"):
            part, part_sources = self._consumption(child, energy_type)
            if part is not None:
                total, below = part if total is None else total + part, below | part_sources
        return total, below

    def _plant_figure(self, energy_type) -> tuple[np.ndarray | None, object]:
        """What the plant used: its consumption, else bought + generated + drawn from stock - sold."""
        total, sources = self._consumption(self.plant, energy_type)
        own = self.figures.consumption(self.plant, energy_type, self.tree.children(self.plant))
        crossing = [
            (sign, self.figures.at(self.plant, energy_type, (flow,)))
            for flow, sign in (("purchase", 1), ("own_generation", 1), ("stock_out", 1), ("sale", -1))
        ]
        if self._take(own) is None and (bought := self._take(crossing[0][1])) is not None:
            parts = [(sign, self._take(found)) for sign, found in crossing[1:]]
            total = sum((sign * part for sign, part in parts if part is not None), bought)
            sources = sources.browse().union(*(found for _sign, found in crossing))
        return total, sources

    def _rests(self, rows: list, energy_type) -> list[Input | None]:
        """What each row used of a type without the rows inside it; the plant's rest is what no unit used."""
        figures = [self._consumption(row, energy_type) for row in rows[:-1]]
        whole = self._plant_figure(energy_type)
        figures.append(whole)
        values = [np.zeros(1 + len(COMPANIONS)) if one[0] is None else one[0] for one in figures]
        self._blend(values, whole[0], energy_type)
        rests = [value.copy() for value in values]
        if whole[0] is None:
            rests[-1] = sum(values[at] for at, row in enumerate(rows[:-1]) if self._host(rows, at) == len(rows) - 1)
        for at in range(len(rows) - 1):
            if figures[at][0] is not None:
                rests[self._host(rows, at)] -= values[at]
        return [
            None if figure is None and not rest.any() else Input(energy_type, rest[0], rest[1:], sources)
            for rest, (figure, sources) in zip(rests, figures, strict=True)
        ]

    def _host(self, rows: list, at: int) -> int:
        """The row directly around a row."""
        above = self.tree.parent(rows[at])
        while above not in rows:
            above = self.tree.parent(above)
        return rows.index(above)

    def _blend(self, values: list[np.ndarray], whole, energy_type) -> None:
        """Give every unit the plant's mix of bought and own power, in place: PV's carbon-free part is everybody's."""
        generated = [self.figures.at(node, energy_type, ("own_generation",)) for node in (*self.units, self.plant)]
        if not any(self._take(found) is not None for found in generated) or whole is None or not whole[0]:
            return
        for value in values[:-1]:
            value[1:] = value[0] * whole[1:] / whole[0]

    # === PRODUCTS === #
    def _add_outsiders(self, result: ServiceNetwork) -> None:
        """Rows for those who deliver bought energy into a product's network, and for those who get what is sold of it."""
        self.bought = self._at_plant(result.products, "purchase")
        self.sold = self._at_plant(result.products, "sale")
        if self.bought:
            result.rows.append(None)
            result.bought_row = len(result.rows) - 1
            taken = {column: self._take(found) for column, found in self.bought.items()}
            result.inputs[result.bought_row] = [
                Input(result.products[column], taken[column][0], taken[column][1:], found)
                for column, found in self.bought.items()
            ]
        if self.sold:
            result.rows.append(None)
            result.sold_row = len(result.rows) - 1
            result.inputs[result.sold_row] = []

    def _at_plant(self, products: list, flow: str) -> dict[int, object]:
        """Product -> the plant's indicators of a flow, where they have values."""
        found = {column: self.figures.at(self.plant, one, (flow,)) for column, one in enumerate(products)}
        return {column: indicators for column, indicators in found.items() if self._take(indicators) is not None}

    def _fill(self, result: ServiceNetwork) -> None:
        n, p, k = len(result.rows), len(result.products), len(COMPANIONS)
        used, made = np.zeros((n, p)), np.full((n, p), np.nan)
        makes = result.makes = np.zeros((n, p), bool)
        daily = np.zeros((p, len(self.days)))
        for column, product in enumerate(result.products):
            self._fill_product(result, column, product, used, daily)
            for at, row in enumerate(result.rows):
                if at == result.bought_row and column in self.bought:
                    makes[at, column] = True
                    made[at, column] = self._take(self.bought[column])[0]
                elif row and product in row.use_ids.filtered(lambda use: use.role == "made").energy_type_id:
                    makes[at, column] = row.unit_type == "service"
                    result.made[at, column] = self.figures.made(row, product, self.tree.children(row))
                    taken = self._take(result.made[at, column])
                    made[at, column] = np.nan if taken is None else taken[0]
        standard = self._standard_coal(result, daily)
        # What nobody measured at the service is taken for what arrived; with neither, the input stays with the service.
        share = shares_of_products(np.where(makes, np.where(np.isnan(made), used.sum(axis=0), made), 0.0), standard)
        direct = np.array([sum((one.measures for one in result.inputs[at]), np.zeros(k)) for at in range(n)])
        direct = direct.reshape(n, k)
        result.network = Network(direct, used, made, share, np.full((p, k), np.nan))
        self._charge(result, standard)
        self._note(result)

    def _fill_product(self, result: ServiceNetwork, column: int, product, used, daily) -> None:
        """Amounts of a product that arrived at each row; what a host's figure holds of the rows inside it is theirs."""
        values, last = np.zeros(len(result.rows)), result.loss_row
        for at, row in enumerate(result.rows):
            if at in (last, result.bought_row):
                continue
            if row is None:
                sources = self.sold.get(column, self.figures.none)
            else:
                _total, sources = self._consumption(row, product)
            result.consumed[at, column] = sources
            for indicator in sources:
                amounts = self._daily_amounts(indicator)
                values[at] += amounts.sum()
                daily[column] += amounts
        used[:, column] = values
        for at in range(last):
            if (host := self._host(result.rows, at)) != last and values[at]:
                used[host, column] -= values[at]
        used[:, column] = np.maximum(used[:, column], 0.0)

    def _standard_coal(self, result: ServiceNetwork, daily) -> np.ndarray:
        """Standard coal of each product, weighted by the days' deliveries; NaN for media and without a factor, shape (p,)."""
        found = np.full(len(result.products), np.nan)
        for column, product in enumerate(result.products):
            if product.category in MEDIA:
                continue
            coal = self.book.standard_coal(product.id, (self.plant.id,), self.days)
            delivered = daily[column] > 0
            if delivered.any():
                found[column] = np.average(coal[delivered], weights=daily[column][delivered])
            else:
                found[column] = coal[-1]
        return found

    def _charge(self, result: ServiceNetwork, standard: np.ndarray) -> None:
        """Charges at source in every measure: the fuel whose standard coal is in the product, without loss."""
        coal = COMPANIONS.index("coal")
        nothing = np.zeros(len(COMPANIONS))
        fuel = np.array([result.fuel(at) if result.is_service(at) else nothing for at in range(len(result.rows))])
        into = result.network.share.T @ np.nan_to_num(fuel)
        unknown = (result.network.share > 0).T @ np.isnan(fuel).astype(float) > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            per_coal = np.where(unknown, np.nan, into / into[:, [coal]])
        result.network.standard[:] = np.where(into[:, [coal]] > 0, standard[:, None] * per_coal, np.nan)

    def _note(self, result: ServiceNetwork) -> None:
        for column, product in enumerate(result.products):
            if not result.network.delivered[column]:
                result.notes.append(
                    self.env._(
                        "No delivery of %(product)s is known: what was put into it stays with the service. Enter its "
                        "consumption at the units.",
                        product=product.name,
                    )
                )
            elif np.isnan(result.network.made[result.makes[:, column], column]).any():
                result.notes.append(
                    self.env._(
                        "What was made of %(product)s is not known: losses of the network count as losses of conversion. "
                        "Add the indicator “Own made” at the service.",
                        product=product.name,
                    )
                )
