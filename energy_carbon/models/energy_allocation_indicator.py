"""Indicators that an allocation key keeps: how they come to be, what they depend on, why nobody else changes them."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .energy_allocation import ALLOCATED, FLOW, REMAINDER


class EnergyAllocationIndicator(models.Model):
    """What a consumer was allocated, or what was left at the source."""

    _inherit = "energy.indicator"

    allocation_line_ids = fields.One2many("energy.allocation.line", "indicator_id", string="Allocated By")
    remainder_allocation_ids = fields.One2many("energy.allocation", "remainder_id", string="Left By")

    # === CONSTRAINT METHODS === #
    @api.constrains("active", "source", "flow", "expression", "term_ids")
    def _check_allocated(self):
        for indicator in self.sudo():
            key = indicator._allocations()[:1]
            spoiled = indicator.source != "computed" or indicator.flow != FLOW or indicator.expression
            if key and (spoiled or indicator.term_ids or not indicator.active):
                raise ValidationError(
                    self.env._(
                        "%(name)s is kept by the allocation %(key)s: change it there, or take the consumer out of it "
                        "first.",
                        name=indicator.display_name,
                        key=key.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_allocation(self):
        for indicator in self.sudo():
            keys = indicator._allocations(every=True) | self.env["energy.allocation"].sudo().with_context(
                active_test=False
            ).search(["|", ("source_id", "=", indicator.id), ("line_ids.basis_id", "=", indicator.id)])
            if keys:
                raise UserError(
                    self.env._(
                        "%(name)s belongs to the allocation %(key)s. Delete that first, or archive it.",
                        name=indicator.display_name,
                        key=keys[0].name,
                    )
                )

    # === DEPENDENCIES === #
    def _company_edges(self, company) -> list[tuple[int, int]]:
        """Formula terms, and what allocated figures depend on."""
        return super()._company_edges(company) + [
            edge for edges in self._allocation_edges(company).values() for edge in edges
        ]

    def _counting_edges(self, company) -> list[tuple[int, int, int]]:
        """Energy goes from the source to all consumers and the remainder, to each a part; figures decide, no more."""
        parts = [
            (source, target, key)
            for (key, kind), edges in self._allocation_edges(company).items()
            for source, target in edges
            if kind == "source"
        ]
        return super()._counting_edges(company) + parts

    def _allocation_edges(self, company) -> dict[tuple[int, str], list[tuple[int, int]]]:
        """(key, "source" or "basis") -> (source, target) of the active keys, each pair once."""
        self.env.flush_all()
        self.env.cr.execute(
            """WITH targets AS (
                    SELECT allocation_id, indicator_id FROM energy_allocation_line UNION
                    SELECT id, remainder_id FROM energy_allocation WHERE remainder_id IS NOT NULL)
               SELECT a.id, 'source', a.source_id, t.indicator_id
                 FROM energy_allocation a JOIN targets t ON t.allocation_id = a.id WHERE a.active AND a.company_id = %(company)s
                UNION
               SELECT a.id, 'basis', l.basis_id, t.indicator_id
                 FROM energy_allocation a JOIN targets t ON t.allocation_id = a.id
                 JOIN energy_allocation_line l ON l.allocation_id = a.id
                WHERE a.active AND a.company_id = %(company)s AND l.basis_id IS NOT NULL
                  AND a.basis IN ('output', 'hours', 'submeter')""",
            {"company": company.id},
        )
        found = {}
        for key, kind, source, target in self.env.cr.fetchall():
            found.setdefault((key, kind), []).append((source, target))
        return found

    # === BUSINESS METHODS === #
    def _per_product_codes(self, node) -> list[str]:
        """Allocated figures come with their keys, so the picker does not offer them."""
        templates = self.env["energy.indicator.template"].search(
            ["|", ("code", "=like", f"%.{ALLOCATED}"), ("code", "=like", f"%.{REMAINDER}")]
        )
        return super()._per_product_codes(node) + templates.mapped("code")

    def _allocations(self, every=False):
        """The keys that compute this indicator."""
        kept = self.sudo().with_context(active_test=False)
        keys = kept.allocation_line_ids.allocation_id | kept.remainder_allocation_ids
        return keys.with_context(active_test=True).filtered(lambda key: every or key.active)

    def _ensure_allocated(self, node, ending: str):
        """The indicator at a node for what it takes of this source; made where it is missing, restored where archived.

        :param ending: ALLOCATED or REMAINDER
        """
        self.ensure_one()
        template = self._allocated_template(ending)
        found = self.with_context(active_test=False).search(
            [
                ("node_id", "=", node.id),
                ("template_id", "=", template.id),
                ("flow", "=", FLOW),
                ("product_id", "=", False),
            ]
        )
        if found:
            if not found.active:
                found.active = True
            return found.with_env(self.env)
        return self.create(
            {
                "node_id": node.id,
                "template_id": template.id,
                "flow": FLOW,
                "source": "computed",
                "uom_id": self.uom_id.id,
            }
        )

    def _allocated_template(self, ending: str):
        """The template of the energy type for allocated amounts; own energy types get theirs when first needed."""
        energy_type = self.energy_type_id
        templates = self.env["energy.indicator.template"].with_context(active_test=False)
        code = f"{energy_type.code}.{ending}"
        found = templates.search([("code", "=", code), ("company_id", "in", (False, self.company_id.id))], limit=1)
        if found:
            return found
        names = {
            ALLOCATED: self.env._("%(type)s allocated", type=energy_type.name),
            REMAINDER: self.env._("%(type)s not allocated", type=energy_type.name),
        }
        return templates.create(
            {
                "name": names[ending],
                "code": code,
                "energy_type_id": energy_type.id,
                "uom_id": energy_type.uom_id.id,
                "unit_text": energy_type.uom_id.name,
                "kind": "amount",
                "default_flow": FLOW,
                "company_id": self.company_id.id,
            }
        )
