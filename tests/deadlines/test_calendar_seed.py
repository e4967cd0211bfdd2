"""The seed holds what the State Council announced, with its names in Chinese."""

from collections.abc import Callable
from datetime import date

import chinese_calendar
import pytest

from app.deadlines.arithmetic import days_between
from app.deadlines.calendar_seed import SeedDay, seed_calendar, seed_days


def test_every_day_of_the_library_is_worked_or_free_as_the_library_says() -> None:
    is_workday: Callable[[date], bool] = chinese_calendar.is_workday
    calendar = seed_calendar()
    days = days_between(date(2004, 1, 1), calendar.announced_through)

    assert [day for day in days if calendar.is_working(day) is not is_workday(day)] == []


@pytest.mark.parametrize(
    "row",
    [
        SeedDay(date(2026, 10, 1), False, "国庆节"),
        SeedDay(date(2026, 10, 10), True, "国庆节"),
        SeedDay(date(2020, 1, 31), False, "春节"),
    ],
)
def test_an_exception_carries_its_name(row: SeedDay) -> None:
    assert [found for found in seed_days() if found.day == row.day] == [row]


def test_each_day_is_seeded_once_and_in_order() -> None:
    days = [row.day for row in seed_days()]

    assert days == sorted(set(days))
