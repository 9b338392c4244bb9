"""What units of measure measure: dimensions for the check of formulas. Knows no formula and no indicator."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.expression_units import Dimension, Unit
from .uom import uom_factor

HOUR = "uom.product_uom_hour"
# A unit of flow is so many of an amount in an hour: hours x kW can then be kWh.
RATES = {
    "energy_carbon.uom_kw": ("energy_carbon.uom_kwh", 1),
    "energy_carbon.uom_kvar": ("energy_carbon.uom_kvarh", 1),
    "energy_carbon.uom_m3_h": ("uom.product_uom_cubic_meter", 1),
    "energy_carbon.uom_nm3_min": ("energy_carbon.uom_nm3", 60),
    "energy_carbon.uom_t_h": ("uom.product_uom_ton", 1),
}
# A percentage is a plain number, taken as it is written: 85 is 85.
NUMBERS = ("energy_carbon.uom_percent",)


@dataclass(frozen=True)
class UnitTable:
    """The units of one formula.

    :ivar units: uom id -> unit; all dimensions have the same bases. A missing unit of measure (id False) is a number
    :ivar names: dimension -> name of the first unit that has it
    :ivar bases: name of each base
    """

    units: dict[int, Unit]
    names: dict[Dimension, str]
    bases: list[str]

    def text(self, dimension: Dimension) -> str:
        """A dimension as people write it: kWh, kWh/t, kWh·h; nothing for a plain number."""
        if not any(dimension):
            return ""
        if dimension in self.names:
            return self.names[dimension]
        over = [_power(name, exponent) for name, exponent in zip(self.bases, dimension, strict=True) if exponent > 0]
        under = [_power(name, -exponent) for name, exponent in zip(self.bases, dimension, strict=True) if exponent < 0]
        return "/".join(["·".join(over) or "1", *under])


def unit_table(env, uoms) -> UnitTable:
    """Look up what units of measure measure.

    :param uoms: ``uom.uom`` records
    """
    parts = {uom.id: _parts(env, uom) for uom in uoms}
    roots = list(dict.fromkeys(root for _scale, exponents in parts.values() for root in exponents))
    units = {False: Unit((0,) * len(roots))}
    names, bases = {}, [root.name for root in roots]
    for uom in uoms:
        scale, exponents = parts[uom.id]
        units[uom.id] = Unit(tuple(exponents.get(root, 0) for root in roots), scale)
        names.setdefault(units[uom.id].dimension, uom.name)
    for at in range(len(roots)):
        bases[at] = names.get(tuple(int(at == other) for other in range(len(roots))), bases[at])
    return UnitTable(units, names, bases)


def _parts(env, uom) -> tuple[float, dict]:
    """How many of its last references a unit is, and their exponents."""
    root = uom
    while root.relative_uom_id:
        root = root.relative_uom_id
    scale = uom_factor(uom, root)
    name = root.get_external_id()[root.id]
    if name in NUMBERS:
        return 1.0, {}
    if name not in RATES:
        return scale, {root: 1}
    amount, count = RATES[name]
    amount_scale, amount_root = _parts(env, env.ref(amount))
    hour_scale, hour_root = _parts(env, env.ref(HOUR))
    return scale * count * amount_scale / hour_scale, {**amount_root, **{one: -1 for one in hour_root}}


def _power(name: str, exponent: int) -> str:
    return name if exponent == 1 else f"{name}^{exponent}"
