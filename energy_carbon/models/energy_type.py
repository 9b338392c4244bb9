"""Energy types: electricity, natural gas, steam, water ... with their unit, factors and prices."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CATEGORIES = [
    ("primary", "Primary energy"),
    ("purchased_secondary", "Purchased secondary energy"),
    ("own_secondary", "Own-made secondary energy"),
    ("purchased_medium", "Purchased working medium"),
    ("own_medium", "Own-made working medium"),
    ("recovered", "Recovered energy"),
]
GAS_REFERENCES = [("t0", "0 °C, 101.325 kPa"), ("t20", "20 °C, 101.325 kPa")]
# How many users of a type a refusal names before it says how many more there are.
NAMED_USERS = 10


class EnergyType(models.Model):
    """One kind of energy or working medium that is bought, made, used or sold (能源品种).

    Ten arrive with installation; Energy managers add, archive and delete unused ones.
    """

    _name = "energy.type"
    _description = "Energy Type"
    _inherit = ["energy.wall.mixin", "mail.thread"]
    _order = "sequence, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True, help="Short code, unique in the company: EL, NG, ST.")
    category = fields.Selection(CATEGORIES, required=True, default="primary", tracking=True)
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        required=True,
        ondelete="restrict",
        tracking=True,
        help="Unit in which consumption of this type is kept.",
    )
    scope = fields.Selection(
        [("1", "Scope 1"), ("2", "Scope 2"), ("3", "Scope 3")],
        string="Emission Scope",
        help="Default greenhouse-gas scope. Leave it empty for working media without emissions of their own.",
    )
    gas_reference = fields.Selection(
        GAS_REFERENCES,
        help="Condition that a volume of this gas refers to. A factor for another condition is converted.",
    )
    equivalent_from_calorific = fields.Boolean(
        string="Equivalent = Calorific",
        help="Fuels are counted alike on both bases. Leave it off for electricity, heat and working media: their "
        "equivalent standard coal needs a factor of its own and stays blank without one.",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=100)
    color = fields.Integer()
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade", help="Empty: shared by all companies.")
    factor_ids = fields.One2many("energy.factor", "energy_type_id", string="Factors")
    tariff_ids = fields.One2many(
        "energy.tariff", "energy_type_id", string="Tariffs", groups="energy_carbon.group_see_prices"
    )
    template_ids = fields.One2many("energy.indicator.template", "energy_type_id", string="Indicator Templates")
    current_coal = fields.Char(compute="_compute_current_factors", string="Standard Coal Today")
    current_carbon = fields.Char(compute="_compute_current_factors", string="Carbon Today")
    current_price = fields.Char(
        compute="_compute_current_price", string="Price Today", groups="energy_carbon.group_see_prices"
    )
    factor_count = fields.Integer(compute="_compute_factor_count")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is already an energy type with this code: choose another."
    )

    # === COMPUTE METHODS === #
    @api.depends("factor_ids", "factor_ids.value", "factor_ids.date_from", "uom_id")
    @api.depends_context("company")
    def _compute_current_factors(self):
        """Show the factors that a plant without a region or figures of its own takes today."""
        for energy_type in self:
            factors = energy_type.factor_ids.filtered(lambda f: not f.node_id)
            coal = factors._best_today("coal_calorific")
            carbon = factors._best_today("co2", "location") or factors._best_today("co2", False)
            energy_type.current_coal = coal._label("kgce")
            energy_type.current_carbon = carbon._label("kgCO₂")

    @api.depends("tariff_ids.current_price")
    @api.depends_context("company")
    def _compute_current_price(self):
        for energy_type in self:
            tariffs = energy_type.tariff_ids.filtered(lambda t: t.company_id == self.env.company and not t.node_id)
            prices = tariffs._prices_today()
            energy_type.current_price = prices._range_label() if prices else self.env._("no price")

    @api.depends("factor_ids")
    def _compute_factor_count(self):
        counts = dict(
            self.env["energy.factor"]._read_group([("energy_type_id", "in", self.ids)], ["energy_type_id"], ["__count"])
        )
        for energy_type in self:
            energy_type.factor_count = counts.get(energy_type, 0)

    # === CONSTRAINT METHODS === #
    @api.constrains("code", "company_id")
    def _check_code(self):
        """A company's own type must not carry the code of a shared one: reports and imports find types by code."""
        for energy_type in self:
            every = self.sudo().with_context(active_test=False)
            others = every.search([("code", "=ilike", energy_type.code), ("id", "!=", energy_type.id)])
            same = others.filtered(
                lambda o, t=energy_type: not o.company_id or not t.company_id or o.company_id == t.company_id
            )
            if same:
                raise ValidationError(
                    self.env._(
                        "The code %(code)s is already that of the energy type %(other)s (it may be archived): "
                        "choose another code.",
                        code=energy_type.code,
                        other=same[0].name,
                    )
                )

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("code"):
                vals["code"] = vals["code"].strip()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("code"):
            vals = {**vals, "code": vals["code"].strip()}
        if "uom_id" in vals:
            self._check_unit_change(vals["uom_id"])
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for energy_type, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=energy_type.name)
            vals["code"] = f"{energy_type.code}-{self.env._('copy')}"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Refuse to delete a type in use, naming its users (care N2 of the user flows)."""
        for energy_type in self:
            users = energy_type._users()
            if users:
                raise UserError(
                    self.env._(
                        "The energy type %(type)s cannot be deleted, it is in use:\n%(users)s\n"
                        "Archive it instead: links and values stay.",
                        type=energy_type.name,
                        users=_as_lines(self.env, users),
                    )
                )

    def unlink(self):
        # Shipped templates of an unused type go with it; _unlink_except_used has the last word and rolls all back.
        unused = self.filtered(lambda energy_type: not energy_type._users())
        templates = self.env["energy.indicator.template"].sudo().with_context(active_test=False)
        templates.search([("energy_type_id", "in", unused.ids), ("locked", "=", True)]).unlink()
        return super().unlink()

    # === ACTIONS === #
    def action_view_factors(self):
        """Open the factors of this energy type."""
        self._ensure_asked_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("energy_carbon.energy_factor_action")
        return {
            **action,
            "domain": [("energy_type_id", "=", self.id)],
            "context": {"default_energy_type_id": self.id, "search_default_group_kind": 1},
        }

    # === BUSINESS METHODS === #
    def _users(self) -> list[str]:
        """Return one line for each record that uses this type, across companies and archived ones included.

        The type's own factors and its shipped, unused templates are no users: they go with it.
        """
        self.ensure_one()
        lines = []
        for model, domain in self._user_domains():
            records = self.env[model].sudo().with_context(active_test=False).search(domain)
            description = self.env["ir.model"]._get(model).sudo().name
            lines += [f"{description}: {record.display_name}" for record in records]
        return lines

    def _user_domains(self) -> list[tuple[str, list]]:
        """Return (model, domain) pairs that find the records using this type; addons extend it."""
        return [
            ("energy.node", ["|", ("energy_type_id", "=", self.id), ("energy_type_ids", "in", self.ids)]),
            ("energy.node.use", [("energy_type_id", "=", self.id)]),
            ("energy.tariff", [("energy_type_id", "=", self.id)]),
            ("energy.fuel.batch", [("energy_type_id", "=", self.id)]),
            ("energy.certificate", [("energy_type_id", "=", self.id)]),
            ("energy.indicator", [("energy_type_id", "=", self.id)]),
            ("energy.indicator.template", [("energy_type_id", "=", self.id), ("locked", "=", False)]),
        ]

    def _check_unit_change(self, uom_id):
        """Refuse a new unit of measure once indicators keep values in the old one."""
        changed = self.filtered(lambda energy_type: energy_type.uom_id.id != uom_id)
        indicators = self.env["energy.indicator"].sudo().with_context(active_test=False)
        used = indicators.search([("energy_type_id", "in", changed.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "The unit of measure of %(type)s cannot be changed: indicators such as %(indicator)s keep values "
                    "in it. Create a new energy type with the other unit.",
                    type=used.energy_type_id.name,
                    indicator=used.display_name,
                )
            )


def _as_lines(env, users: list[str]) -> str:
    """Return the first users as lines, and how many more there are."""
    lines = [f"- {user}" for user in users[:NAMED_USERS]]
    if len(users) > NAMED_USERS:
        lines.append(env._("- and %(count)s more", count=len(users) - NAMED_USERS))
    return "\n".join(lines)
