"""Set Up: the company, its energy profile, the administrator and other people, and the plants, on one screen."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..tools import mobile

# Field of the screen -> field of the company.
COMPANY_FIELDS = {
    "company_name": "name",
    "industry": "energy_industry",
    "currency_id": "currency_id",
    "metering_level": "energy_metering_level",
    "coal_basis": "energy_coal_basis",
    "timezone": "energy_timezone",
    "slot_minutes": "energy_slot_minutes",
    "start_hour": "energy_start_hour",
}
PLANTS = Domain([("kind", "=", "unit"), ("parent_id", "=", False)])


def _as_in_company(field: str):
    """Selection of a field of the company, in the reader's language."""
    return lambda self: self.env["res.company"]._fields[field]._description_selection(self.env)


class EnergySetup(models.TransientModel):
    """What an administrator and an Energy manager set up before anything is measured (user flow P1).

    An administrator keeps the company and people, an Energy manager the plants; each sees and writes his part, with his
    own rights. Nothing is written before *Save Setup*, and it may be opened again at any time.
    """

    _name = "energy.setup"
    _description = "Energy Setup"
    _inherit = ["energy.wall.mixin"]
    _transient_max_hours = 0.2  # it holds first passwords until it is saved

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    is_administrator = fields.Boolean(compute="_compute_parts")
    keeps_plants = fields.Boolean(compute="_compute_parts")
    has_figures = fields.Boolean(related="company_id.energy_has_figures")

    company_name = fields.Char()
    industry = fields.Char()
    currency_id = fields.Many2one(
        "res.currency",
        context={"active_test": False},
        help="Of all prices and costs. It stays as it is once there are figures.",
    )
    metering_level = fields.Selection(_as_in_company("energy_metering_level"), string="Metering Level Kept")
    coal_basis = fields.Selection(_as_in_company("energy_coal_basis"))
    timezone = fields.Selection(_as_in_company("energy_timezone"), string="Time Zone")
    slot_minutes = fields.Selection(_as_in_company("energy_slot_minutes"), string="Slot Length")
    start_hour = fields.Integer(string="Start of Day")

    name = fields.Char(string="Your Name")
    login = fields.Char(string="Your Login Now", readonly=True)
    mobile = fields.Char(
        string="Your Mobile Number",
        help="Becomes your login. Leave it empty to keep the login you have.",
    )
    email = fields.Char(string="Your Email", help="Not needed: passwords are set and reset without mail.")
    user_ids = fields.One2many("energy.setup.user", "setup_id", string="Other People")

    plant_ids = fields.One2many(
        "energy.setup.plant", "setup_id", string="Plants There Are", domain=[("node_id", "!=", False)]
    )
    new_plant_ids = fields.One2many(
        "energy.setup.plant", "setup_id", string="New Plants", domain=[("node_id", "=", False)]
    )

    # === DEFAULTS === #
    @api.model
    def default_get(self, fields):
        """The screen begins with what there is."""
        values = super().default_get(fields)
        company, user = self.env.company, self.env.user
        found = self._company_values(company, COMPANY_FIELDS)
        found.update(name=user.name, login=user.login, email=user.email, mobile=mobile.normalized(user.login) or False)
        if self._may_keep_plants():
            found["plant_ids"] = self.env["energy.setup.plant"]._commands(self._plants(company))
        return {**{name: value for name, value in found.items() if name in fields}, **values}

    @api.model
    def _plants(self, company):
        return self.env["energy.node"].search(PLANTS & Domain("company_id", "=", company.id))

    @staticmethod
    def _company_values(record, sources: dict) -> dict:
        """Return these fields of a record as they are written, each under its key.

        :param sources: key -> field of the record
        """
        return {key: record._fields[name].convert_to_write(record[name], record) for key, name in sources.items()}

    # === WHO AND WHEN === #
    @api.model
    def _may_administrate(self) -> bool:
        return self.env.user.has_group("base.group_erp_manager")

    @api.model
    def _may_keep_plants(self) -> bool:
        return self.env.user.has_group("energy_carbon.group_manager")

    @api.model
    def _may_set_up(self) -> bool:
        return self._may_administrate() or self._may_keep_plants()

    @api.model
    def _is_needed(self) -> bool:
        """Whether none of the companies chosen has a plant, seen or not, archived or not."""
        nodes = self.env["energy.node"].sudo().with_context(active_test=False)
        return not nodes.search_count(PLANTS & Domain("company_id", "in", self.env.companies.ids), limit=1)

    # === COMPUTE METHODS === #
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Set Up")

    @api.depends_context("uid")
    def _compute_parts(self):
        self.is_administrator = self._may_administrate()
        self.keeps_plants = self._may_keep_plants()

    @api.onchange("mobile")
    def _onchange_mobile(self):
        self.mobile = mobile.normalized(self.mobile) or self.mobile

    # === ACTIONS === #
    def action_apply(self):
        """Write everything with the rights of whoever pressed the button, and show the plants.

        :raises UserError: a mobile number is none, or somebody else's; nothing was written then
        """
        self._ensure_asked_one()
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("This was opened for %(company)s: open it again.", company=self.company_id.name))
        if self._may_administrate():
            self._apply_company()
            self._apply_administrator()
            self.user_ids._create_users()
        if self._may_keep_plants():
            self.plant_ids._write_plants()
            self.new_plant_ids._create_plants()
        # A load of the whole page: the names of company and person stand in its head.
        return {"type": "ir.actions.act_url", "url": self._next_url(), "target": "self"}

    @api.model
    def _next_url(self) -> str:
        reads = self.env.user.has_group("energy_carbon.group_viewer")
        return "/odoo/energy-units" if reads else "/odoo"

    # === WRITING === #
    def _apply_company(self):
        company = self.company_id
        if not (self.company_name or "").strip():
            raise UserError(self.env._("Type the name of the company."))
        there = self._company_values(company, {source: source for source in COMPANY_FIELDS.values()})
        wanted = self._company_values(self, {source: name for name, source in COMPANY_FIELDS.items()})
        if changed := {source: value for source, value in wanted.items() if value != there[source]}:
            if self.currency_id and not self.currency_id.active:
                # Only Odoo's Settings role may do it, and a company cannot keep its prices in one that is not in use.
                self.currency_id.sudo().active = True
            company.write(changed)

    def _apply_administrator(self):
        """Write name, login and address of the person who sets up, who stays logged in."""
        user = self.env["res.users"].browse(self.env.uid)
        if not (self.name or "").strip():
            raise UserError(self.env._("Type your name."))
        wanted = {"name": self.name, "email": self.email}
        if self.mobile:
            wanted["login"] = user._number_of(self.mobile)
            if not user.phone:
                wanted["phone"] = wanted["login"]
        changed = {name: value for name, value in wanted.items() if (value or False) != (user[name] or False)}
        if changed:
            user.write(changed)
        if "login" in changed:
            self._keep_session()

    def _keep_session(self):
        """Renew the token of this session, of which the login is a part; the person's other sessions end."""
        if request:
            self.env.flush_all()
            self.env.registry.clear_cache()
            request.session.session_token = self.env.user._compute_session_token(request.session.sid)
