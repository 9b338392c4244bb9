"""One way to read a point that gives what the display shows."""

from odoo import api, fields, models

from ..collector.compare import Layout


class EnergyModbusCompareLine(models.TransientModel):
    """Place, data type, byte order and scale that fit, and what is different from the point table."""

    _name = "energy.modbus.compare.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Compare with Display, One Way to Read"
    _order = "id"

    compare_id = fields.Many2one("energy.modbus.compare", required=True, index=True, ondelete="cascade")
    address = fields.Integer()
    datatype = fields.Char()
    order = fields.Char()
    scale = fields.Float(digits=0)
    secondary = fields.Boolean(
        string="x CT x PT", help="The register counts on the secondary side; the display shows the primary one."
    )
    value = fields.Char(string="Gives")
    same = fields.Boolean(string="As in the Table")
    text = fields.Char(compute="_compute_text", string="Read So")
    difference = fields.Char(compute="_compute_text", string="Different in the Table")

    @api.depends("address", "datatype", "order", "scale", "secondary")
    @api.depends_context("lang")
    def _compute_text(self):
        for line in self:
            point = line.compare_id.point_id
            layout = Layout(line.address, line.datatype, line.order, line.scale)
            line.text = line.compare_id._layout_text(layout)
            line.difference = ", ".join(line._differences(point)) or self.env._("Nothing")

    def _differences(self, point) -> list[str]:
        labels = []
        if self.address != point.address:
            labels.append(self.env._("address %(shift)+d", shift=self.address - point.address))
        named = {"datatype": self.env._("data type"), "scale": self.env._("scale")}
        labels += [label for name, label in named.items() if self[name] != point[name]]
        if self.order != (point.order or "ABCD"):
            labels.append(self.env._("byte order"))
        if self.secondary:
            labels.append(self.env._("secondary side"))
        return labels

    # === ACTION METHODS === #
    def action_apply(self):
        """Write this way of reading into the point table."""
        self._ensure_asked_one()
        compare = self.compare_id
        compare._check_engineer()
        secondary = self.secondary
        compare.point_id.write(
            {
                "address": self.address,
                "datatype": self.datatype,
                "order": self.order,
                "scale": self.scale,
                **({"secondary_side": True} if secondary else {}),
            }
        )
        # This line goes with the others: what fits is looked for anew, from the table as it is now.
        compare._show(compare.samples, compare._fits(compare.samples))
        # With CT x PT between register and display the table says it by the mark just set.
        compare.state = "same" if secondary else compare.state
        return compare._reopen()

    def action_apply_and_verify(self):
        """Write this way of reading into the point table and note that it was seen on a device."""
        self._ensure_asked_one()
        compare = self.compare_id
        self.action_apply()
        compare.state = "same"
        return compare.action_verify()
