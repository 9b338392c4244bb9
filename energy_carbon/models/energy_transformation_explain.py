"""Explain: own-made energy carries what its service took in / what it delivered."""

import numpy as np

from odoo import api, fields, models

from ..calculation.service_network import Loader
from ..engine.transformation import passed_on
from ..tools.selections import COMPANIONS


class EnergyTransformationExplain(models.Model):
    """Standard coal, carbon and cost of own-made steam or air at a consumer: its amount x the own coefficient."""

    _inherit = "energy.indicator"

    @api.model
    def explain(self, indicator_id, date_from, date_to, measure=None) -> dict:
        """As before; for own-made energy also the own coefficient of the period with what it was worked out of."""
        answer = super().explain(indicator_id, date_from, date_to, measure)
        indicator = self.browse(indicator_id)
        if indicator._carries_own_coefficient(answer):
            first, last = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
            measures = [answer["measure"]] if answer["measure"] in COMPANIONS else self._passed_on_measures()
            indicator._explain_own_coefficient(answer, first, last, measures)
        return answer

    def _plant(self):
        """The root unit above this indicator, read as superuser."""
        node = self.sudo().node_id
        return node.browse(int(node.parent_path.split("/")[0]))

    def _passed_on_measures(self) -> list[str]:
        """What an amount carries along; cost only for those who see prices."""
        may_see = self.env.user.has_group("energy_carbon.group_see_prices")
        return [measure for measure in COMPANIONS if measure != "cost" or may_see]

    def _carries_own_coefficient(self, answer: dict) -> bool:
        """Whether this is a consumption of something that a service of its plant makes."""
        if not self._is_amount() or self.flow != "consumption" or not self.energy_type_id:
            return False
        plant = self._plant()
        uses = self.env["energy.node.use"].sudo().search(
            [("node_id", "child_of", plant.id), ("energy_type_id", "=", self.energy_type_id.id), ("role", "=", "made")]
        )
        return any(use.node_id.unit_type == "service" for use in uses)

    def _explain_own_coefficient(self, answer: dict, first, last, measures: list[str]):
        """Add the own coefficients to the factors, and the figure passed on where it was asked for."""
        plant = self._plant()
        found = Loader(plant, first, last).load()
        if self.energy_type_id not in [product.with_env(self.env) for product in found.products]:
            return
        column = [product.id for product in found.products].index(self.energy_type_id.id)
        charge = passed_on(found.network).charge[column]
        for measure in measures:
            k = COMPANIONS.index(measure)
            if np.isnan(charge[k]):
                continue
            answer["factors"].append(self._own_coefficient_line(found, column, measure, float(charge[k])))
            if answer["measure"] == measure and answer["value"] is None:
                answer["lines"] += self._input_lines(found, column, k)
                amount = self._period_figures([self.id], first, last).get(self.id, {}).get("value")
                to_product = self._to_type_unit()
                if amount is not None and to_product is not None:
                    answer["value"] = amount * to_product * float(charge[k])
                    answer["notes"].append(self.env._("Passed on: amount × own coefficient of the period."))

    def _sees(self, record) -> bool:
        return self.env.su or record.with_env(self.env).has_access("read")

    def _input_lines(self, found, column: int, k: int) -> list[dict]:
        """What the services took in, each to be explained further by who may see it."""
        lines = []
        for at in np.flatnonzero(found.makes[:, column]):
            for one in found.inputs[at]:
                source = one.sources[:1]
                hidden = len(one.sources) != 1 or not self._sees(source)
                value = None if np.isnan(one.measures[k]) else float(one.measures[k])
                lines.append(
                    {
                        "indicator_id": False if hidden else source.id,
                        "label": self.env._("other units") if hidden else source.name,
                        "node": "" if hidden else found.rows[at].name,
                        "coefficient": None,
                        "value": value,
                        "contribution": None,
                        "unit": self._measure_unit(COMPANIONS[k]),
                        "measure": COMPANIONS[k],
                        "hidden": hidden,
                        "note": self.env._("Taken in to make it"),
                    }
                )
        return lines

    def _to_type_unit(self) -> float | None:
        """What the amount is multiplied by to be in the energy type's unit; None for unlike units."""
        own = self.energy_type_id.uom_id
        same = self.uom_id._has_common_reference(own)
        return self.uom_id._compute_quantity(1.0, own, round=False) if same else None

    def _own_coefficient_line(self, found, column: int, measure: str, charge: float) -> dict:
        """A factor line: the coefficient, and input / delivered output that it is."""
        product, unit = found.products[column], self._measure_unit(measure)
        services = [found.rows[at] for at in np.flatnonzero(found.makes[:, column])]
        names = [one.name if self._sees(one) else self.env._("other units") for one in services]
        delivered = float(found.network.delivered[column])
        return {
            "measure": measure,
            "label": self.env._("Own coefficient, %(measure)s", measure=self._measure_label(measure)),
            "value": charge,
            "unit": f"{unit}/{product.uom_id.name}",
            "factor_id": False,
            "year": False,
            "document": self.env._(
                "%(input)s %(unit)s into %(services)s / %(output)s %(uom)s delivered in the period",
                input=f"{charge * delivered:,.2f}",
                unit=unit,
                services=", ".join(dict.fromkeys(names)),
                output=f"{delivered:,.2f}",
                uom=product.uom_id.name,
            ),
        }
