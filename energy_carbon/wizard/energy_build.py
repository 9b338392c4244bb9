"""Build indicators: what a part of the tree asks for beside what is there, before anything is written."""

import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..calculation.factor_book import FactorBook
from ..calculation.plant_masters import load_plant
from ..planning.builder import Builder
from ..planning.plant import Plant
from ..planning.proposal import APPLICABLE, HINT, Proposal, Slot
from ..tools.asked import known_ids

# Sources named in a formula, and nodes in a hint; the others are counted.
MOST_NAMED = 12
# What a hint says that is missing, by what of COMPANIONS has no factor or price.
LACKING = {"coal": "no_coal", "carbon": "no_carbon", "cost": "no_price"}


class EnergyBuild(models.TransientModel):
    """Units for which indicators and formulas are proposed, bottom-up (user flow X1). For Energy managers.

    The lines are what a person reads and ticks. Applying works everything out again and takes the ticks only: what was
    not on the screen is not written.
    """

    _name = "energy.build"
    _inherit = ["energy.wall.mixin"]
    _description = "Build Indicators"

    node_ids = fields.Many2many("energy.node", string="Units", readonly=True)
    date_from = fields.Date(
        string="Holds From",
        help="Empty: for all days. New indicators then count from this day on; a changed formula holds from it, and the "
        "one before up to the day before it, as months that are locked need it.",
    )
    line_ids = fields.One2many("energy.build.line", "build_id", string="Lines")
    applied_text = fields.Char(compute="_compute_applied_text", string="What Is Ticked")

    # === COMPUTE METHODS === #
    @api.depends("line_ids.ticked", "line_ids.action")
    def _compute_applied_text(self):
        for build in self:
            counts = dict(
                self.env["energy.build.line"]._read_group(
                    [("build_id", "=", build.id), ("ticked", "=", True)], ["action"], ["__count"]
                )
            )
            build.applied_text = self.env._(
                "New indicators: %(new)s. Formulas changed: %(changed)s. What is not ticked stays as it is.",
                new=counts.pop("add", 0),
                changed=sum(counts.values()),
            )

    @api.depends("node_ids.name")
    def _compute_display_name(self):
        for build in self:
            names = build.node_ids.mapped("name")
            more = "" if len(names) <= MOST_NAMED else " …"
            build.display_name = ", ".join(names[:MOST_NAMED]) + more

    # === RIGHTS === #
    def _check_may_build(self, nodes):
        """Indicators and formulas are the Energy manager's, within his own nodes."""
        if not self.env.su and not self.env.user.has_group("energy_carbon.group_manager"):
            raise AccessError(self.env._("Only Energy managers build indicators."))
        nodes.check_access("read")

    # === OPENING === #
    @api.model
    def _open(self, nodes):
        """Compare these units, or all that the user sees, with what their tree asks for, and show it."""
        places = (nodes or self._all_nodes()).filtered(lambda node: node.kind != "meter" and node.active)
        self._check_may_build(nodes | places)
        if nodes and not places:
            raise UserError(self.env._("Meters are built with the unit or device they hang under: choose that."))
        nodes = places
        within = {node.id: {int(part) for part in node.parent_path.split("/")[:-2]} for node in nodes}
        build = self.create({"node_ids": nodes.filtered(lambda node: not within[node.id] & set(nodes.ids)).ids})
        build._make_lines()
        return build._action_lines()

    def _all_nodes(self):
        """The tops of what the user sees; none in a database without units, where the screen says what to do first."""
        return self.env["energy.node"].search([("id", "in", self.env["energy.node"]._my_top().ids)])

    def _action_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_build_line_action")
        title = action["name"]
        if self.node_ids:
            title = self.env._("Build Indicators: %(units)s", units=self.display_name)
        return dict(
            action,
            name=title,
            display_name=title,
            domain=[("build_id", "=", self.id)],
            context={"energy_build_id": self.id, "search_default_open": 1},
        )

    # === WORKING OUT === #
    def _proposed(self) -> list[tuple[Plant, list[Proposal]]]:
        """The plants of the units with what is proposed for them; nothing is written."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_build(self.node_ids)
        cost = self.env.su or self.env.user.has_group("energy_carbon.group_see_prices")
        today = fields.Date.context_today(self)
        found = []
        for company, tops in self.node_ids.grouped("company_id").items():
            plant = load_plant(tops, today, cost)
            builder = Builder(plant)
            lines = builder.build()
            found.append((plant, lines + self._lacking(company, builder, today, cost)))
        return found

    def _lacking(self, company, builder: Builder, today, cost: bool) -> list[Proposal]:
        """Hints at energy types without factor or price where they are used, a line for each at the top of the part."""
        book = FactorBook(self.env, company)
        plant, known, where = builder.plant, {}, {}
        amounts = builder.sources.amounts
        meters = [plant.nodes[node] for node in builder.sources.totals]
        leaves = [(meter.id, meter.energy_type) for meter in meters if (meter.parent, meter.energy_type) in amounts]
        leaves += [pair for pair in amounts if not plant.meters(pair[0])]
        for node, energy_type in sorted(set(leaves)):
            path = plant.nodes[node].path
            if (path[0], energy_type) in plant.own_made:
                continue
            key = energy_type, book.deciding(path)
            if key not in known:
                known[key] = book.lacking(energy_type, path, today.toordinal())
            for measure in known[key] & LACKING.keys():
                if plant.derived(energy_type, measure):
                    top = next(one for one in path if one in plant.nodes)
                    where.setdefault((top, energy_type, LACKING[measure]), []).append(node)
        return [
            Proposal(HINT, top, energy_type=energy_type, reason=reason, others=tuple(nodes))
            for (top, energy_type, reason), nodes in sorted(where.items())
        ]

    def _make_lines(self):
        """Store what is proposed, a line each."""
        values = []
        for plant, proposals in self._proposed():
            writer = LineWriter(self.env, plant, proposals)
            values += [dict(writer.values(line), build_id=self.id) for line in proposals]
        values.sort(key=lambda one: one["place"])
        self.env["energy.build.line"].sudo().create(values)

    # === ACTIONS === #
    @api.model
    @api.readonly
    def summary(self, build_id: int) -> dict:
        """Counts of a comparison: by what happens, and of what is ticked."""
        lines, of_build = self.env["energy.build.line"], ("build_id", "in", known_ids(self.env, [build_id]))
        counts = dict(lines._read_group([of_build], ["action"], ["__count"]))
        ticked = lines.search_count([of_build, ("ticked", "=", True)])
        return {"actions": counts, "ticked": ticked}

    def action_back(self):
        """The lines again, to be looked at before they are applied."""
        return {"type": "ir.actions.act_window_close"}


class LineWriter:
    """Puts proposals into the reader's words; names of all nodes and templates are read once."""

    def __init__(self, env, plant: Plant, proposals: list[Proposal]):
        self.env, self.plant = env, plant
        nodes = env["energy.node"].browse(plant.nodes)
        self.names = {node.id: node.name for node in nodes}
        self.places = {node.id: node.complete_name for node in nodes}
        self.templates = {one.id: one for one in env["energy.indicator.template"].browse(plant.template)}
        self.indicators = env["energy.indicator"]
        self.unseen = env._("other units")
        shown = {term.source for line in proposals for term in line.terms if isinstance(term.source, int)}
        outside = self.indicators.browse(shown - plant.indicator.keys())
        self.outside = {one.id: one.display_name for one in outside._filtered_access("read")}

    def values(self, line: Proposal) -> dict:
        there = line.target if isinstance(line.target, int) else None
        old = self.indicators.browse(there)._formula_text() if there and line.action in APPLICABLE else False
        return {
            "key": line.key,
            "fingerprint": fingerprint(line),
            "action": line.action,
            "node_id": line.node,
            "place": self.places[line.node],
            "template_id": line.template,
            "energy_type_id": line.energy_type,
            "flow": line.flow,
            "indicator_id": there,
            "formula": self.formula(line),
            "old_formula": old,
            "reason": line.reason,
            "note": self.note(line),
            "ticked": line.ticked,
        }

    def formula(self, line: Proposal) -> str | bool:
        """The formula proposed; the first sources by name, the others counted."""
        if not line.terms:
            return False
        parts = []
        for term in line.terms[:MOST_NAMED]:
            sign = "-" if term.coefficient < 0 else "+"
            size = "" if abs(term.coefficient) == 1 else f"{abs(term.coefficient):g} × "
            begin = f" {sign} " if parts else "-" * (sign == "-")
            parts.append(f"{begin}{size}{self.source(term.source)}")
        if more := len(line.terms) - MOST_NAMED:
            parts += [self.env._(" + %(count)s more", count=more)] if more > 0 else []
        template = self.templates[line.template]
        text = "".join(parts)
        return self.indicators._of_measure(template.measure, text) if template.kind == "derived" else text

    def source(self, ref) -> str:
        if isinstance(ref, Slot):
            return f"{self.names[ref.node]} / {self.templates[ref.template].name}"
        there = self.plant.indicator.get(ref)
        if there is None:
            return self.outside.get(ref, self.unseen)
        return f"{self.names[there.node]} / {self.templates[there.template].name}"

    def note(self, line: Proposal) -> str | bool:
        """Why a line is a hint, or needs a look before it is ticked."""
        if not line.reason:
            return False
        text = self.env["energy.build.line"]._reason_text(line.reason)
        names = [self.names.get(node, self.unseen) for node in line.others[:MOST_NAMED]]
        more = " …" if len(line.others) > MOST_NAMED else ""
        return f"{text} ({', '.join(names)}{more})" if names else text


def fingerprint(line: Proposal) -> str:
    """Tells whether a line is still the one that a person ticked."""
    return hashlib.sha256(repr((line.action, line.target, line.terms)).encode()).hexdigest()
