"""Conversion between units of measure; the only place of it. Knows nothing of energy types, factors or gas conditions.

Odoo's own ``_compute_quantity`` rounds up and converts unrelated units without a word; neither will do for energy.
"""

from odoo.exceptions import UserError


def uom_factor(from_uom, to_uom) -> float:
    """Return what an amount in ``from_uom`` is multiplied by to be in ``to_uom``, unrounded.

    Only the units between the two and their nearest common reference enter, so 1 GJ is exactly 1000 MJ whatever
    either is in kWh.

    :param from_uom: one ``uom.uom`` record
    :param to_uom: one ``uom.uom`` record
    :raises UserError: the two have no common reference (kWh and kg), or one is not set
    """
    env = (from_uom or to_uom).env
    if not from_uom or not to_uom:
        raise UserError(
            env._(
                "%(unit)s cannot be converted: the other unit of measure is not set.",
                unit=(from_uom or to_uom).name or "-",
            )
        )
    if from_uom == to_uom:
        return 1.0
    from_chain, to_chain = _reference_factors(from_uom), _reference_factors(to_uom)
    for unit_id, factor in from_chain.items():
        if unit_id in to_chain:
            return factor / to_chain[unit_id]
    raise UserError(
        env._(
            "%(from_unit)s cannot be converted to %(to_unit)s: the two units of measure have no common reference. "
            "Give the energy type a physical factor from %(from_unit)s to %(to_unit)s.",
            from_unit=from_uom.name,
            to_unit=to_uom.name,
        )
    )


def _reference_factors(uom) -> dict[int, float]:
    """Return {unit id: amount of that unit in one ``uom``}, from the unit itself up to its last reference."""
    factors, factor = {}, 1.0
    while uom:
        factors[uom.id] = factor
        factor *= uom.relative_factor
        uom = uom.relative_uom_id
    return factors
