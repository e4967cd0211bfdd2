"""A second opinion on due dates: it steps day by day and looks every day up.

It imports nothing of the product and shares no constant with it; its only source is the
`chinese_calendar` library. `Wrongly` plants one error at a time, to show that a difference is seen.
"""

from collections.abc import Collection
from datetime import date, timedelta
from enum import Enum
from functools import cache

import chinese_calendar

ONE = timedelta(1)


class Wrongly(Enum):
    COUNTING_THE_FIRST_DAY = 1
    NEVER_ROLLING = 2
    WORKING_MONDAY_TO_FRIDAY = 3
    TAKING_A_MONTH_FOR_THIRTY_DAYS = 4


@cache
def worked(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


def is_worked(day: date, wrongly: Wrongly | None) -> bool:
    if wrongly is Wrongly.WORKING_MONDAY_TO_FRIDAY:
        return day.isoweekday() not in (6, 7)
    return worked(day)


def roll(day: date, wrongly: Wrongly | None) -> date:
    if wrongly is not Wrongly.NEVER_ROLLING:
        while not is_worked(day, wrongly):
            day = day + ONE
    return day


def after_working_days(
    start: date, wanted: int, *, paused: Collection[date] = (), wrongly: Wrongly | None = None
) -> date:
    """Cross off working days one by one, leaving out paused ones."""
    day, seen = start, 0
    if wrongly is Wrongly.COUNTING_THE_FIRST_DAY and is_worked(start, wrongly):
        seen = 1
    while seen != wanted:
        day = day + ONE
        if is_worked(day, wrongly) and day not in paused:
            seen = seen + 1
    return day


def each_working_day_after(start: date, wanted: int, last: date) -> list[date]:
    """The ends of 1, 2, … `wanted` working days, as many as fall by `last`: one walk instead of many."""
    ends: list[date] = []
    day = start
    while len(ends) != wanted and day < last:
        day = day + ONE
        if worked(day):
            ends.append(day)
    return ends


def each_month_after(start: date, wanted: int, last: date) -> list[date]:
    """The ends of 1, 2, … `wanted` months, rolled, as many as begin to roll by `last`."""
    ends: list[date] = []
    day, turns = start, 0
    while len(ends) != wanted and day < last:
        day = day + ONE
        turns = turns + (day.day == 1)
        if turns == len(ends) + 1 and is_anniversary(start, day):
            ends.append(roll(day, None))
    return ends


def after_calendar_days(
    start: date, wanted: int, *, paused: Collection[date] = (), wrongly: Wrongly | None = None
) -> date:
    day = start
    seen = 1 if wrongly is Wrongly.COUNTING_THE_FIRST_DAY else 0
    while seen != wanted:
        day = day + ONE
        if day not in paused:
            seen = seen + 1
    return roll(day, wrongly)


def after_months(start: date, wanted: int, *, wrongly: Wrongly | None = None) -> date:
    """Walk on until the same number comes round, or the month gives out before it does."""
    if wrongly is Wrongly.TAKING_A_MONTH_FOR_THIRTY_DAYS:
        return after_calendar_days(start, 30 * wanted)
    day, turns = start, 0
    if wrongly is Wrongly.COUNTING_THE_FIRST_DAY:
        day = start = start - ONE
    while turns < wanted or not is_anniversary(start, day):
        day = day + ONE
        if day.day == 1:
            turns = turns + 1
    return roll(day, wrongly)


def is_anniversary(start: date, day: date) -> bool:
    month_gives_out = (day + ONE).day == 1 and day.day < start.day
    return day.day == start.day or month_gives_out
