"""Which part of a purchase certificates cover on a day. Reads certificates; knows no readings and no factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engine.factors import blend

CERTIFICATES = """
    SELECT c.id, c.energy_type_id, c.node_id, c.date_from, c.date_to, COALESCE(c.factor, 0), c.uom_id, c.covered_share
      FROM energy_certificate c WHERE c.company_id = %s AND c.covered_share > 0 ORDER BY c.date_from, c.id
"""


@dataclass(frozen=True)
class Certificate:
    """One row of :data:`CERTIFICATES`; share is the part of the period's purchase it covers, 0 to 1."""

    id: int
    energy_type: int
    node: int
    first: int
    last: int
    factor: float
    uom: int
    share: float


class CertificateBook:
    """The certificates of one company."""

    def __init__(self, env, company):
        env.cr.execute(CERTIFICATES, [company.id])
        self.certificates = [
            Certificate(*row[:3], row[3].toordinal(), row[4].toordinal(), *row[5:]) for row in env.cr.fetchall()
        ]

    def nodes(self) -> set[int]:
        """Nodes that have certificates of their own."""
        return {certificate.node for certificate in self.certificates}

    def cover(self, energy_type: int, path: tuple[int, ...], days: np.ndarray, factor: np.ndarray, per_unit) -> dict:
        """Blend the certificates' factors into the market-based factor, in place.

        :param path: nodes from the plant down to the source that decide factors
        :param days: ordinals, shape (d,); factor: market-based factor of each day, shape (d,)
        :param per_unit: (factor, unit of measure id) -> the factor per unit of the source
        :return: day index -> what the basis keeps of the certificates used on it
        """
        found = [c for c in self.certificates if c.energy_type == energy_type and c.node in path]
        if not found:
            return {}
        values = np.array([per_unit(c.factor, c.uom) for c in found])
        shares = np.array([np.where((days >= c.first) & (days <= c.last), c.share, 0.0) for c in found])
        blended, counted = blend(factor, shares, values)
        factor[:] = blended
        return {
            day: [
                {"id": c.id, "share": float(counted[at, day]), "per_unit": float(values[at])}
                for at, c in enumerate(found)
                if counted[at, day] > 0
            ]
            for day in np.flatnonzero(counted.sum(axis=0) > 0).tolist()
        }
