"""One line of Build indicators."""

from odoo import api, fields, models

from ..planning.proposal import APPLICABLE
from ..tools.selections import FLOWS

ACTIONS = [
    ("add", "New Indicator"),
    ("fill", "Formula Filled In"),
    ("extend", "Sources Added"),
    ("change", "Formula Changed"),
    ("hint", "Hint"),
    ("keep", "Unchanged"),
]
REASONS = [
    ("twice", "Counted twice"),
    ("written", "Formula written out"),
    ("typed", "Typed beside a meter"),
    ("archived", "Archived"),
    ("beside", "Meter beside it"),
    ("flow_made", "Flow direction"),
    ("virtual", "Virtual meter"),
    ("not_in_use", "Meter not in use"),
    ("no_main_total", "No main total"),
    ("no_template", "No template"),
    ("no_meter", "No meter"),
    ("unmeasured", "Not measured"),
    ("undeclared", "Made or used?"),
    ("made_unmeasured", "What is made is not measured"),
    ("sold_unmeasured", "What is sold is not measured"),
    ("no_coal", "No coal factor"),
    ("no_carbon", "No carbon factor"),
    ("no_price", "No price"),
]


class EnergyBuildLine(models.TransientModel):
    """What happens to one indicator when it is applied, or a hint. Only the tick is for people to change."""

    _name = "energy.build.line"
    _inherit = ["energy.wall.mixin"]
    _description = "Line of Build Indicators"
    _order = "id"

    build_id = fields.Many2one("energy.build", required=True, readonly=True, index=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True)
    action = fields.Selection(ACTIONS, string="What Happens", required=True, readonly=True)
    ticked = fields.Boolean(string="Apply")
    node_id = fields.Many2one("energy.node", required=True, readonly=True, ondelete="cascade")
    place = fields.Char(readonly=True, string="Position in the Tree")
    template_id = fields.Many2one("energy.indicator.template", readonly=True, ondelete="cascade")
    energy_type_id = fields.Many2one("energy.type", readonly=True, ondelete="cascade")
    flow = fields.Selection(FLOWS, string="Flow Direction", readonly=True)
    indicator_id = fields.Many2one("energy.indicator", readonly=True, ondelete="cascade")
    formula = fields.Text(string="New Formula", readonly=True)
    old_formula = fields.Text(string="Formula Now", readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    note = fields.Text(string="Hint", readonly=True)

    # === ACTIONS === #
    def action_tick(self):
        """Tick what can be applied of these lines."""
        self._ensure_asked()
        self.filtered(lambda line: line.action in APPLICABLE).ticked = True

    def action_untick(self):
        self._ensure_asked()
        self.ticked = False

    def action_ask(self):
        """Ask from when it is to hold, and apply."""
        self._ensure_asked()
        build = self.env["energy.build"].browse(self.env.context.get("energy_build_id") or self.build_id[:1].id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Apply"),
            "res_model": build._name,
            "res_id": build.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_open(self):
        """Open the indicator, or the node of a hint."""
        self._ensure_asked_one()
        return (self.indicator_id or self.node_id).get_formview_action()

    # === TEXTS === #
    @api.model
    def _reason_text(self, reason: str) -> str:
        """What a hint means and what can be done."""
        return {
            "twice": self.env._("The same energy would be counted twice; look at it before you tick it"),
            "written": self.env._("Its formula is written out and stays as it is, though it takes other sources"),
            "typed": self.env._("It is typed, though a meter hangs here: set its source to Computed to use the meter"),
            "archived": self.env._("It was archived and stays so: restore it if it is to count"),
            "beside": self.env._(
                "These meters hang behind the same main meter as the own one: what they count is not in this figure"
            ),
            "flow_made": self.env._("It counts what is made here: set its flow direction to that"),
            "virtual": self.env._("A virtual meter is computed from others: add its indicator and write its formula"),
            "not_in_use": self.env._("The meter is spare or scrapped and counts nowhere"),
            "no_main_total": self.env._("No indicator template is the main total of this energy type: mark one"),
            "no_template": self.env._("No indicator template says this of the energy type: add one or restore it"),
            "no_meter": self.env._("Nothing is measured or typed here or below"),
            "unmeasured": self.env._("Its use is declared, but nothing is measured or typed here or below"),
            "undeclared": self.env._(
                "It is measured at an auxiliary service: say under Energy Uses whether it is made or used here. Added up with "
                "the fuel that made it, it would count twice"
            ),
            "made_unmeasured": self.env._(
                "It is declared as made here: hang a meter here whose flow direction says so, or type it"
            ),
            "sold_unmeasured": self.env._(
                "It is declared as sold here: give an indicator of a meter here the flow direction Sale, or type it"
            ),
            "no_coal": self.env._("No coal factor holds today: standard coal stays blank"),
            "no_carbon": self.env._("No carbon factor holds today: carbon stays blank"),
            "no_price": self.env._("No price holds today: cost stays blank"),
        }[reason]
