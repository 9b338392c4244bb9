"""From a change to its line in the journal: what it reaches, figures before, figures after."""

from datetime import date, timedelta

from odoo import api, fields, models

from ..calculation.allocation_book import DEPENDENCIES
from .energy_restatement_line import FIGURES

# Changes of this transaction whose lines are not written yet, in the cursor's data for what is done before the commit.
NOTED = "energy_carbon.restatement"
# A line of text a record; more are counted only.
MOST_TEXTS = 50
# What holds for plants as a whole, or names several units, is for those who see the whole plant.
WIDE = ("price", "factor", "reopening", "reading", "formula", "allocation")
# More nodes than anybody reads one by one.
MOST_NODES = 20
# An indicator and all that is computed from it, on whichever days: a term that ended with this change had its share before.
REACHED = f"""
    WITH RECURSIVE reach(id) AS (
        SELECT unnest(%s::int4[]) UNION
        SELECT t.indicator_id FROM reach r JOIN {DEPENDENCIES} t ON t.source_id = r.id)
"""
TOPS = f"""
    {REACHED},
    placed AS (SELECT i.id, split_part(n.parent_path, '/', 1)::int AS plant, n.depth, i.node_id
                 FROM reach JOIN energy_indicator i USING (id) JOIN energy_node n ON n.id = i.node_id
                WHERE i.kind IN ('counter', 'amount', 'derived'))
    SELECT id, plant FROM placed p
     WHERE depth = (SELECT MIN(o.depth) FROM placed o WHERE o.plant = p.plant)
"""
FIRST_FIGURE = """
    SELECT MIN(v.date) FROM unnest(%(ids)s::int4[]) AS i(id) CROSS JOIN LATERAL (
        SELECT date FROM energy_value WHERE indicator_id = i.id AND value IS NOT NULL AND date BETWEEN %(first)s AND %(last)s
         ORDER BY date LIMIT 1) v
"""
SOURCES = """
    SELECT company_id, array_agg(id) FROM energy_indicator
     WHERE source <> 'computed' AND energy_type_id = ANY(%s) AND (%s::int4[] IS NULL OR company_id = ANY(%s))
     GROUP BY company_id
"""
# A part of a cost is no cost: a month's figure is blank when some day has an amount but no factor or price.
TOTALS = ", ".join(
    ["SUM(v.value)"]
    + [
        f"CASE WHEN COUNT(*) FILTER (WHERE v.value IS NOT NULL AND v.{name} IS NULL) = 0 THEN SUM(v.{name}) END"
        for name in FIGURES[1:]
    ]
)
STORE = """
    INSERT INTO energy_restatement_line AS l
           (restatement_id, company_id, indicator_id, node_id, month, {columns})
    SELECT r.id, r.company_id, v.indicator_id, i.node_id, date_trunc('month', v.date)::date, {totals}
      FROM energy_restatement r
CROSS JOIN LATERAL jsonb_array_elements_text(r.tops) AS t(id)
      JOIN energy_indicator i ON i.id = t.id::int
      JOIN energy_value v ON v.indicator_id = i.id AND v.date >= date_trunc('month', r.date_from)::date
           AND v.date <= LEAST(r.closed_to, (date_trunc('month', r.date_to) + INTERVAL '1 month - 1 day')::date)
     WHERE r.id = ANY(%(ids)s)
     GROUP BY r.id, v.indicator_id, i.node_id, 5
        ON CONFLICT (restatement_id, indicator_id, month) DO {conflict}
"""
BEFORE = STORE.format(columns=", ".join(f"{name}_before" for name in FIGURES), totals=TOTALS, conflict="NOTHING")
AFTER = STORE.format(
    columns=", ".join(f"{name}_after" for name in FIGURES),
    totals=TOTALS,
    conflict="UPDATE SET " + ", ".join(f"{name}_after = EXCLUDED.{name}_after" for name in FIGURES),
)
UNCHANGED = f"""
    DELETE FROM energy_restatement_line WHERE restatement_id = ANY(%s)
       AND ({", ".join(f"{name}_before" for name in FIGURES)})
           IS NOT DISTINCT FROM ({", ".join(f"{name}_after" for name in FIGURES)})
"""
FINISHED = """
    SELECT r.id FROM energy_restatement r
     WHERE r.company_id = %s AND r.state = 'waiting'
       AND NOT EXISTS (SELECT FROM energy_dirty d
                        WHERE d.company_id = r.company_id AND d.error IS NULL
                          AND COALESCE(d.date_from, '-infinity') <= r.date_to
                          AND COALESCE(d.date_to, 'infinity') >= r.date_from)
"""


