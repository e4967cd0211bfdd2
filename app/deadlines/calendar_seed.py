"""The first rows of the calendar table, from the `chinesecalendar` library.

The only importer of that library: it raises beyond its last year, our calendar must not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar import constants

from app.deadlines.arithmetic import DayException, WorkingCalendar

NAMES: Mapping[str, str] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


@dataclass(frozen=True)
class SeedDay:
    """One announced exception: a day off, or a weekend day worked in exchange."""

    day: date
    working: bool
    name: str


@cache
def seed_days() -> tuple[SeedDay, ...]:
    """Every announced exception of 2004 to the library's last year, by date."""
    rest = (SeedDay(day, working=False, name=NAMES[n]) for day, n in constants.holidays.items())
    worked = (SeedDay(day, working=True, name=NAMES[n]) for day, n in constants.workdays.items())
    return tuple(sorted((*rest, *worked), key=lambda row: row.day))


@cache
def seed_calendar() -> WorkingCalendar:
    """The calendar as the library knows it; every year it holds counts as announced."""
    years = frozenset(row.day.year for row in seed_days())
    exceptions = {row.day: DayException(row.working, row.name) for row in seed_days()}
    return WorkingCalendar(f"seed-{max(years)}", exceptions, years)
