"""What a locked month refuses, asked by whoever is about to change a figure."""

from datetime import date

import numpy as np
from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError

from ..calculation.allocation_book import DEPENDENCIES
from ..calculation.lock_book import LockBook

BOTH = ("quantity", "cost")
# An indicator and what is computed from it, each for the days on which the terms between them hold.
REACH = f"""
    WITH RECURSIVE reach(id, first, last) AS (
        SELECT * FROM unnest(%s::int4[], %s::date[], %s::date[])
         UNION
        SELECT t.indicator_id, GREATEST(r.first, COALESCE(t.date_from, r.first)), LEAST(r.last, COALESCE(t.date_to, r.last))
          FROM reach r
          JOIN {DEPENDENCIES} t ON t.source_id = r.id
         WHERE COALESCE(t.date_from, r.first) <= r.last AND COALESCE(t.date_to, r.last) >= r.first)
    SELECT r.id, i.node_id, r.first, r.last FROM reach r JOIN energy_indicator i ON i.id = r.id
"""
FIGURES = """
    SELECT v.indicator_id, v.date - %s::date FROM energy_value v
     WHERE v.indicator_id = ANY(%s) AND v.date BETWEEN %s AND %s AND v.value IS NOT NULL
"""
LEAVES_OF_TYPES = """
    SELECT i.id FROM energy_indicator i
     WHERE i.energy_type_id = ANY(%(types)s) AND i.source <> 'computed'
       AND (%(companies)s::int4[] IS NULL OR i.company_id = ANY(%(companies)s))
"""

OLDEST_OPEN = """
    SELECT MIN(v.month) FROM energy_value_month v
     WHERE v.node_id IN (SELECT node_id FROM energy_lock WHERE quantity_locked) AND NOT EXISTS (
           SELECT FROM energy_lock l WHERE l.node_id = v.node_id AND l.month = v.month AND l.quantity_locked)
"""