class EnergyRestatementNote(models.Model):
    """Writes the journal before values are calculated, and completes it when they are."""

    _inherit = "energy.restatement"

    # === BEFORE === #
    def _queue(self) -> dict:
        """Changes of this transaction; their lines are written before values are calculated."""
        precommit = self.env.cr.precommit
        if NOTED not in precommit.data:
            precommit.data[NOTED] = {}
            precommit.add(self.env["energy.restatement"].sudo()._write_noted)
        return precommit.data[NOTED]

    @api.model
    def _write_noted(self):
        """Write the lines of what was noted in this transaction, with the figures as they still are."""
        notes = self.env.cr.precommit.data.get(NOTED)
        if not notes:
            return
        self.env.flush_all()
        ids = [one for note in notes.values() for one in self.sudo()._write_note(note)]
        notes.clear()
        if ids:
            self.env.cr.execute(BEFORE, {"ids": ids})
            self.env["energy.restatement.line"].invalidate_model()

    def _write_note(self, note: dict) -> list[int]:
        """Write one change, a line a company; ids of what was written."""
        written = []
        for company, direct in self._direct(note).items():
            span = self._past(company, direct, note["spans"])
            if span:
                line = self._merged(note, company, span) or self.create(self._line_values(note, company, span))
                line._reach(direct)
                written.append(line.id)
        return written

    def _direct(self, note: dict) -> dict:
        """Company -> ids of the indicators that change directly."""
        found = self.env["energy.indicator"].browse(note["indicators"]).exists()
        direct = {company: own.ids for company, own in found.grouped("company_id").items()}
        if note["types"]:
            companies = list(note["companies"]) or None
            self.env.cr.execute(SOURCES, [list(note["types"]), companies, companies])
            for company, ids in self.env.cr.fetchall():
                direct[self.env["res.company"].browse(company)] = ids
        return direct

    def _yesterday(self, company) -> date:
        return fields.Date.context_today(self.with_context(tz=company.energy_timezone)) - timedelta(days=1)

    def _past(self, company, indicators: list[int], spans: list[tuple]) -> tuple[date, date] | None:
        """The closed days that change and have figures already, None when there are none."""
        yesterday = self._yesterday(company)
        first = None if any(begin is None for begin, _end in spans) else min(begin for begin, _end in spans)
        last = min(yesterday, max((end or yesterday for _begin, end in spans), default=yesterday))
        self.env.cr.execute(FIRST_FIGURE, {"ids": indicators, "first": first or date.min, "last": last})
        known = self.env.cr.fetchone()[0]
        return (first or known, last) if known else None

    def _line_values(self, note: dict, company, span: tuple[date, date]) -> dict:
        model, identifier, name = note["record"]
        old, new = self._texts(note, 1), self._texts(note, 2)
        return {
            "user_id": note["user"],
            "company_id": company.id,
            "kind": note["kind"],
            "res_model": model,
            "res_id": identifier,
            "name": name,
            "reason": note["reason"],
            "old_text": old,
            "new_text": new,
            "date_from": span[0],
            "date_to": span[1],
            "closed_to": self._yesterday(company),
        }

    def _texts(self, note: dict, at: int) -> str:
        """What was, or is: a record's text alone, or a line for each of several."""
        texts = list(note["texts"].values())
        if len(texts) == 1:
            return self._text(texts[0][at])
        lines = [f"{text[0]}: {self._text(text[at])}" for text in texts[:MOST_TEXTS]]
        if len(texts) > MOST_TEXTS:
            lines.append(self.env._("... and %(count)s more", count=len(texts) - MOST_TEXTS))
        return "\n".join(lines)

    @staticmethod
    def _text(value) -> str:
        return f"{value:.12g}" if isinstance(value, float) else str(value or "")

    def _merged(self, note: dict, company, span: tuple[date, date]):
        """Late readings make one line a day: the one of today from the same source, now reaching further."""
        if note["kind"] != "reading":
            return None
        begin = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        found = self.search(
            [
                ("kind", "=", "reading"),
                ("company_id", "=", company.id),
                ("user_id", "=", note["user"]),
                ("res_model", "=", note["record"][0]),
                ("res_id", "=", note["record"][1]),
                ("date", ">=", begin),
            ],
            limit=1,
        )
        if found:
            texts = [found.new_text, self._texts(note, 2)]
            found.write(
                {
                    "date_from": min(found.date_from, span[0]),
                    "date_to": max(found.date_to, span[1]),
                    "new_text": "\n".join(dict.fromkeys(texts)),
                    "state": "waiting",
                }
            )
        return found

    def _reach(self, indicators: list[int]):
        """Keep which plants are reached, and which of their figures are compared."""
        self.env.cr.execute(TOPS, [indicators])
        found = self.env.cr.fetchall()
        nodes = self.env["energy.indicator"].browse(indicators).node_id
        if self.kind in WIDE or len(nodes) > MOST_NODES:
            nodes = nodes.browse({plant for _id, plant in found})
        self.write(
            {
                "tops": sorted({*(self.tops or []), *(row[0] for row in found)}),
                "node_ids": [fields.Command.link(node.id) for node in nodes],
            }
        )
        self.flush_recordset()

    # === AFTER === #
    @api.model
    def _count(self, company, first: date, last: date, changed: int):
        """Count the daily figures that the calculation of the days first..last changed."""
        if changed:
            self.env.cr.execute(
                """UPDATE energy_restatement SET changed = COALESCE(changed, 0) + %s
                    WHERE company_id = %s AND state = 'waiting' AND date_from <= %s AND date_to >= %s""",
                [changed, company.id, last, first],
            )

    def _finish(self, company):
        """Compare the months of what has no day left to calculate; a month that did not change goes."""
        self.env.cr.execute(FINISHED, [company.id])
        ids = [row[0] for row in self.env.cr.fetchall()]
        if ids:
            self.env.cr.execute(AFTER, {"ids": ids})
            self.env.cr.execute(UNCHANGED, [ids])
            self.env.cr.execute("UPDATE energy_restatement SET state = 'done' WHERE id = ANY(%s)", [ids])
            # Late readings of a locked month are listed there; what changed nothing restated nothing.
            self.env.cr.execute(
                "DELETE FROM energy_restatement WHERE id = ANY(%s) AND kind = 'reading' AND COALESCE(changed, 0) = 0",
                [ids],
            )
        self.env["energy.restatement"].invalidate_model()
        self.env["energy.restatement.line"].invalidate_model()
