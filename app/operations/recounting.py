"""Due dates counted again, day by day, from the calendar's rows alone (I9); pure.

A second opinion: it shares no code with deadlines.arithmetic. 民法典 §200-203: the first day does not
count, a month ends on its day or the month's last, a last day of rest moves on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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


def last_day(start: date, amount: int, unit: str, days: Days, *, rolls: bool) -> date:
    """Walk on from the day after `start` until `amount` units are full, then past days of rest."""
    day, full = start, 0
    for _ in range(LONGEST):
        if full >= amount:
            break
        day += ONE
        full += _fills(start, day, unit, days)
    while rolls and not days.worked(day):
        day += ONE
    return day


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
