"""What the holidays library says about a year, in the words of Special Days. Knows neither the library nor models."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta

# What the library calls a holiday, in English, and the key under which tariffs name it.
KEY_BY_WORD = {
    "new year's day": "new_year",
    "chinese new year": "spring_festival",
    "spring festival": "spring_festival",
    "tomb-sweeping": "qingming",
    "qingming": "qingming",
    "labor day": "labour_day",
    "labour day": "labour_day",
    "may day": "labour_day",
    "dragon boat": "dragon_boat",
    "mid-autumn": "mid_autumn",
    "national day": "national_day",
    "good friday": "good_friday",
    "easter": "easter",
    "thanksgiving": "thanksgiving",
    "christmas": "christmas",
}
IN_LIEU = "day off"
ONE_DAY = timedelta(days=1)
# (kind, holiday's key or None, published name)
Special = tuple[str, str | None, str]


def holiday_key(name: str, own_words: Mapping[str, str]) -> str:
    """Key of a holiday by its English name; ``other`` where tariffs have no word for it.

    :param own_words: key by word of the holidays that people added; they go first
    """
    return next((key for word, key in [*own_words.items(), *KEY_BY_WORD.items()] if word in name.lower()), "other")


def special_days(
    named: Mapping[date, str], moved: Collection[date], whole_period: bool, own_words: Mapping[str, str]
) -> dict[date, Special]:
    """Sort published days into holidays, days off in lieu and moved workdays.

    Where days off in lieu make a holiday longer, as China's State Council arranges it, they are part of that holiday.

    :param named: the library's holidays, days off in lieu among them; moved: weekend days that are worked
    :param whole_period: the Saturdays and Sundays of a holiday made longer are part of it too
    :param own_words: as :func:`holiday_key` takes them
    """
    keys = {day: holiday_key(name, own_words) for day, name in named.items() if IN_LIEU not in name.lower()}
    found: dict[date, Special] = {day: ("holiday", key, named[day]) for day, key in keys.items()}
    for run in _free_runs(named, moved):
        lengthened = any(day in named and day not in keys for day in run)
        names = Counter(keys[day] for day in run if day in keys)
        for day in run if lengthened else ():
            if day in keys or (day not in named and not (whole_period and names)):
                continue
            if names:
                found[day] = ("holiday", names.most_common(1)[0][0], named.get(day, ""))
            elif day.weekday() < 5:
                found[day] = ("weekend", None, named[day])
    found.update({day: ("workday", None, "") for day in moved})
    return dict(sorted(found.items()))


def _free_runs(named: Mapping[date, str], moved: Collection[date]) -> list[list[date]]:
    """Runs of days without work, weekends included, that hold a named day."""

    def is_free(day: date) -> bool:
        return day in named or (day.weekday() >= 5 and day not in moved)

    runs, done = [], set()
    for day in sorted(named):
        if day in done:
            continue
        first = day
        while is_free(first - ONE_DAY):
            first -= ONE_DAY
        run = [first]
        while is_free(run[-1] + ONE_DAY):
            run.append(run[-1] + ONE_DAY)
        done.update(run)
        runs.append(run)
    return runs
