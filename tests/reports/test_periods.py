"""Periods: whole months, odd days, comparison, steps of the course."""

from datetime import date

import pytest

from energy_carbon_reports.report.periods import (
    DAY,
    FREE,
    LAST_YEAR,
    MONTH,
    PREVIOUS,
    YEAR,
    Span,
    buckets,
    comparison,
    shifted,
    span_of,
)

LATER = date(2030, 1, 1)


def test_month_and_year_hold_the_day():
    assert span_of(MONTH, date(2024, 2, 10)) == Span(date(2024, 2, 1), date(2024, 2, 29))
    assert span_of(YEAR, date(2024, 2, 10)) == Span(date(2024, 1, 1), date(2024, 12, 31))
    assert span_of(DAY, date(2024, 2, 10), date(2024, 3, 1)).days == 1


def test_backwards_period_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        span_of(FREE, date(2026, 7, 2), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("first", "last", "months", "odd"),
    [
        ((2026, 7, 1), (2026, 7, 31), 1, []),
        ((2026, 1, 1), (2026, 12, 31), 12, []),
        ((2026, 6, 15), (2026, 8, 10), 1, [16, 10]),
        ((2026, 7, 2), (2026, 7, 31), 0, [30]),
        ((2026, 7, 1), (2026, 8, 30), 1, [30]),
        ((2026, 7, 5), (2026, 7, 5), 0, [1]),
    ],
)
def test_a_period_is_its_whole_months_and_the_odd_days(first, last, months, odd):
    span = Span(date(*first), date(*last))
    assert len(span.whole_months()) == months
    assert [part.days for part in span.odd_days()] == odd
    assert sum(odd) + sum(Span(m, span_of(MONTH, m).last).days for m in span.whole_months()) == span.days


def test_steps_are_days_or_months_and_leave_nothing_out():
    month, long = span_of(MONTH, date(2026, 7, 1)), Span(date(2026, 1, 10), date(2026, 4, 5))
    assert len(buckets(month)) == 31
    assert [step.days for step in buckets(long)] == [22, 28, 31, 5]
    assert sum(step.days for step in buckets(long)) == long.days


@pytest.mark.parametrize(
    ("kind", "span", "compare", "expected"),
    [
        (MONTH, ((2026, 3, 1), (2026, 3, 31)), PREVIOUS, ((2026, 2, 1), (2026, 2, 28))),
        (MONTH, ((2026, 1, 1), (2026, 1, 31)), PREVIOUS, ((2025, 12, 1), (2025, 12, 31))),
        (MONTH, ((2025, 2, 1), (2025, 2, 28)), LAST_YEAR, ((2024, 2, 1), (2024, 2, 29))),
        (YEAR, ((2026, 1, 1), (2026, 12, 31)), PREVIOUS, ((2025, 1, 1), (2025, 12, 31))),
        (DAY, ((2026, 3, 1), (2026, 3, 1)), PREVIOUS, ((2026, 2, 28), (2026, 2, 28))),
        (DAY, ((2024, 2, 29), (2024, 2, 29)), LAST_YEAR, ((2023, 2, 28), (2023, 2, 28))),
        (FREE, ((2026, 7, 6), (2026, 7, 12)), PREVIOUS, ((2026, 6, 29), (2026, 7, 5))),
    ],
)
def test_comparison(kind, span, compare, expected):
    span = Span(*(date(*day) for day in span))
    assert comparison(kind, span, compare, LATER) == Span(*(date(*day) for day in expected))


def test_a_running_period_is_compared_to_date():
    july = span_of(MONTH, date(2026, 7, 1))
    assert comparison(MONTH, july, PREVIOUS, date(2026, 7, 10)) == Span(date(2026, 6, 1), date(2026, 6, 10))
    assert comparison(MONTH, july, PREVIOUS, date(2026, 7, 31)) == Span(date(2026, 6, 1), date(2026, 6, 30))
    march = span_of(MONTH, date(2026, 3, 1))
    assert comparison(MONTH, march, PREVIOUS, date(2026, 3, 30)).last == date(2026, 2, 28)
    assert comparison(MONTH, july, None, LATER) is None


def test_shifting_years_and_free_periods():
    assert shifted(YEAR, span_of(YEAR, date(2026, 1, 1)), 1).first == date(2027, 1, 1)
    assert shifted(FREE, Span(date(2026, 7, 1), date(2026, 7, 10)), 1).first == date(2026, 7, 11)
