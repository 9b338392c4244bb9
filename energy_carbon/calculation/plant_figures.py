"""Which indicators say how much of an energy a unit consumed, bought or made. Reads masters; knows no values."""

from __future__ import annotations

AMOUNTS = ("counter", "amount")
MADE_FLOWS = ("own_generation", "transformation_out")


class PlantFigures:
    """The amount indicators of nodes by node and energy type, loaded once with the rights of the caller's environment.

    Registers of single periods of the day are parts of others and left out, and so is what cannot be converted to the
    type's unit (reactive energy beside active).
    """

    def __init__(self, nodes):
        indicators = nodes.env["energy.indicator"].search(
            [
                ("node_id", "in", nodes.ids),
                ("kind", "in", AMOUNTS),
                ("energy_type_id", "!=", False),
                ("uom_id", "!=", False),
                "|",
                ("indicator_class", "=", "efficiency"),
                ("template_id.main_total", "=", True),
            ]
        )
        self.by_place = indicators.filtered(_converts).grouped(lambda i: (i.node_id, i.energy_type_id))
        self.types = indicators.energy_type_id
        self.none = indicators.browse()

    def at(self, node, energy_type, flows: tuple[str, ...]):
        """The amounts of a flow at a node: computed or typed totals, else the main totals of a meter."""
        found = self.by_place.get((node, energy_type), self.none).filtered(lambda i: i.flow in flows)
        computed = found.filtered(lambda i: i.indicator_class == "efficiency")
        return computed or found.filtered("main_total")

    def consumption(self, node, energy_type, children=None):
        """What a node consumed: its own figure, else its own meters without check meters and those behind a main meter.

        Nothing found means that what lies below says it.

        :param children: what hangs under the node, where that is not today's
        """
        children = node.child_ids if children is None else children
        own = self.at(node, energy_type, ("consumption",))
        if own:
            return own
        meters = children.filtered(
            lambda m: m.kind == "meter" and m.meter_role != "check" and m.main_meter_id not in children
        )
        return self.none.union(*(self.at(meter, energy_type, ("consumption", "purchase")) for meter in meters))

    def purchase(self, node, energy_type):
        """What a plant bought; its consumption where it does not keep its purchase apart."""
        return self.at(node, energy_type, ("purchase",)) or self.consumption(node, energy_type)

    def made(self, node, energy_type, children=None):
        """What a unit made of an energy type: its own figure, else its meters of what goes out."""
        children = node.child_ids if children is None else children
        own = self.at(node, energy_type, MADE_FLOWS)
        meters = children.filtered(lambda m: m.kind == "meter" and m.meter_role != "check")
        return own or self.none.union(*(self.at(meter, energy_type, MADE_FLOWS) for meter in meters))


def _converts(indicator) -> bool:
    own = indicator.energy_type_id.uom_id
    if indicator.uom_id._has_common_reference(own):
        return True
    physical = indicator.energy_type_id.factor_ids.filtered(lambda f: f.kind == "physical")
    return any(indicator.uom_id._has_common_reference(unit) for unit in physical.uom_id | physical.target_uom_id)
