"""Replacing an energy type by another in everything that uses it, keeping all values."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Factors stay with the type they were published for; templates are replaced by their like.
KEPT = ("energy.factor", "energy.indicator.template")


class EnergyTypeReplace(models.TransientModel):
    """Asks which energy type takes the place of another, everywhere or for the indicators of one template.

    Indicators keep their identity, so readings, entries and values stay; standard coal, carbon and cost follow the new
    type's factors and prices. Factors stay with the type they were published for.
    """

    _name = "energy.type.replace"
    _inherit = ["energy.wall.mixin"]
    _description = "Replace Energy Type"

    type_id = fields.Many2one("energy.type", string="Replace", required=True, readonly=True)
    new_type_id = fields.Many2one(
        "energy.type", string="By", required=True, domain="[('id', '!=', type_id), ('uom_id', '=', uom_id)]"
    )
    uom_id = fields.Many2one(related="type_id.uom_id")
    template_id = fields.Many2one(
        "energy.indicator.template",
        string="Only the Indicators of",
        domain="[('energy_type_id', '=', type_id), ('indicator_ids', '!=', False)]",
        help="Empty: everything that uses the energy type.",
    )
    users = fields.Text(compute="_compute_users", string="Concerned")

    @api.depends("type_id", "template_id")
    def _compute_users(self):
        for wizard in self:
            counts = [
                f"{self.env['ir.model']._get(records._name).sudo().name}: {len(records)}"
                for records, _field in wizard._records()
            ]
            indicators = wizard._indicators()
            if indicators:
                counts.append(f"{self.env['ir.model']._get('energy.indicator').sudo().name}: {len(indicators)}")
            wizard.users = "\n".join(counts) or self.env._("Nothing uses it.")

    # === ACTION === #
    def action_replace(self):
        """Re-point everything in one step; refused as a whole when anything does not fit."""
        self._ensure_asked_one()
        if not self.env.user.has_group("energy_carbon.group_manager"):
            raise AccessError(self.env._("Only Energy managers replace energy types."))
        self.new_type_id.check_access("read")
        if message := self._problem():
            raise UserError(message)
        types = self.type_id | self.new_type_id
        self._restate()
        self.env["energy.calculation"]._mark_types(types, companies=self.env.companies)
        for records, name in self._records():
            self._repoint(records, name)
        indicators = self._indicators()
        for template, of_template in indicators.grouped("template_id").items():
            of_template._take_template(self._counterpart(template, of_template))
        self.env["energy.calculation"]._mark_types(types, companies=self.env.companies)
        return {"type": "ir.actions.act_window_close"}

    def _restate(self):
        """Locked months refuse the new type's coal, carbon and cost; the journal keeps what was replaced."""
        indicators = self._indicators()
        if not indicators:
            return
        self.env["energy.lock"]._refuse(self.type_id, indicators)
        self.env["energy.restatement"]._note(
            "master", self.type_id, self.type_id.name, self.new_type_id.name, None, indicators=indicators
        )

    def _problem(self) -> str | None:
        """Why this replacement cannot be, or None."""
        old, new = self.type_id, self.new_type_id
        if old == new:
            return self.env._("%(type)s cannot replace itself: choose another energy type.", type=old.name)
        if old.uom_id != new.uom_id:
            return self.env._(
                "%(old)s is kept in %(old_unit)s, %(new)s in %(new_unit)s: the values would mean something else. Choose a "
                "type with the same unit of measure.",
                old=old.name,
                old_unit=old.uom_id.name,
                new=new.name,
                new_unit=new.uom_id.name,
            )
        if old.gas_reference != new.gas_reference:
            return self.env._(
                "%(old)s and %(new)s refer to gas at different conditions: the volumes would mean something else. Give "
                "the new type the same gas reference.",
                old=old.name,
                new=new.name,
            )
        if self.template_id and self.template_id.energy_type_id != old:
            return self.env._("%(template)s is not about %(type)s.", template=self.template_id.name, type=old.name)
        return None

    # === WHAT IS CONCERNED === #
    def _indicators(self):
        """Indicators of the companies worked in, archived ones included."""
        domain = [("energy_type_id", "=", self.type_id.id), ("company_id", "in", self.env.companies.ids)]
        if self.template_id:
            domain.append(("template_id", "=", self.template_id.id))
        return self.env["energy.indicator"].sudo().with_context(active_test=False).search(domain)

    def _records(self) -> list[tuple]:
        """(records, field) of everything else that names the type; nothing when only one template is concerned."""
        if self.template_id:
            return []
        found = []
        for model, name in self._naming_fields():
            records = self.env[model].sudo().with_context(active_test=False).search([(name, "in", self.type_id.ids)])
            if "company_id" in records._fields:
                records = records.filtered(lambda record: record.company_id in self.env.companies)
            if records:
                found.append((records, name))
        return found

    def _naming_fields(self) -> list[tuple[str, str]]:
        """Stored links to an energy type that somebody chose; tables that the calculation writes have no log of access."""
        return [
            (model._name, name)
            for model in self.env.values()
            if model._log_access and not model._transient and model._name not in KEPT
            for name, field in model._fields.items()
            if field.comodel_name == "energy.type"
            and field.type in ("many2one", "many2many")
            and field.store
            and not field.compute
            and not field.related
        ]

    # === RE-POINTING === #
    def _repoint(self, records, name: str):
        """Write the new type; a use that the unit has for the new type already is dropped instead of doubled."""
        if records._fields[name].type == "many2many":
            unlink, link = fields.Command.unlink(self.type_id.id), fields.Command.link(self.new_type_id.id)
            records.write({name: [unlink, link]})
            return
        if records._name == "energy.node.use":
            doubled = records.filtered(
                lambda use: use.node_id.use_ids.filtered(
                    lambda other: other.energy_type_id == self.new_type_id and other.role == use.role
                )
            )
            doubled.unlink()
            records -= doubled
        records.write({name: self.new_type_id.id})

    def _counterpart(self, template, indicators):
        """The template of the new type that says the same: a shipped one, one made before, or a copy."""
        same = self.env["energy.indicator.template"].sudo().with_context(active_test=False).search(
            [
                ("energy_type_id", "=", self.new_type_id.id),
                ("code", "=", self._new_code(template)),
                ("company_id", "in", [False, *self.env.companies.ids]),
            ],
            limit=1,
        )
        like = ("kind", "measure", "aggregation", "uom_id", "scope", "indicator_class")
        if same and all(same[name] == template[name] for name in like):
            return same
        values = {"energy_type_id": self.new_type_id.id, "locked": False, "company_id": indicators.company_id[:1].id}
        if len(indicators.company_id) > 1:
            values["company_id"] = False
        if not same:
            values["code"] = self._new_code(template)
        return template.sudo().copy({**values, "name": self._new_name(template)})

    def _new_code(self, template) -> str:
        """The template's code with the new type's code in the place of the old one's."""
        old, new = self.type_id.code, self.new_type_id.code
        return f"{new}{template.code[len(old):]}" if template.code.startswith(f"{old}.") else f"{new}.{template.code}"

    def _new_name(self, template) -> str:
        """The template's name, with the type's name in it replaced where it begins with it."""
        old, new = self.type_id.name, self.new_type_id.name
        if template.name.lower().startswith(old.lower()):
            return new + template.name[len(old) :]
        return f"{new}: {template.name}"
