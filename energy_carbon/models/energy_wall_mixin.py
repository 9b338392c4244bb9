"""Walls around what links name: a record behind a wall has no name, and no form takes it up."""

from collections import defaultdict

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.asked import asked_records, check_day, linked_ids, sent_lines
from ..tools.inner_step import is_within

# What Odoo counts its users among. A service user (an edge agent) is none of them and writes texts for others.
PERSONS = "base.group_user,base.group_portal,base.group_public"

DOCUMENTS = "ir.attachment"
# Context of a method of the product that writes what the program alone writes.
KEPT = "energy_kept"


class EnergyWallMixin(models.AbstractModel):
    """A record whose name shows only to those who may read it, wherever something links to it.

    Odoo reads the name of a linked record as superuser, for a link may lead beyond the reader's walls. Every model of the
    product inherits this; which records a reader may see is decided by the access rules alone.
    """

    _name = "energy.wall.mixin"
    _description = "Record within Walls"

    # Who did something, and what follows from it: the program alone writes these, by its buttons.
    _kept_fields: frozenset[str] = frozenset()

    # === COMPUTE METHODS === #
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        """Say that the name depends on the reader, also to models that have their own way to make it."""
        return super()._compute_display_name()

    def _compute_field_value(self, field):
        """Make the names of what the reader may know; the rest is *other units* to him."""
        if field.name != "display_name":
            return super()._compute_field_value(field)
        named = self._named_to_reader()
        for record in self - named:
            record.display_name = self.env._("other units")
        return super(EnergyWallMixin, named)._compute_field_value(field)

    # === CRUD METHODS === #
    @api.model_create_multi
    def create(self, vals_list):
        self.browse()._check_requests(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_requests([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        own = {name.removeprefix("default_"): value for name, value in self.env.context.items()}
        self._check_requests([{**own, **values}], form=True)
        return super().onchange(values, field_names, fields_spec)

    # === BUSINESS METHODS === #
    def _named_to_reader(self):
        """Those of these records whose name the reader may know; as himself he reads no other anyway."""
        reader = self.env.user
        if not self.env.su or reader._is_superuser() or not reader.has_groups(PERSONS):
            return self
        stored = self._origin
        # The walls between companies are around the reader, not around those he has ticked at the moment.
        every = stored.with_context(allowed_company_ids=reader.company_ids.ids).with_user(reader)
        hidden = set(stored._ids) - set(every._filtered_access("read")._ids)
        return self.filtered(lambda record: record._origin.id not in hidden) if hidden else self

    def _check_requests(self, requests: list[dict], form: bool = False):
        """Refuse links to what the reader may not see, and days that no calendar reckons with.

        An id is easily guessed, what is linked to is read as superuser in many places, and a form shows figures of it
        before anything is saved.

        :param requests: values of records: links as an id or as commands
        :param form: whether lines within them are looked at too, which otherwise have a request of their own
        :raises AccessError: a link is not for this reader
        :raises UserError: a link is no id or one of nothing, a day is none
        """
        if self.env.su:
            return
        if not form and not is_within(self.env, KEPT):
            self._refuse_kept({name for values in requests for name in values} & self._kept_fields)
        links, lines = defaultdict(list), []
        for name, value in ((name, value) for values in requests for name, value in values.items() if value):
            field = self._fields.get(name)
            if not field or (field.compute and field.readonly):
                continue
            if field.type in ("date", "datetime"):
                check_day(self.env, field._description_string(self.env), value)
            elif field.relational and self._is_walled(field.comodel_name):
                links[field] += linked_ids(field, value)
                lines += [(field, *line) for line in sent_lines(field, value)] if form else []
        for field, ids in links.items():
            self._refuse_strangers(field, ids)
        for field, line, values in lines:
            self.env[field.comodel_name].browse(line)._check_requests([values], form=True)

    def _refuse_kept(self, names: set[str]):
        """Refuse what nobody sets by hand: who decided, when, and what was there before."""
        if names:
            labels = sorted(self._fields[name]._description_string(self.env) for name in names)
            raise AccessError(
                self.env._(
                    "Nobody sets “%(fields)s” by hand: use the buttons of %(record)s, which write it.",
                    fields=", ".join(labels),
                    record=self.env["ir.model"]._get(self._name).name,
                )
            )

    def _refuse_strangers(self, field, ids: list):
        """Refuse to link what the reader may not see, as far as it is not linked already."""
        asked = asked_records(self.env[field.comodel_name].sudo(), ids).sudo(False)
        strangers = asked - asked._filtered_access("read")
        if strangers - self.sudo().mapped(field.name).sudo(False):
            if field.comodel_name != DOCUMENTS:
                strangers._refuse_as_stranger()
            raise AccessError(
                self.env._(
                    "What was chosen as “%(field)s” is outside of what you may see: choose another one, or ask your "
                    "administrator for more allowed nodes.",
                    field=field._description_string(self.env),
                )
            )

    @api.model
    def _is_walled(self, model: str) -> bool:
        """Whether records of a model are the product's own, or documents, whose names tell as much."""
        return model == DOCUMENTS or isinstance(self.env[model], self.env.registry[EnergyWallMixin._name])

    def _refuse_as_stranger(self):
        """Say why this reader cannot link to these records, where more can be said than that he may not see them."""

    def _ensure_asked(self):
        """Refuse a button pressed on what are no records, on none that are there, or on some that are not for this reader.

        :raises UserError: there are no such records; AccessError: one is not for this reader
        """
        asked_records(self, self._ids)

    def _ensure_asked_one(self):
        """Refuse a button of one record that is pressed on none or on several; see :meth:`_ensure_asked`."""
        if len(self) != 1:
            raise UserError(self.env._("This works on one record: open the one you mean."))
        self._ensure_asked()

    # === MESSAGES === #
    @api.model
    def _sql_error_to_message(self, exc):
        """Name the record that is there already, when the reader may see it."""
        message = super()._sql_error_to_message(exc)
        twin = self._twin_in_database(exc) if isinstance(exc, UniqueViolation) else self.browse()
        if not twin or not twin.has_access("read"):
            return message
        if "active" in twin._fields and not twin.active:
            return self.env._(
                "%(message)s\nAlready there, archived: %(record)s", message=message, record=twin.display_name
            )
        return self.env._("%(message)s\nAlready there: %(record)s", message=message, record=twin.display_name)

    def _twin_in_database(self, exc):
        """The record of a unique index whose key another one was to have as well; none when it is gone by now."""
        key = (exc.diag.message_detail or "").partition(")=(")[2].rpartition(")")[0]
        if not key or exc.diag.table_name != self._table:
            return self.browse()
        columns, condition = self._index_parts(exc.diag.constraint_name)
        values = SQL(", ").join(SQL("(%s)::text", SQL(column)) for column in columns)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE concat_ws(', ', %s) = %s AND (%s) LIMIT 1",
                SQL.identifier(self._table), values, key, SQL(condition),
            )
        )  # fmt: skip
        return self.browse(row[0] for row in rows)

    def _index_parts(self, name: str) -> tuple[list[str], str]:
        """A unique index as the database has it: its columns and expressions, and which rows it is for."""
        rows = self.env.execute_query(
            SQL(
                """SELECT array_agg(pg_get_indexdef(i.indexrelid, k::int, true) ORDER BY k),
                          COALESCE(min(pg_get_expr(i.indpred, i.indrelid)), 'true')
                     FROM pg_index i, generate_series(1, i.indnkeyatts) k
                    WHERE i.indexrelid = to_regclass(%s)""",
                name,
            )
        )
        return rows[0]
