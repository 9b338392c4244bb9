"""Whether a counter's reading can be true: it only counts up, and no faster than what hangs on it takes. No odoo."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, DOUBTFUL = 1, 3  # a reading's quality, as it is stored
# Devices take more than their rated power for a while, and clocks differ.
TOLERANCE = 1.2
# Without a rated power: a register is taken to have begun again when it was in its last tenth and is in its first.
LAST_TENTH = 0.9


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is plausible of a counter.

    :ivar hourly: most it counts in an hour at rated power, in the register's unit; None when not known
    :ivar maximum: the register's greatest value, after which it begins at 0 again; None when not known
    """

    hourly: float | None = None
    maximum: float | None = None


def quality(expected: Expectation, moment: int, value: float, last: tuple[int, float, int] | None) -> int:
    """The quality of a reading.

    :param moment: seconds since the epoch
    :param value: the register
    :param last: time, register and quality of the reading before; None when there is none
    :return: ``GOOD`` or ``DOUBTFUL``; nothing is left out for it
    """
    if last is None or moment <= last[0]:
        return GOOD
    gain = value - last[1]
    if gain < 0:
        if not _may_have_begun_again(expected, value, last[1]):
            return DOUBTFUL
        gain += expected.maximum
    # Behind a doubtful reading the way back to the truth is as steep as the way there.
    if expected.hourly is None or last[2] == DOUBTFUL:
        return GOOD
    allowed = TOLERANCE * expected.hourly * (moment - last[0]) / 3600
    # A register counts in steps: one more may just have fallen into a short interval.
    return GOOD if gain <= max(allowed, TOLERANCE * expected.hourly / 60) else DOUBTFUL


def _may_have_begun_again(expected: Expectation, value: float, before: float) -> bool:
    top = expected.maximum
    return bool(top) and before > LAST_TENTH * top and value < (1 - LAST_TENTH) * top