class EnergyLockGuard(models.Model):
    """Refusal in the user's own transaction, naming the lock and what was to change."""

    _inherit = "energy.lock"

    # === REFUSING === #
    @api.model
    def _refuse(self, record, indicators, date_from=None, date_to=None, figures=BOTH, own_days=False):
        """Refuse a change that would alter locked figures.

        :param record: what is changed, named in the sentence; a record or its name
        :param indicators: whose figures change; what is computed from them follows
        :param date_from: first day that changes, None: from the beginning; date_to: last day, None: until further notice
        :param figures: which locks stand against it. A change of amounts changes cost as well
        :param own_days: also where the indicators have no figure yet: typing one would fill a locked day
        :raises UserError: a locked figure would change
        """
        self._refuse_rows(record, [(one, date_from, date_to) for one in indicators.ids], figures, own_days)

    @api.model
    def _refuse_rows(self, record, rows: list[tuple], figures=BOTH, own_days=False):
        """As :meth:`_refuse`, for (indicator id, first day or None, last day or None)."""
        if lock := self._blocking(rows, figures, own_days):
            raise UserError(lock._sentence(record, figures))

    @api.model
    def _refuse_types(self, record, energy_types, companies, date_from=None, date_to=None, figures=BOTH, node=None):
        """Refuse a factor or a price that would alter locked figures of these energy types.

        :param companies: those for which it holds; None: all
        :param node: only this node and what hung below it on the days
        """
        if not self._any():
            return
        if node:
            rows = [row for one in energy_types for row in node.sudo()._source_days(one, date_from, date_to)]
        else:
            self.env.flush_all()
            self.env.cr.execute(
                LEAVES_OF_TYPES, {"types": energy_types.ids, "companies": companies.ids if companies else None}
            )
            rows = [(row[0], date_from, date_to) for row in self.env.cr.fetchall()]
        self._refuse_rows(record, rows, figures)

    @api.model
    def _any(self) -> bool:
        """A quick look whether anything is locked, and whether the user, not an update of the addon, asks."""
        if self.env.su and self.env.context.get("install_mode"):
            return False  # shipped data may change: the calculation leaves what is locked alone
        self.flush_model(["quantity_locked", "cost_locked"])
        self.env.cr.execute("SELECT 1 FROM energy_lock WHERE quantity_locked OR cost_locked LIMIT 1")
        return bool(self.env.cr.fetchone())

    @api.model
    def _oldest_open_month(self):
        """First day of the oldest month with figures that is not locked, of the plants whose months are; None: none of them."""
        self.flush_model(["quantity_locked"])
        self.env.cr.execute(OLDEST_OPEN)
        return self.env.cr.fetchone()[0]

    def _sentence(self, record, figures=BOTH) -> str:
        """Why a change is refused; a plant behind a wall stays unnamed."""
        self.ensure_one()
        lock = self.sudo()
        seen = self.env.su or self.with_env(self.env)._filtered_access("read")
        names = {
            "record": record if isinstance(record, str) else record.sudo().display_name,
            "plant": lock.node_id.name if seen else self.env._("another plant"),
            "month": lock.month_label,
        }
        if "quantity" in figures and lock.quantity_locked:
            return self.env._(
                "%(record)s cannot change: the quantities of %(plant)s are locked for %(month)s. Have that month "
                "reopened first.",
                **names,
            )
        return self.env._(
            "%(record)s cannot change: the cost of %(plant)s is locked for %(month)s. Have that month reopened first.",
            **names,
        )

    # === FINDING === #
    @api.model
    def _blocking(self, rows: list[tuple], figures=BOTH, own_days=False):
        """The first lock that stands against a change of these (indicator id, first or None, last or None)."""
        none = self.browse()
        if not rows or not self._any():
            return none
        self.env.flush_all()
        ids = list({row[0] for row in rows})
        for company in self.env["energy.indicator"].sudo().browse(ids).company_id:
            book = LockBook(self.env, company)
            if not book:
                continue
            first, last = book.months[0], book.months[-1] + relativedelta(months=1, days=-1)
            clipped = [(one, max(begin or first, first), min(end or last, last)) for one, begin, end in rows]
            clipped = [row for row in clipped if row[1] <= row[2]]
            if clipped and (lock := self._first_lock(book, clipped, figures, own_days)):
                return self.browse(lock)
        return none

    def _first_lock(self, book: LockBook, rows: list[tuple], figures, own_days: bool) -> int:
        """Id of the first lock against rows clipped to the locked months, 0 when none stands against them."""
        self.env.cr.execute(REACH, [list(column) for column in zip(*rows, strict=True)])
        reach = self.env.cr.fetchall()
        own = {row[0] for row in rows} if own_days else set()
        for month in book.months:
            end = month + relativedelta(months=1, days=-1)
            part = [row for row in reach if row[2] <= end and row[3] >= month]
            if part and (lock := self._lock_of_month(book, part, month, end, figures, own)):
                return lock
        return 0

    def _lock_of_month(self, book: LockBook, reach: list[tuple], month: date, end: date, figures, own: set) -> int:
        """As :meth:`_first_lock`, in one month.

        :param reach: (indicator id, node id, first day, last day)
        :param own: indicators that count on days without a figure, too
        """
        days = np.arange(month.toordinal(), end.toordinal() + 1)
        lock, quantity, cost = book.locks([row[1] for row in reach], days)
        locked = (quantity & ("quantity" in figures)) | (cost & ("cost" in figures))
        begin, last = (np.array([row[at].toordinal() for row in reach])[:, None] for at in (2, 3))
        locked &= (days >= begin) & (days <= last)
        known = self._known(reach, locked, month, end)
        locked &= known | np.isin([row[0] for row in reach], list(own))[:, None]
        return int(lock[locked][0]) if locked.any() else 0

    def _known(self, reach: list[tuple], asked: np.ndarray, month: date, end: date) -> np.ndarray:
        """Which cells have a figure, of those asked for."""
        known = np.zeros(asked.shape, bool)
        rows: dict[int, list[int]] = {}
        for place in np.flatnonzero(asked.any(axis=1)).tolist():
            rows.setdefault(reach[place][0], []).append(place)
        if rows:
            self.env.cr.execute(FIGURES, [month, list(rows), month, end])
            for indicator, day in self.env.cr.fetchall():
                known[rows[indicator], day] = True
        return known

    # === ASKING === #
    @api.model
    def _locked_days(self, indicators, date_from, date_to) -> dict:
        """Lock by (indicator id, date), for those of the days that are locked in quantity or cost."""
        found = {}
        if not indicators or not self._any():
            return found
        days = np.arange(date_from.toordinal(), date_to.toordinal() + 1)
        for company, own in indicators.sudo().grouped("company_id").items():
            book = LockBook(self.env, company)
            if not book:
                continue
            lock, _quantity, _cost = book.locks([one.node_id.id for one in own], days)
            for row, column in zip(*np.nonzero(lock), strict=True):
                day = date.fromordinal(int(days[column]))
                found[own[int(row)].id, day] = self.browse(int(lock[row, column]))
        return found
