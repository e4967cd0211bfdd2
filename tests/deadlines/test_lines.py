"""Lines are local midnights, counted in the same calendar as the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.lines import (
    Crossing,
    Kind,
    Line,
    Nature,
    crossed,
    crossings,
    nature_of,
    next_crossing,
)
from tests.deadlines.pace import untimed

CALENDAR = seed_calendar()
MOMENT = timedelta(microseconds=1)


def planned(
    last_day: date,
    *,
    started_on: date = date(2026, 7, 3),
    nature: Nature = Nature.DUTY,
    warn_days: int | None = 5,
) -> tuple[Crossing, ...]:
    return crossings(
        started_on=started_on,
        last_day=last_day,
        nature=nature,
        warn_days=warn_days,
        calendar=CALENDAR,
    )


def midnight(month: int, day: int) -> datetime:
    """The first instant of a day of 2026 in Shanghai."""
    return datetime(2026, month, day, tzinfo=UTC) - timedelta(hours=8)


def test_a_duty_crosses_five_lines_counted_in_working_days() -> None:
    assert planned(date(2026, 10, 8)) == (
        Crossing(Line.DUE_SOON, midnight(9, 23)),  # the 25th to 27th and 1-7 October are free
        Crossing(Line.LAST_DAY, midnight(10, 8)),
        Crossing(Line.OVERDUE, midnight(10, 9)),
        Crossing(Line.OVERDUE_3, midnight(10, 12)),  # 9, 10 (a Saturday, worked), 12 October
        Crossing(Line.OVERDUE_10, midnight(10, 21)),
    )


def test_a_window_expires_in_silence() -> None:
    lines = [crossing.line for crossing in planned(date(2026, 10, 8), nature=Nature.WINDOW)]

    assert lines == [Line.DUE_SOON, Line.LAST_DAY]


@pytest.mark.parametrize("warn_days", [None, 2, 3])
def test_no_warning_where_none_is_asked_for_or_where_it_precedes_the_run(
    warn_days: int | None,
) -> None:
    lines = planned(date(2026, 7, 7), started_on=date(2026, 7, 3), warn_days=warn_days)

    assert lines[0].line is Line.LAST_DAY


def test_the_next_line_is_strictly_later_and_none_is_left_after_the_last() -> None:
    lines = planned(date(2026, 10, 8))
    overdue = midnight(10, 9)

    assert next_crossing(lines, overdue - MOMENT) == Crossing(Line.OVERDUE, overdue)
    assert next_crossing(lines, overdue) == Crossing(Line.OVERDUE_3, midnight(10, 12))
    assert next_crossing(lines, midnight(10, 21)) is None


def test_adjoining_looks_find_each_line_once() -> None:
    lines = planned(date(2026, 10, 8))
    before, overdue, after = midnight(9, 1), midnight(10, 9), midnight(12, 1)

    assert crossed(lines, before, overdue) + crossed(lines, overdue, after) == list(lines)
    assert crossed(lines, overdue, after)[0].line is Line.OVERDUE_3


@untimed
@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(1, 20))
def test_lines_come_in_order_whatever_the_calendar(last_day: date, warn_days: int) -> None:
    lines = planned(last_day, started_on=date(2000, 1, 1), warn_days=warn_days)

    assert [crossing.line for crossing in lines] == list(Line)
    assert [crossing.at for crossing in lines] == sorted({crossing.at for crossing in lines})


def test_the_four_rights_are_windows_and_all_else_is_duty() -> None:
    windows = {kind for kind in Kind if nature_of(kind) is Nature.WINDOW}

    assert windows == {"micro_return", "return_window", "evaluation", "withdrawal_window"}
