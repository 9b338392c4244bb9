"""Holidays and moved workdays, and locked months."""

from odoo import models


class EnergyDayLock(models.Model):
    """A day of another class has other bands: locked cost refuses it, the journal keeps it."""

    _inherit = "energy.day"

    def _mark_changed(self, noted="new"):
        for company, days in self._by_company().items():
            if indicators := self._priced_indicators(company):
                spans = days._spans(company)
                rows = [(one, *span) for span in spans for one in indicators.ids]
                self.env["energy.lock"]._refuse_rows(days[0], rows, figures=("cost",))
                for day, (first, last) in zip(days, spans, strict=True):
                    day._note_change(company, indicators, first, last, **{"old": "", "new": "", noted: day._text()})
        return super()._mark_changed(noted)

    def _note_change(self, company, indicators, first, last, old, new):
        """One line of the journal; days changed together share its entry."""
        self.env["energy.restatement"]._note(
            "master", self, old, new, first, last, indicators=indicators, key=(self._name, company)
        )
