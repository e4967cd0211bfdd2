"""Calendars made for tests."""

from datetime import date

from app.deadlines.arithmetic import DayException, WorkingCalendar, days_between

REST = DayException(working=False, name="中秋节")


def with_holiday(calendar: WorkingCalendar, day: date) -> WorkingCalendar:
    """The next version, in which one more day is free."""
    return WorkingCalendar(
        f"{calendar.label}+1", {**calendar.exceptions, day: REST}, calendar.announced_years
    )


def announcing(calendar: WorkingCalendar, year: int, *rest: date) -> WorkingCalendar:
    """The next version, in which a year is announced with these days free."""
    exceptions = {**calendar.exceptions, **dict.fromkeys(rest, REST)}
    return WorkingCalendar(f"{year}", exceptions, calendar.announced_years | {year})


def without_working_days() -> WorkingCalendar:
    days = days_between(date(2025, 1, 1), date(2029, 12, 31))
    return WorkingCalendar("empty", dict.fromkeys(days, REST), frozenset({2026}))
