"""Due dates counted again, day by day, from the rows alone (I9); pure.

A second opinion: it shares no code with deadlines.arithmetic. 民法典 §200-203: the first day does not
count, a month ends on its day or the month's last, a last day of rest moves on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ONE = timedelta(days=1)
LONGEST = 4000  # days; more is no time limit

# 全国年节及纪念日放假办法: what is free in a year not announced yet.
ASSUMED_FREE = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


@dataclass(frozen=True)
class Days:
    """`exceptional`: day → is it worked. `announced`: the years whose schedule is known."""

    exceptional: Mapping[date, bool]
    announced: Collection[int]

    def worked(self, day: date) -> bool:
        if day in self.exceptional:
            return self.exceptional[day]
        if day.year not in self.announced and (day.month, day.day) in ASSUMED_FREE:
            return False
        return day.isoweekday() <= 5


def before(later: Days, year: int, replaced: Mapping[str, Any]) -> Days:
    """The calendar as it was before a version gave `year` other days; `replaced` is what that year was."""
    kept = {day: worked for day, worked in later.exceptional.items() if day.year != year}
    older = {date.fromisoformat(day): bool(worked) for day, (worked, _) in replaced["days"].items()}
    announced = {known for known in later.announced if known != year}
    return Days(kept | older, announced | ({year} if replaced["state"] == "announced" else set()))


@dataclass(frozen=True)
class Told:
    """What a clock's row and its changes say. `named`: the date it brought with it, in place of a period.

    `rests`: from the first day that did not run to the day it ran again. `granted`: new last days in
    order, each with the day on which it was decided.
    """

    start: date
    amount: int
    unit: str
    rolls: bool
    named: date | None = None
    rests: tuple[tuple[date, date], ...] = ()
    granted: tuple[tuple[date, date], ...] = ()

    def resting(self, day: date) -> bool:
        return any(first <= day < again for first, again in self.rests)


def last_day(start: date, amount: int, unit: str, days: Days, *, rolls: bool) -> date:
    """Where a plain period ends."""
    return recounted(Told(start, amount, unit, rolls), days)


def recounted(told: Told, days: Days) -> date:
    """Walk to the end of the period or the date named, then as many days as were lost to pauses, then
    past days of rest."""
    day = _paid_back(told, _agreed(told, days), days)
    for _ in range(LONGEST):
        if not told.rolls or (days.worked(day) and not told.resting(day)):
            break
        day += ONE
    return day


def _agreed(told: Told, days: Days) -> date:
    """The end as if it had never been paused: the newest date granted, the one named, or the period's."""
    if told.granted:
        return told.granted[-1][0]
    if told.named is not None:
        return told.named
    day, full = told.start, 0
    for _ in range(LONGEST):
        if full >= told.amount:
            break
        day += ONE
        full += _fills(told.start, day, told.unit, days)
    return day


def _paid_back(told: Told, agreed: date, days: Days) -> date:
    """A paused day is made up for by a later one that runs. Who grants a date knows of pauses before it."""
    since = told.granted[-1][1] if told.granted else told.start
    owed = sum(told.resting(day) for day in _counting(told, since, agreed, days))
    day = agreed
    for _ in range(LONGEST):
        if not owed:
            break
        day += ONE
        owed -= _counts(told, day, days) and not told.resting(day)
    return day


def _counting(told: Told, first: date, last: date, days: Days) -> Iterable[date]:
    span = (first + n * ONE for n in range((last - first).days + 1))
    return (day for day in span if _counts(told, day, days))


def _counts(told: Told, day: date, days: Days) -> bool:
    """Only of a period in working days are days of rest no days."""
    return told.named is not None or told.unit != "working_days" or days.worked(day)


def _fills(start: date, day: date, unit: str, days: Days) -> bool:
    """Does this day complete one more unit?"""
    if unit == "working_days":
        return days.worked(day)
    if unit == "months":
        month_gives_out = (day + ONE).day == 1 and day.day < start.day
        return (day.year, day.month) != (start.year, start.month) and (
            day.day == start.day or month_gives_out
        )
    return True
