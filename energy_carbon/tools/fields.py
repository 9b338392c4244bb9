"""Field kinds of our own. Knows no model of the product."""

from odoo import fields


class LooseMany2one(fields.Many2one):
    """A Many2one without a foreign key, for tables of millions of rows that only the calculation writes,
    and for what every reading writes.

    PostgreSQL checks a foreign key row by row: seven of them would take longer than the whole bulk write. What the rows
    refer to is held by the indicator's own foreign keys; an indicator removes its rows itself.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a foreign key."""
