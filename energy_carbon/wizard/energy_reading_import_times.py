"""Times of a file of readings: from texts in many forms to seconds of UTC. Needs pandas, imported when it is used."""

from __future__ import annotations

from typing import Any

import numpy as np

FORMATS = {
    "year": ("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日"),
    "day": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"),
    "month": ("%m/%d/%Y", "%m-%d-%Y"),
}
CLOCKS = ("", " %H:%M:%S", " %H:%M", "%H:%M:%S", " %H时%M分%S秒", " %H时%M分", "%H时%M分", "%H%M%S")
_ZONED = r".*\d(?:[zZ]|[+-]\d{2}:?\d{2})$"


def parse_times(unique: Any, order: str) -> tuple[np.ndarray, np.ndarray]:
    """Local times of texts, and UTC of those that name a zone; the other one is NaT."""
    import pandas as pd

    with_zone = unique.str.fullmatch(_ZONED) & unique.str.contains("T|:", regex=True)
    naive = pd.Series(pd.NaT, index=unique.index, dtype="datetime64[ns]")
    zoned = naive.copy()
    if with_zone.any():
        parsed = pd.to_datetime(unique[with_zone], format="ISO8601", errors="coerce", utc=True)
        zoned[with_zone] = _of_our_time(parsed.dt.tz_localize(None))
    rest = ~with_zone
    naive[rest] = _of_our_time(pd.to_datetime(unique[rest], format="ISO8601", errors="coerce"))
    formats = [day + clock for day in (*FORMATS["year"], *FORMATS.get(order, ())) for clock in CLOCKS]
    for one in dict.fromkeys(formats):
        left = rest & naive.isna()
        if not left.any():
            break
        naive[left] = _of_our_time(pd.to_datetime(unique[left], format=one, errors="coerce"))
    return naive.to_numpy("datetime64[s]"), zoned.to_numpy("datetime64[s]")


def utc_seconds(naive: np.ndarray, zoned: np.ndarray, code: np.ndarray, timezone: str) -> np.ndarray:
    """UTC seconds; NaN where the clock was set forward over the time.

    When the clock is set back an hour comes twice: of two equal times of a series the second is the later one.
    """
    import pandas as pd

    local = pd.Series(naive)
    again = pd.DataFrame({"code": code, "time": local}).duplicated().to_numpy()
    stamps = pd.DatetimeIndex(local).tz_localize(timezone, ambiguous=~again, nonexistent="NaT")
    utc = stamps.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    utc = np.where(np.isnat(zoned), utc, zoned)
    return np.where(np.isnat(utc), np.nan, utc.astype(np.int64).astype(float))


def _of_our_time(parsed: Any) -> Any:
    """Times in nanoseconds, which reach from 1678 to 2261; what lies beyond is a slip of the pen and no time."""
    seconds = parsed.astype("datetime64[s]")
    return seconds.where(seconds.dt.year.between(1700, 2200)).astype("datetime64[ns]")
