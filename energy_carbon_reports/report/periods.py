"""The period of a report: its days, its columns in time, and the period it is compared with. Knows nothing of figures."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAY, MONTH, YEAR, FREE = "day", "month", "year", "free"
PREVIOUS, LAST_YEAR = "previous", "last_year"

# A free period up to two months is shown by day, a longer one by month.
MAX_DAY_BUCKETS = 62


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included.

    >>> Span(date(2026, 7, 1), date(2026, 7, 31)).days
    31
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends ({self.last}) before it begins ({self.first})")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_whole_month(self) -> bool:
        return self.first.day == 1 and self.last == end_of_month(self.first)

    def whole_months(self) -> list[date]:
        """First days of the calendar months that lie wholly inside."""
        month = self.first if self.first.day == 1 else end_of_month(self.first) + timedelta(1)
        months = []
        while end_of_month(month) <= self.last:
            months.append(month)
            month = end_of_month(month) + timedelta(1)
        return months

    def odd_days(self) -> list[Span]:
        """What the whole months leave over: at most a head and a tail."""
        months = self.whole_months()
        if not months:
            return [self]
        spans = []
        if self.first < months[0]:
            spans.append(Span(self.first, months[0] - timedelta(1)))
        if end_of_month(months[-1]) < self.last:
            spans.append(Span(end_of_month(months[-1]) + timedelta(1), self.last))
        return spans

    def by_day(self) -> list[Span]:
        return [Span(day, day) for day in (self.first + timedelta(n) for n in range(self.days))]

    def by_month(self) -> list[Span]:
        """Calendar months, the first and last cut to the period."""
        spans, first = [], self.first
        while first <= self.last:
            last = min(end_of_month(first), self.last)
            spans.append(Span(first, last))
            first = last + timedelta(1)
        return spans


def end_of_month(day: date) -> date:
    """
    >>> end_of_month(date(2024, 2, 5))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_years(day: date, years: int) -> date:
    """The same date of another year; 29 February becomes the 28th.

    >>> add_years(date(2024, 2, 29), -1)
    datetime.date(2023, 2, 28)
    """
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def span_of(kind: str, day: date, last: date | None = None) -> Span:
    """The day, month or year that holds ``day``, or for a free period day..last."""
    if kind == DAY:
        return Span(day, day)
    if kind == MONTH:
        return Span(day.replace(day=1), end_of_month(day))
    if kind == YEAR:
        return Span(date(day.year, 1, 1), date(day.year, 12, 31))
    return Span(day, last or day)


def shifted(kind: str, span: Span, steps: int) -> Span:
    """The period ``steps`` later (earlier when negative); a free one moves by its own length.

    >>> shifted(MONTH, Span(date(2026, 1, 1), date(2026, 1, 31)), -1)
    Span(first=datetime.date(2025, 12, 1), last=datetime.date(2025, 12, 31))
    """
    if kind == MONTH:
        index = span.first.year * 12 + span.first.month - 1 + steps
        return span_of(MONTH, date(index // 12, index % 12 + 1, 1))
    if kind == YEAR:
        return span_of(YEAR, date(span.first.year + steps, 1, 1))
    move = timedelta(span.days * steps)
    return Span(span.first + move, span.last + move)


def comparison(kind: str, span: Span, compare: str | None, today: date) -> Span | None:
    """The period to compare with: the one before, or the same of last year.

    A period that is still running is compared with as many days of the other one, else a month to date would always
    seem to fall. None when nothing is to be compared.

    >>> comparison(MONTH, Span(date(2026, 7, 1), date(2026, 7, 31)), PREVIOUS, date(2026, 7, 10))
    Span(first=datetime.date(2026, 6, 1), last=datetime.date(2026, 6, 10))
    """
    if not compare:
        return None
    if compare == LAST_YEAR:
        other = span_of(kind, add_years(span.first, -1), add_years(span.last, -1))
    else:
        other = shifted(kind, span, -1)
    if span.first <= today < span.last:
        elapsed = (today - span.first).days
        other = Span(other.first, min(other.last, other.first + timedelta(elapsed)))
    return other


def buckets(span: Span) -> list[Span]:
    """The steps of the period's course: days, or months when there would be too many days."""
    return span.by_day() if span.days <= MAX_DAY_BUCKETS else span.by_month()


def common(span: Span, first: date, last: date) -> Span | None:
    """Days of a span that lie between two days, None when there are none.

    >>> common(Span(date(2026, 7, 1), date(2026, 7, 31)), date.min, date(2026, 7, 14))
    Span(first=datetime.date(2026, 7, 1), last=datetime.date(2026, 7, 14))
    """
    begin, end = max(span.first, first), min(span.last, last)
    return Span(begin, end) if begin <= end else None
