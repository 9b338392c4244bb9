"""What hung below a node on the days on which a price, a factor or a certificate of that node holds."""

from datetime import date

from odoo import models

# Rights follow today's tree; figures of a day follow the tree of that day, whoever changes a price of the past.
SOURCES_BELOW = """
    WITH RECURSIVE place AS (
        SELECT node_id, parent_id, date_from, date_to FROM energy_node_parent
         UNION ALL
        SELECT n.id, n.parent_id, NULL, NULL FROM energy_node n
         WHERE n.parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM energy_node_parent p WHERE p.node_id = n.id)),
    below(id, first, last) AS (
        SELECT * FROM unnest(%(nodes)s::int4[], %(first)s::date[], %(last)s::date[])
         UNION
        SELECT p.node_id, GREATEST(b.first, COALESCE(p.date_from, b.first)), LEAST(b.last, COALESCE(p.date_to, b.last))
          FROM below b JOIN place p ON p.parent_id = b.id
         WHERE COALESCE(p.date_from, b.first) <= b.last AND COALESCE(p.date_to, b.last) >= b.first)
    SELECT i.id, b.first, b.last FROM below b JOIN energy_indicator i ON i.node_id = b.id
     WHERE i.source <> 'computed' AND (%(type)s IS NULL OR i.energy_type_id = %(type)s)
     ORDER BY i.id, b.first
"""


class EnergyNodeSources(models.Model):
    """A meter that moved away last month still has last month's price of the workshop it left."""

    _inherit = "energy.node"

    def _source_days(self, energy_type=None, first=None, last=None) -> list[tuple[int, date | None, date | None]]:
        """What is read or typed at these nodes and below, each for the days on which it hung there.

        :param energy_type: only of this type; None: of all
        :param first: first day asked for, None: from the beginning; last: last day, None: until further notice
        :return: (indicator id, first day, last day), None: from the beginning, until further notice
        """
        self.env.flush_all()
        self.env.cr.execute(
            SOURCES_BELOW,
            {
                "nodes": self.ids,
                "first": [first or date.min] * len(self),
                "last": [last or date.max] * len(self),
                "type": energy_type.id if energy_type else None,
            },
        )
        return [
            (source, None if begin == date.min else begin, None if end == date.max else end)
            for source, begin, end in self.env.cr.fetchall()
        ]

    def _reached(self, first=None, last=None) -> list[tuple]:
        """What another place of these nodes changes: what is computed below, and what was read or typed there on the days.

        :return: (indicator id, first day, last day), None: from the beginning, until further notice
        """
        computed = self._indicators_below().filtered(lambda one: one.source == "computed")
        return [(one, first, last) for one in computed.ids] + self.sudo()._source_days(None, first, last)

    def _sources_between(self, energy_type=None, first=None, last=None):
        """The indicators of :meth:`_source_days`."""
        return self.env["energy.indicator"].sudo().browse({row[0] for row in self._source_days(energy_type, first, last)})
