"""The grid in which people type days of figures and outputs."""

import math
from datetime import timedelta

from odoo import api, fields, models

from ..calculation.company_graph import indicator_rows
from ..calculation.leaves import collected_amounts
from ..tools.asked import asked_day, asked_domain, asked_number, asked_records, asked_text, odd_request

# More columns than this are no longer a form to type in; the grid says how many are left out.
MOST_COLUMNS = 60
# A grid shows a month; a longer period would be a report.
MOST_DAYS = 62


class EnergyIndicatorEntry(models.Model):
    """Reading and saving the entry grid: one call each, whatever its size."""

    _inherit = "energy.indicator"

    @api.model
    def entry_grid(self, domain, date_from, date_to) -> dict:
        """What the grid shows: days, columns (indicators) and cells.

        :param domain: which indicators
        :param date_from: first day, ISO
        :param date_to: last day, ISO; at most 62 days
        """
        first, last = asked_day(self.env, date_from), asked_day(self.env, date_to)
        last = min(last, first + timedelta(days=MOST_DAYS - 1))
        domain = asked_domain(self, domain)
        found = self.search(domain, limit=MOST_COLUMNS)
        total = len(found) if len(found) < MOST_COLUMNS else self.search_count(domain)
        return {
            "dates": self._grid_dates(first, last),
            "columns": [indicator._grid_column() for indicator in found],
            "cells": found._grid_cells(first, last),
            "more": total - len(found),
            **self._grid_calculation(found.company_id or self.env.company),
        }

    def _grid_dates(self, first, last) -> list[dict]:
        today = fields.Date.context_today(self.with_context(tz=self.env.company.energy_timezone))
        days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
        return [
            {
                "date": fields.Date.to_string(day),
                "label": str(day.day),
                "weekend": day.weekday() >= 5,
                "future": day > today,
            }
            for day in days
        ]

    def _grid_column(self) -> dict:
        self.ensure_one()
        may_type = self.env["energy.entry"].has_access("create")
        manager = self.env.user.has_group("energy_carbon.group_manager")
        return {
            "id": self.id,
            "name": self.name,
            "node_id": self.node_id.id,
            "node": self.node_id.name,
            "unit": self.unit_label or "",
            "source": self.source,
            "kind": self.kind,
            "entry_mode": self.entry_mode,
            "editable": may_type and (self.source == "entered" or (not manager and self._is_kept_both_ways())),
            "overridable": manager and self.source == "collected",
            "both_ways": self._is_kept_both_ways(),
            "decimals": 2 if self.measure == "cost" else 3,
            "product": self.product_id.display_name if self.product_id else False,
        }

    def _is_kept_both_ways(self) -> bool:
        """A collected figure that people may type without a reason on days on which the meter gave nothing."""
        return self.source == "collected" and self.node_id.collection == "both"

    def _grid_cells(self, first, last) -> dict:
        """Cells by indicator and day: the stored value and, where somebody typed it, the entry."""
        cells: dict[str, dict] = {str(indicator.id): {} for indicator in self}
        self.env["energy.value"].flush_model()
        self.env.cr.execute(
            """SELECT indicator_id, date, value, quality, origin, reason FROM energy_value
                WHERE indicator_id = ANY(%s) AND date BETWEEN %s AND %s""",
            [self.ids, first, last],
        )
        for indicator, day, value, quality, origin, reason in self.env.cr.fetchall():
            cells[str(indicator)][fields.Date.to_string(day)] = {
                "value": value,
                "quality": quality,
                "origin": origin,
                "problem": reason,
            }
        entries = self.env["energy.entry"].search(
            [("indicator_id", "in", self.ids), ("date_from", ">=", first), ("date_from", "<=", last)]
        )
        for entry in entries.filtered(lambda e: e.date_from == e.date_to):
            key = fields.Date.to_string(entry.date_from)
            cell = cells[str(entry.indicator_id.id)].setdefault(key, {"value": None, "quality": "missing"})
            cell.update(entry._grid_cell())
        self._put_collected(cells, first, last)
        for (indicator, day), lock in self.env["energy.lock"]._locked_days(self, first, last).items():
            cell = cells[str(indicator)].setdefault(fields.Date.to_string(day), {"value": None, "quality": "missing"})
            cell.update(locked=True, lock=self.env._("Locked: %(lock)s", lock=lock.sudo().display_name))
        return cells

    def _put_collected(self, cells: dict, first, last) -> None:
        """Where somebody typed over a collected figure, the figure before is what the meter gave."""
        typed = self.filtered(
            lambda one: one.source == "collected" and any("entered" in cell for cell in cells[str(one.id)].values())
        )
        for company, own in typed.sudo().grouped("company_id").items():
            rows = [row for row in indicator_rows(self.env, company) if row.id in own._ids]
            for row, amounts in zip(rows, collected_amounts(self.env, company, rows, first, last), strict=True):
                for key, cell in cells[str(row.id)].items():
                    if "entered" in cell:
                        amount = float(amounts[(fields.Date.to_date(key) - first).days])
                        cell["original"] = None if math.isnan(amount) else amount

    @api.model
    def _grid_calculation(self, companies) -> dict:
        """Whether figures are still being computed, and how far that is, in per cent."""
        found = self.env["energy.calculation"].sudo().search([("company_id", "in", companies.ids)])
        busy = found.filtered("rows")
        return {"calculating": bool(busy), "progress": min(busy.mapped("progress"), default=100)}

    @api.model
    def entry_save(self, changes, domain, date_from, date_to) -> dict:
        """Save what was typed, all or nothing, and let the values follow.

        :param changes: list of {indicator_id, date, value (None: blank it), reason, version}
        :return: {"errors": [{indicator_id, date, message}], "grid": the grid anew}
        """
        self.env["energy.entry"].check_access("create")
        changes, indicators = self._asked_changes(changes)
        existing = self._grid_entries(changes, indicators)
        errors, closed_until = [], self.env["energy.reading"]._closed_until()
        locked = self._grid_locks(changes, indicators)
        for change in changes:
            entry = existing.get((change["indicator_id"], change["date"]))
            message = self._change_error(change, entry, closed_until) or locked.get(
                (change["indicator_id"], change["date"])
            )
            if message:
                errors.append({"indicator_id": change["indicator_id"], "date": change["date"], "message": message})
        if not errors:
            self._apply_changes(changes, existing)
            self.env["energy.calculation"]._process_now(indicators.sudo().company_id)
        return {"errors": errors, "grid": self.entry_grid(domain, date_from, date_to)}

    def _asked_changes(self, changes) -> tuple:
        """The changes with their days as the grid writes them, and their indicators; refuse what the grid never sends."""
        if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
            raise odd_request(self.env)
        indicators = asked_records(self, [change.get("indicator_id") for change in changes])
        for change in changes:
            asked_number(self.env, change.get("value"))
            asked_text(self.env, change.get("reason"))
            asked_text(self.env, change.get("version"))
        days = [fields.Date.to_string(asked_day(self.env, change.get("date"))) for change in changes]
        return [{**change, "date": day} for change, day in zip(changes, days, strict=True)], indicators

    def _grid_locks(self, changes, indicators) -> dict:
        """Why cells cannot be saved because their month is locked, by indicator and ISO date."""
        days = [fields.Date.to_date(change["date"]) for change in changes]
        if not days:
            return {}
        locks = self.env["energy.lock"]._locked_days(indicators, min(days), max(days))
        return {
            (indicator, fields.Date.to_string(day)): lock._sentence(f"{self.browse(indicator).display_name}, {day}")
            for (indicator, day), lock in locks.items()
        }

    def _grid_entries(self, changes, indicators) -> dict:
        days = [change["date"] for change in changes]
        entries = self.env["energy.entry"].search(
            [("indicator_id", "in", indicators.ids), ("date_from", ">=", min(days)), ("date_from", "<=", max(days))]
            if days
            else [("id", "=", 0)]
        )
        return {
            (entry.indicator_id.id, fields.Date.to_string(entry.date_from)): entry
            for entry in entries
            if entry.date_from == entry.date_to
        }

    def _change_error(self, change, entry, closed_until=None) -> str | None:
        """Why this cell cannot be saved, or None.

        :param closed_until: first day that can still change, None: any
        """
        if entry and entry._grid_version() != change.get("version"):
            return self.env._(
                "%(user)s changed this figure to %(value)s meanwhile. Look at it and type yours again.",
                user=entry.sudo().user_id.name,
                value=f"{entry.value:g}",
            )
        if not entry and change.get("version"):
            return self.env._("Somebody deleted this figure meanwhile. Look at it and type yours again.")
        day = fields.Date.to_date(change["date"])
        indicator = self.browse(change["indicator_id"])
        refused = entry and entry._why_no_change(change.get("reason"))
        if not refused and closed_until and day < closed_until:
            refused = self.env["energy.reading"]._why_closed(indicator, day, day)
        if refused or change.get("value") is None:
            return refused or None
        reason = change.get("reason") or (entry and entry.reason)
        return self.env["energy.entry"]._why_not(indicator, day, day, change["value"], reason)

    def _apply_changes(self, changes, existing):
        created, removed = [], self.env["energy.entry"]
        for change in changes:
            entry = existing.get((change["indicator_id"], change["date"]))
            if change.get("value") is None:
                removed |= entry or removed.browse()
            elif entry:
                entry.write({"value": change["value"], "reason": change.get("reason") or entry.reason})
            else:
                indicator = self.browse(change["indicator_id"])
                created.append(
                    {
                        "indicator_id": indicator.id,
                        "date_from": change["date"],
                        "date_to": change["date"],
                        "value": change["value"],
                        "reason": change.get("reason"),
                        "mode": indicator.entry_mode if indicator.source == "entered" else "amount",
                    }
                )
        removed.unlink()
        self.env["energy.entry"].create(created)
