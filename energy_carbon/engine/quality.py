"""Quality of a value and the reason why a value is blank. Must not know how values are computed."""

from enum import IntEnum


class Quality(IntEnum):
    """How far a value can be trusted; the worst of several is their maximum."""

    MEASURED = 1
    """Read from a meter, at readings no further apart than the allowed gap."""
    ENTERED = 2
    """Typed or imported by a person."""
    ESTIMATED = 3
    """Spread over a gap, or over the days of a bill."""
    PARTIAL = 4
    """Some of the expected inputs are missing."""
    MISSING = 5
    """Nothing is known; the value is NaN."""


class Reason(IntEnum):
    """Why a value is blank or incomplete."""

    NONE = 0
    """Nothing to explain."""
    MISSING_INPUT = 1
    """No input that the value needs has a value."""
    ZERO_DENOMINATOR = 2
    """The denominator of a ratio, or a divisor in a formula, is zero."""
    NO_PRICE = 3
    """An input has an amount but no factor or price, so the value stays blank."""
    PARTIAL_PRICE = 4
    """Some inputs have an amount but no factor or price; the value is the sum of the others."""
    OVERFLOW = 5
    """A formula's result is beyond what a number can hold."""
    NO_BASIS = 6
    """An allocation key has nothing to share out by that day: its figures are zero or missing for all consumers."""
