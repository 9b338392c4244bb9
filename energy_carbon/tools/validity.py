"""Periods of validity with open ends. Knows no model."""

from datetime import date, timedelta

Span = tuple[date | None, date | None]


def changed_days(old: Span, new: Span) -> list[Span]:
    """The days that lie in one of two periods only; both ends are included, None is open.

    Of two periods without a common day all days between them count, too: more than needed, never less.

    >>> changed_days((None, None), (None, date(2026, 7, 31)))
    [(datetime.date(2026, 8, 1), None)]
    >>> changed_days((date(2026, 1, 1), None), (date(2026, 1, 1), None))
    []
    """
    spans = []
    if (old[0] or None) != (new[0] or None):
        early, late = sorted((old[0] or None, new[0] or None), key=lambda day: day or date.min)
        spans.append((early, late - timedelta(days=1)))
    if (old[1] or None) != (new[1] or None):
        early, late = sorted((old[1] or None, new[1] or None), key=lambda day: day or date.max)
        spans.append((early + timedelta(days=1), late))
    return spans
