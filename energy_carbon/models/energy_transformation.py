"""Services and transformation: what the units of a plant used, at source and passed on."""

from __future__ import annotations

from datetime import date

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calculation.service_network import Loader, ServiceNetwork
from ..engine.transformation import Presentation, loss_at_source, passed_on, spread_common
from ..tools.asked import asked_days, asked_record
from ..tools.selections import COMPANIONS, MEASURES

# The total that says the same for the plant; cost has none, for its total takes working media, too.
TOTALS = {"coal": "T.TCE", "coal_equivalent": "T.TCEQ", "carbon": "T.CO2L", "carbon_market": "T.CO2M"}
# Whose use is common (spread over production), and who produces.
COMMON, PRODUCING = ("office", "service", "loss"), ("workshop", "process")
COAL = COMPANIONS.index("coal")


class EnergyTransformation(models.AbstractModel):
    """Boiler houses and air stations as transformation nodes, worked out of the values of a period.

    Nothing is stored: both presentations, the own coefficients and the products' figures are ratios of the period's sums.
    """

    _name = "energy.transformation"
    _description = "Services and Transformation"

    # === RIGHTS === #
    @api.model
    def plants(self) -> list[dict]:
        """The plants whose whole tree the reader may see, for the choice on the screen."""
        plants = self.env["energy.node"].search([("kind", "=", "unit"), ("unit_type", "=", "plant")])
        return [{"id": plant.id, "name": plant.display_name} for plant in plants]

    @api.model
    def measures(self) -> list[dict]:
        """What can be shown, in the reader's language; cost only with the right to see prices."""
        labels = dict(self.env["energy.indicator.template"]._fields["measure"]._description_selection(self.env))
        may_see = self.env.user.has_group("energy_carbon.group_see_prices")
        return [{"id": key, "name": labels[key]} for key, _label in MEASURES[1:] if key != "cost" or may_see]

    def _check(self, plant, first, last, measure):
        """Refuse what the reader may not see or what is no period."""
        if not self.env.user.has_group("energy_carbon.group_viewer"):
            raise AccessError(self.env._("Energy figures are shown to users of the Energy application only."))
        if plant.kind != "unit":
            raise UserError(self.env._("%(node)s is no unit: choose a plant.", node=plant.display_name))
        if measure not in COMPANIONS:
            raise UserError(self.env._("%(measure)s is no figure that services pass on.", measure=measure))
        if measure == "cost" and not self.env.user.has_group("energy_carbon.group_see_prices"):
            raise AccessError(self.env._("Cost and prices are shown only with the right “See prices”."))
        if first > last:
            raise UserError(self.env._("The period ends before it begins: choose its first and last day anew."))

    # === REPORT === #
    @api.model
    @api.readonly
    def report(self, plant_id: int, date_from: str, date_to: str, measure: str = "coal") -> dict:
        """Both presentations of a plant and period.

        :param plant_id: a unit the reader may see; everything below it belongs to it
        :param date_from: first day; date_to: last day, ISO
        :param measure: one of COMPANIONS
        :return: services, units, products and totals, each with its figures; None where something is unknown
        :raises AccessError: the plant, or cost, is not for this reader
        """
        plant = asked_record(self.env["energy.node"], plant_id)
        first, last = asked_days(self.env, date_from, date_to)
        self._check(plant, first, last, measure)
        found = self._load(plant, first, last)
        answer = {
            "plant": plant.display_name,
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "measure": measure,
            "unit": self._unit(plant, measure),
            "plant_total": self._plant_total(plant, first, last, measure),
            "notes": found.notes,
        }
        return {**answer, **self._figures(found, first, last, COMPANIONS.index(measure))}

    def _figures(self, found: ServiceNetwork, first: date, last: date, k: int) -> dict:
        """Both presentations of a network in one measure."""
        source, onward = loss_at_source(found.network), passed_on(found.network)
        common = self._with_common(found, onward)
        return {
            "services": [self._service(found, source, onward, at, k) for at in self._services(found)],
            "units": [self._unit_row(found, source, onward, common, at, k) for at in range(len(found.rows))],
            "products": self._products(found, onward, common, first, last, k),
            "totals": {
                "direct": _sum(found.network.direct[:, k]),
                "at_source": _sum(source.total[:, k]),
                "passed_on": _sum(onward.total[:, k]),
                "with_common": _sum(common[:, k]),
            },
        }

    def _load(self, plant, first: date, last: date) -> ServiceNetwork:
        """The network; what lies below a plant one may see, one may see, so the parts are read as superuser."""
        self.env.flush_all()
        return Loader(plant.sudo(), first, last).load()

    def _with_common(self, found: ServiceNetwork, onward: Presentation) -> np.ndarray:
        """Passed-on figures with common use and loss spread over production."""
        kinds = [row.unit_type if row else "outside" for row in found.rows]
        kinds[found.loss_row] = "loss"
        common = np.array([kind in COMMON for kind in kinds])
        return spread_common(onward.total, common, np.array([kind in PRODUCING for kind in kinds]))

    def _unit(self, plant, measure: str) -> str:
        if measure == "cost":
            return plant.sudo().company_id.currency_id.name
        return self.env.ref(f"energy_carbon.{'uom_kgco2' if measure.startswith('carbon') else 'uom_kgce'}").name

    # === PARTS === #
    def _services(self, found: ServiceNetwork) -> list[int]:
        return [at for at, row in enumerate(found.rows) if row and found.is_service(at)]

    def _service(self, found: ServiceNetwork, source, onward, at: int, k: int) -> dict:
        """One auxiliary service: what went in, what came out, where the difference is."""
        network = found.network
        auxiliary = sum((one.measures[k] for one in found.auxiliary(at)), 0.0)
        taken = network.direct[at, k] + (network.used[at] @ np.nan_to_num(source.charge[:, k]))
        return {
            "id": found.rows[at].id,
            "name": self._visible_name(found.rows[at]),
            "fuel": _number(taken - auxiliary),
            "auxiliary": _number(auxiliary),
            "at_source": _number(source.total[at, k]),
            "inputs": self._inputs(found, at, k),
            "products": [
                self._service_product(found, source, onward, at, column, k)
                for column in np.flatnonzero(found.makes[at])
            ],
        }

    def _service_product(self, found: ServiceNetwork, source, onward, at: int, column: int, k: int) -> dict:
        """One product of a service; losses in the measure shown only where it is charged at a standard coefficient."""
        network, product = found.network, found.products[column]
        standard = network.standard[column]
        delivered, made = network.delivered[column], network.made[at, column]
        makers = found.makes[:, column].sum() > 1
        fuel = found.fuel(at) * network.share[at, column]
        out = None if np.isnan(made) or np.isnan(standard[k]) else made * standard[k]
        efficiency = made * standard[COAL] / fuel[COAL] if fuel[COAL] > 0 else np.nan
        whole = np.nan if makers else made - delivered
        return {
            "name": product.name,
            "unit": product.uom_id.name,
            "made": _number(made),
            "delivered": _number(delivered),
            "pooled": bool(makers),
            "output": out if out is None else _number(out),
            "conversion_loss": None if out is None else _number(fuel[k] - out),
            "network_loss": _number(whole),
            "network_loss_value": _number(whole * standard[k]),
            "efficiency": _number(100 * efficiency),
            "own_coefficient": _number(onward.charge[column, k]),
            "source_coefficient": _number(source.charge[column, k]),
        }

    def _unit_row(self, found: ServiceNetwork, source, onward, common, at: int, k: int) -> dict:
        """One row: what it used itself, and what it bears in each presentation."""
        row, network = found.rows[at], found.network
        return {
            "id": row.id if row else False,
            "name": self._row_name(found, at),
            "kind": self._row_kind(found, at),
            "direct": _number(network.direct[at, k]),
            "at_source": _number(source.total[at, k]),
            "passed_on": _number(onward.total[at, k]),
            "with_common": _number(common[at, k]),
            "inputs": self._inputs(found, at, k),
            "used": [
                {
                    "name": product.name,
                    "unit": product.uom_id.name,
                    "amount": _number(network.used[at, column]),
                    "at_source": _number(network.used[at, column] * source.charge[column, k]),
                    "passed_on": _number(network.used[at, column] * onward.charge[column, k]),
                    "indicator_id": found.consumed.get((at, column), self.env["energy.indicator"])[:1].id,
                }
                for column, product in enumerate(found.products)
                if network.used[at, column]
            ],
        }

    def _row_name(self, found: ServiceNetwork, at: int) -> str:
        if at == found.sold_row:
            return self.env._("Sold to others")
        if at == found.bought_row:
            return self.env._("Bought for the same network")
        if at == found.loss_row:
            return self.env._("Loss, not metered at any unit")
        return self._visible_name(found.rows[at])

    def _visible_name(self, node) -> str:
        """A unit that has moved to where the reader may not look keeps its figures here, not its name."""
        may_see = self.env.su or node.with_env(self.env).has_access("read")
        return node.name if may_see else self.env._("other units")

    def _row_kind(self, found: ServiceNetwork, at: int) -> str:
        row = found.rows[at]
        if row is None or at == found.loss_row:
            return ""
        return dict(row.env["energy.node"]._fields["unit_type"]._description_selection(self.env)).get(row.unit_type, "")

    def _inputs(self, found: ServiceNetwork, at: int, k: int) -> list[dict]:
        """What a row took of energy that is no product, with an indicator to explain it by."""
        return [
            {
                "name": one.energy_type.name,
                "unit": one.energy_type.uom_id.name,
                "amount": _number(one.amount),
                "value": _number(one.measures[k]),
                "indicator_id": one.sources[:1].id if len(one.sources) == 1 else False,
            }
            for one in found.inputs[at]
        ]

    def _plant_total(self, plant, first, last, measure: str) -> dict | None:
        """The plant's own total of this measure, to compare the sums with."""
        indicator = self.env["energy.indicator"].search(
            [("node_id", "=", plant.id), ("template_id.code", "=", TOTALS.get(measure))], limit=1
        )
        if not indicator:
            return None
        figures = indicator._period_figures(indicator.ids, first, last).get(indicator.id, {})
        value = figures.get("value")
        return {"indicator_id": indicator.id, "name": indicator.name, "value": value} if value is not None else None

    # === PRODUCTS MADE FOR SALE === #
    def _products(self, found: ServiceNetwork, onward, common, first, last, k: int) -> list[dict]:
        """Unit consumption of products: the passed-on figure of the unit that makes them / its output."""
        lines = []
        for at, row in enumerate(found.rows):
            if row is None or at == found.loss_row or row.unit_type not in PRODUCING:
                continue
            outputs = row.env["energy.indicator"].search(
                [("node_id", "child_of", row.id), ("template_id.code", "=", "OUT.QTY"), ("product_id", "!=", False)]
            )
            figures = outputs._period_figures(outputs.ids, first, last)
            amounts: dict = {}
            for output in outputs:
                value = figures.get(output.id, {}).get("value") or 0.0
                amounts[output.product_id] = amounts.get(output.product_id, 0.0) + value
            made = {product: amount for product, amount in amounts.items() if amount}
            lines += [
                self._product_line(row, product, amount, len(made) == 1, onward.total[at, k], common[at, k])
                for product, amount in made.items()
            ]
        return lines

    def _product_line(self, row, product, amount: float, alone: bool, onward: float, common: float) -> dict:
        note = self.env._("%(unit)s makes several products: its energy is not split between them.", unit=self._visible_name(row))
        return {
            "unit_name": self._visible_name(row),
            "name": product.with_context(display_default_code=False).display_name,
            "output": amount,
            "unit": product.uom_id.name,
            "passed_on": _number(onward / amount) if alone else None,
            "with_common": _number(common / amount) if alone else None,
            "note": "" if alone else note,
        }


def _number(value: float) -> float | None:
    """A figure for the screen; None where it is unknown."""
    return None if np.isnan(value) else float(value)


def _sum(values: np.ndarray) -> float | None:
    return _number(values.sum())
