"""What an allocation key gives: figures of stored days, for the form and for Explain."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np

from odoo import api, fields, models

from ..calculation.allocation_book import FIXED, LEDGER, AllocationBook
from ..tools.selections import COMPANIONS

# Days back in which the preview looks for the last one with figures.
LOOK_BACK = 31


class EnergyAllocationPreview(models.Model):
    """Shares of a day and amounts of a month, computed from what is stored; nothing here is written."""

    _inherit = "energy.allocation"

    preview_date = fields.Date(compute="_compute_preview", string="Shares On")
    last_month = fields.Date(compute="_compute_preview")
    last_month_amount = fields.Float(compute="_compute_preview", string="Counted Last Month", digits=(16, 3))
    last_month_rest = fields.Float(compute="_compute_preview", string="Left at the Source Last Month", digits=(16, 3))
    has_last_month = fields.Boolean(compute="_compute_preview")
    double_count_warning = fields.Text(compute="_compute_double_count_warning", string="Counted Twice")

    # === COMPUTE METHODS === #
    @api.depends("source_id", "basis", "date_from", "date_to", "line_ids")
    def _compute_preview(self):
        today = fields.Date.context_today(self)
        begin = fields.Date.start_of(fields.Date.subtract(today, months=1), "month")
        for key in self:
            saved = key._origin
            month = saved._figures(begin, fields.Date.end_of(begin, "month")) if saved else None
            key.last_month = begin
            key.has_last_month = bool(month) and month.amount is not None
            key.last_month_amount = key.has_last_month and month.amount
            key.last_month_rest = key.has_last_month and (month.rest or 0.0)
            key.preview_date = saved._preview_day(today) if saved else False

    def _preview_day(self, today):
        """Today where the shares are constant, else the last day on which some consumer has a figure."""
        self.ensure_one()
        if self.basis == FIXED or self.basis in LEDGER:
            return today
        self.env.cr.execute(
            """SELECT MAX(date) FROM energy_value
                WHERE indicator_id = ANY(%s) AND value IS NOT NULL AND date BETWEEN %s AND %s""",
            [self.sudo().line_ids.basis_id.ids, today - timedelta(days=LOOK_BACK), today],
        )
        return self.env.cr.fetchone()[0] or False

    @api.depends("line_ids.indicator_id", "source_id")
    def _compute_double_count_warning(self):
        """What counts the source as well as its parts, anywhere above."""
        for key in self:
            totals = self.env["energy.indicator"].search(key._totals_domain()) if key.source_id else []
            texts = [
                f"{total.display_name}: {total.double_count_warning}" for total in totals if total.double_count_warning
            ]
            key.double_count_warning = "\n".join(texts)

    def _totals_domain(self) -> list:
        """Amounts of the energy type at the nodes above the source and above its consumers, themselves included."""
        paths = (self.node_id | self.line_ids.node_id).sudo().mapped("parent_path")
        above = {int(part) for path in paths for part in (path or "").split("/") if part}
        return [
            ("node_id", "in", sorted(above)),
            ("energy_type_id", "=", self.energy_type_id.id),
            ("source", "=", "computed"),
            ("kind", "=", "amount"),
        ]

    # === BUSINESS METHODS === #
    def _figures(self, first, last, column="value") -> SimpleNamespace | None:
        """What the key gives in the days first..last, from the stored values of its source and figures.

        The caller has checked what the reader may see.

        :param column: value, or one of COMPANIONS
        :return: in the source's unit: ``amount`` of the source, ``rest``; by line id (the rest under False) ``figure``
            (sum of the days where it is read) and ``given``; ``taken`` and ``companion``: the same of the column. A figure
            is None where nothing is known. None for an archived key.
        """
        self.ensure_one()
        record = self.sudo()
        self.env.flush_all()
        used = record.source_id | record.line_ids.indicator_id | record.remainder_id | record.line_ids.basis_id
        rows = [SimpleNamespace(id=one.id, uom_id=one.uom_id.id) for one in used]
        index = {row.id: at for at, row in enumerate(rows)}
        book = AllocationBook(self.env, record.company_id, rows, index)
        if self.id not in book.keys:
            return None
        key = replace(book.keys[self.id], conversion=np.ones(len(record.line_ids) + 1))
        days = first.toordinal() + np.arange((last - first).days + 1)
        value = self._stored(index, first, last, column)
        parts = key.parts(value, np.zeros(value.shape, bool), days).value
        valid = key.valid(days)
        parts[~valid] = np.nan
        figure = np.where(valid[:-1], key.figures(value[..., 0], days), np.nan)
        on = np.where(valid[-1][:, None], value[key.source], np.nan)
        lines = [*book.lines.get(self.id, []), False]
        return SimpleNamespace(
            amount=_total(on[:, 0]),
            taken=_total(on[:, 1]),
            rest=_total(parts[-1, :, 0]),
            figure={
                line: _total(figure[at]) if key.measured else _last(figure[at]) for at, line in enumerate(lines[:-1])
            },
            given={line: _total(parts[at, :, 0]) for at, line in enumerate(lines)},
            companion={line: _total(parts[at, :, 1]) for at, line in enumerate(lines)},
        )

    def _stored(self, index: dict[int, int], first, last, column: str) -> np.ndarray:
        """Stored values and one companion of some indicators, NaN = missing, shape (i, d, 2)."""
        found = np.full((len(index), (last - first).days + 1, 2), np.nan)
        name = column if column in COMPANIONS else "value"
        self.env.cr.execute(
            f"""SELECT indicator_id, date, value, {name} FROM energy_value
                 WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s AND value IS NOT NULL""",
            [list(index), first, last],
        )
        for indicator, day, amount, companion in self.env.cr.fetchall():
            found[index[indicator], (day - first).days] = amount, np.nan if companion is None else companion
        return found

    def _shares_on(self, day) -> dict[int, float]:
        """Share of every line that takes part on a day and has a figure."""
        figures = self._figures(day, day)
        if not figures:
            return {}
        lines = {line: self.env["energy.allocation.line"].browse(line) for line in figures.figure}
        known = {
            line: figures.figure[line]
            for line, record in lines.items()
            if figures.figure[line] is not None and record.sudo()._holds_on(day)
        }
        total = 1.0 if self.basis == FIXED else sum(known.values())
        return {line: figure / total for line, figure in known.items()} if total > 0 else {}


def _total(values: np.ndarray) -> float | None:
    """Sum of what is known, None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else None


def _last(values: np.ndarray) -> float | None:
    """The latest known figure, None where nothing is."""
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else None
