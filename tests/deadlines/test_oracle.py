"""The product's dates against an independent recomputation (invariant I9)."""

import ast
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.arithmetic import Pause, Period, TimeLimit, Unit, due
from app.deadlines.calendar_seed import seed_calendar
from tests.deadlines import oracle
from tests.deadlines.oracle import Wrongly
from tests.deadlines.pace import thorough, untimed

CALENDAR = seed_calendar()
DAY = timedelta(days=1)
FIRST, LAST = date(2010, 1, 1), date(2026, 6, 30)
EVERY_START = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
STEPS: dict[Unit, Callable[..., date]] = {
    Unit.WORKING_DAYS: oracle.after_working_days,
    Unit.CALENDAR_DAYS: oracle.after_calendar_days,
    Unit.MONTHS: oracle.after_months,
}


def last_day(start: date, amount: int, unit: Unit, *pauses: Pause) -> date:
    limit = TimeLimit(started_on=start, end=Period(amount, unit), pauses=pauses)
    return due(limit, CALENDAR).last_day


@thorough
@given(st.dates(FIRST, LAST), st.sampled_from(list(Unit)), st.data())
def test_every_due_date_equals_the_oracles(start: date, unit: Unit, data: st.DataObject) -> None:
    amount = data.draw(st.integers(1, 3 if unit is Unit.MONTHS else 90))

    assert last_day(start, amount, unit) == STEPS[unit](start, amount)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        (3, Unit.MONTHS),
        (2, Unit.MONTHS),
        (1, Unit.WORKING_DAYS),
        (20, Unit.WORKING_DAYS),
        (7, Unit.CALENDAR_DAYS),
    ],
)
def test_the_usual_limits_agree_on_every_start_of_sixteen_years(amount: int, unit: Unit) -> None:
    wrong = [s for s in EVERY_START if last_day(s, amount, unit) != STEPS[unit](s, amount)]

    assert wrong == []


# Every start day of twelve years with every limit is half a million dates (a minute): all of them under
# LIANLUO_WHOLE_FILES=1, else every start day with a few of its limits, others on each day.
WHOLE = os.environ.get("LIANLUO_WHOLE_FILES") == "1"
KNOWN = date(2026, 12, 25)  # beyond the year's end the library knows nothing to roll over
TWELVE_YEARS = [day for day in EVERY_START if day.year >= 2015] + [
    LAST + n * DAY for n in range(1, (KNOWN - LAST).days)
]


def looked_at(start: date, amount: int, every: int) -> bool:
    return WHOLE or (start.toordinal() + amount) % every == 0


@pytest.mark.parametrize("year", range(2015, 2027))
def test_one_to_ninety_working_days_and_one_to_twelve_months_agree_on_every_start_day(year: int) -> None:
    wrong, seen = [], 0
    for start in (day for day in TWELVE_YEARS if day.year == year):
        ends = (
            (Unit.WORKING_DAYS, 30, oracle.each_working_day_after(start, 90, KNOWN)),
            (Unit.MONTHS, 6, oracle.each_month_after(start, 12, KNOWN)),
        )
        for unit, every, expected in ends:
            for amount, end in enumerate(expected, start=1):
                if looked_at(start, amount, every):
                    seen += 1
                    wrong += [(start, amount, unit)] if last_day(start, amount, unit) != end else []

    assert wrong == []
    assert seen >= (20_000 if WHOLE else 1_000)


def test_the_walk_in_one_go_is_the_walk_one_by_one() -> None:
    for start in TWELVE_YEARS[::97]:
        days = oracle.each_working_day_after(start, 90, KNOWN)
        months = oracle.each_month_after(start, 12, KNOWN)

        assert days == [oracle.after_working_days(start, n) for n in range(1, len(days) + 1)]
        assert months == [oracle.after_months(start, n) for n in range(1, len(months) + 1)]


@untimed
@given(
    st.dates(FIRST, date(2026, 1, 31)),
    st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]),
    st.integers(1, 40),
    st.integers(1, 60),
    st.integers(1, 30),
)
def test_a_paused_limit_inside_its_run_equals_the_oracles(
    start: date, unit: Unit, amount: int, ahead: int, length: int
) -> None:
    since = min(start + ahead * DAY, STEPS[unit](start, amount))
    days = {since + n * DAY for n in range(length)}
    expected = STEPS[unit](start, amount, paused=days)
    while expected in days:  # the roll landed in the pause: it goes on to the next working day
        expected = oracle.after_working_days(expected, 1)

    assert last_day(start, amount, unit, Pause(since, since + length * DAY)) == expected


@pytest.mark.parametrize(
    ("wrongly", "unit"),
    [
        (Wrongly.COUNTING_THE_FIRST_DAY, Unit.WORKING_DAYS),
        (Wrongly.COUNTING_THE_FIRST_DAY, Unit.CALENDAR_DAYS),
        (Wrongly.COUNTING_THE_FIRST_DAY, Unit.MONTHS),
        (Wrongly.NEVER_ROLLING, Unit.CALENDAR_DAYS),
        (Wrongly.NEVER_ROLLING, Unit.MONTHS),
        (Wrongly.WORKING_MONDAY_TO_FRIDAY, Unit.WORKING_DAYS),
        (Wrongly.WORKING_MONDAY_TO_FRIDAY, Unit.MONTHS),
        (Wrongly.TAKING_A_MONTH_FOR_THIRTY_DAYS, Unit.MONTHS),
    ],
)
def test_an_oracle_with_one_planted_error_disagrees(wrongly: Wrongly, unit: Unit) -> None:
    year = [day for day in EVERY_START if day.year == 2025]
    seen = [s for s in year if last_day(s, 3, unit) != STEPS[unit](s, 3, wrongly=wrongly)]

    assert len(seen) >= 10


def test_the_oracle_knows_nothing_of_the_product() -> None:
    imports = [
        name
        for node in ast.walk(ast.parse(Path(oracle.__file__).read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    ]

    assert sorted(map(str, imports)) == [
        "chinese_calendar",
        "collections.abc",
        "datetime",
        "enum",
        "functools",
    ]
