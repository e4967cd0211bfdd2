"""Worked examples, and the laws that every time limit obeys."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.arithmetic import (
    CalendarWithoutWorkingDays,
    Due,
    Extension,
    ExtensionRefused,
    Pause,
    Period,
    PeriodInvalid,
    TimeLimit,
    Unit,
    WorkingCalendar,
    days_between,
    due,
    extended,
    months_after,
)
from app.deadlines.calendar_seed import seed_calendar
from tests.deadlines.calendars import announcing, with_holiday, without_working_days
from tests.deadlines.pace import untimed

WORKING, DAYS, MONTHS = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS
CALENDAR = seed_calendar()
DAY = timedelta(days=1)

starts = st.dates(date(2010, 1, 1), date(2026, 6, 30))
periods = st.one_of(
    st.builds(Period, st.integers(1, 60), st.sampled_from([WORKING, DAYS])),
    st.builds(Period, st.integers(1, 6), st.just(MONTHS)),
)


def ending(
    start: date, amount: int, unit: Unit, *, calendar: WorkingCalendar = CALENDAR, rolls: bool = True
) -> Due:
    limit = TimeLimit(started_on=start, end=Period(amount, unit), rolls=rolls)
    return due(limit, calendar)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "last_day"),
    [
        (date(2026, 11, 30), 3, MONTHS, date(2027, 3, 1)),  # no 30 February; the 28th is a Sunday
        (date(2026, 7, 3), 3, MONTHS, date(2026, 10, 8)),  # 3 October is National Day
        (date(2026, 9, 28), 7, WORKING, date(2026, 10, 13)),  # Saturday the 10th is worked
        (date(2025, 9, 30), 1, WORKING, date(2025, 10, 9)),  # 1-8 October 2025 are free
        (date(2025, 9, 24), 7, DAYS, date(2025, 10, 9)),  # 1 October rolls over the long holiday
        (date(2020, 1, 23), 1, WORKING, date(2020, 2, 3)),  # Spring Festival 2020, extended
        (date(2019, 12, 31), 1, MONTHS, date(2020, 2, 3)),  # 31 January 2020 rolls over it too
        (date(2024, 1, 31), 1, MONTHS, date(2024, 2, 29)),  # leap year
        (date(2023, 11, 30), 3, MONTHS, date(2024, 2, 29)),
        (date(2026, 5, 8), 1, WORKING, date(2026, 5, 9)),  # a Saturday that is worked
        (date(2026, 2, 1), 13, DAYS, date(2026, 2, 14)),  # so is this: it does not roll
    ],
)
def test_a_limit_ends_on_the_day_the_law_says(start: date, amount: int, unit: Unit, last_day: date) -> None:
    assert ending(start, amount, unit).last_day == last_day


def test_the_last_day_ends_at_local_midnight_after_it() -> None:
    assert ending(date(2026, 8, 31), 1, MONTHS).due_at == datetime(2026, 9, 30, 16, tzinfo=UTC)


def test_a_pack_may_say_that_calendar_days_do_not_roll() -> None:
    stays = ending(date(2026, 7, 3), 3, MONTHS, rolls=False)

    assert (stays.last_day, stays.unrolled) == (date(2026, 10, 3), date(2026, 10, 3))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "years"),
    [
        (date(2026, 9, 30), 3, MONTHS, ()),  # 30 December 2026 is announced and worked
        (date(2026, 10, 1), 3, MONTHS, (2027,)),
        (date(2026, 12, 30), 1, WORKING, ()),
        (date(2026, 12, 31), 1, WORKING, (2027,)),
        (date(2026, 12, 31), 1, DAYS, (2027,)),
        (date(2026, 12, 31), 12, MONTHS, (2027,)),
        (date(2026, 12, 1), 300, WORKING, (2027, 2028)),
    ],
)
def test_a_date_that_rests_on_an_unannounced_year_is_provisional(
    start: date, amount: int, unit: Unit, years: tuple[int, ...]
) -> None:
    found = ending(start, amount, unit)

    assert (found.assumed_years, found.provisional) == (years, bool(years))


def test_announcing_a_year_moves_its_dates_and_makes_them_final() -> None:
    spring = tuple(days_between(date(2027, 2, 5), date(2027, 2, 12)))
    before = ending(date(2026, 11, 5), 3, MONTHS)
    after = ending(date(2026, 11, 5), 3, MONTHS, calendar=announcing(CALENDAR, 2027, *spring))

    assert (before.last_day, before.provisional) == (date(2027, 2, 5), True)
    assert (after.last_day, after.provisional) == (date(2027, 2, 15), False)


def test_in_an_unannounced_year_fixed_holidays_rest_and_lunar_ones_are_unknown() -> None:
    assumed = [date(2031, 1, 1), date(2031, 5, 1), date(2031, 5, 2), date(2031, 10, 1)]

    assert [CALENDAR.is_working(day) for day in assumed] == [False] * 4
    assert CALENDAR.is_working(date(2031, 1, 23))  # Spring Festival, had anyone announced it
    assert CALENDAR.name(date(2031, 10, 3)) == "国庆节"


def test_the_calendar_says_how_far_it_is_announced() -> None:
    assert CALENDAR.announced_through == date(2026, 12, 31)
    assert WorkingCalendar("none", {}, frozenset()).announced_through == date.min


@untimed
@given(st.dates(date(1900, 1, 1), date(2500, 12, 31)), periods)
def test_no_year_is_too_far_for_the_calendar(start: date, period: Period) -> None:
    found = ending(start, period.amount, period.unit)

    assert found.last_day >= found.unrolled > start
    assert found.provisional or found.last_day.year in CALENDAR.announced_years


def test_a_calendar_without_working_days_is_refused_and_not_searched_for_ever() -> None:
    with pytest.raises(CalendarWithoutWorkingDays, match="连续 366 天没有工作日"):
        ending(date(2026, 3, 2), 1, WORKING, calendar=without_working_days())
    with pytest.raises(CalendarWithoutWorkingDays, match="连续 366 天没有工作日"):
        without_working_days().shift(date(2028, 3, 2), -1)


@pytest.mark.parametrize("amount", [0, -1, 1001])
def test_a_period_that_cannot_be_meant_is_refused(amount: int) -> None:
    with pytest.raises(PeriodInvalid, match="1 至 1000"):
        Period(amount, DAYS)


def test_a_date_at_the_end_of_time_is_refused() -> None:
    with pytest.raises(PeriodInvalid, match="超出可计算的范围"):
        TimeLimit(started_on=date(2026, 1, 1), end=date.max)


@untimed
@given(st.dates(date(2005, 1, 1), date(2026, 1, 1)), st.integers(1, 90))
def test_counting_backwards_undoes_counting_forwards(day: date, count: int) -> None:
    worked = CALENDAR.on_or_after(day)

    assert CALENDAR.shift(CALENDAR.shift(worked, count), -count) == worked


@untimed
@given(starts, periods, st.integers(0, 260))
def test_a_new_holiday_never_makes_a_date_earlier(start: date, period: Period, ahead: int) -> None:
    limit = TimeLimit(started_on=start, end=period)
    freer = with_holiday(CALENDAR, start + ahead * DAY)

    assert due(limit, freer).last_day >= due(limit, CALENDAR).last_day


@untimed
@given(starts, st.integers(1, 60), st.integers(0, 59), st.integers(1, 40))
def test_a_pause_of_k_working_days_moves_a_working_day_clock_by_exactly_k(
    start: date, amount: int, ahead: int, length: int
) -> None:
    plain = TimeLimit(started_on=start, end=Period(amount, WORKING))
    since = min(start + ahead * DAY, due(plain, CALENDAR).last_day)
    pause = Pause(since, since + length * DAY)
    k = sum(CALENDAR.is_working(day) for day in days_between(since, pause.until - DAY))
    paused = TimeLimit(started_on=start, end=plain.end, pauses=(pause,))

    assert due(paused, CALENDAR).last_day == CALENDAR.shift(due(plain, CALENDAR).last_day, k)


@untimed
@given(starts, periods, st.integers(-20, 200), st.integers(0, 30), st.integers(0, 30))
def test_splitting_a_pause_changes_nothing(
    start: date, period: Period, ahead: int, first: int, second: int
) -> None:
    since = start + ahead * DAY
    middle = since + first * DAY
    until = middle + second * DAY
    whole = TimeLimit(started_on=start, end=period, pauses=(Pause(since, until),))
    split = TimeLimit(started_on=start, end=period, pauses=(Pause(since, middle), Pause(middle, until)))

    assert due(whole, CALENDAR) == due(split, CALENDAR)


@untimed
@given(starts, periods, st.integers(-20, 200), st.integers(1, 60))
def test_a_limit_never_ends_inside_a_pause(start: date, period: Period, ahead: int, length: int) -> None:
    pause = Pause(start + ahead * DAY, start + (ahead + length) * DAY)
    limit = TimeLimit(started_on=start, end=period, pauses=(pause,))
    found = due(limit, CALENDAR)

    assert not limit.is_paused(found.last_day)
    assert not limit.is_paused(found.unrolled)


def test_a_pause_moves_the_unrolled_end_and_the_roll_comes_last() -> None:
    # 3 months from 3 July end on Saturday 3 October; five days later it is Thursday the 8th.
    pause = Pause(date(2026, 8, 10), date(2026, 8, 15))
    limit = TimeLimit(started_on=date(2026, 7, 3), end=Period(3, MONTHS), pauses=(pause,))

    assert due(limit, CALENDAR).last_day == date(2026, 10, 8)


def test_a_pause_before_the_start_or_after_the_end_moves_nothing() -> None:
    early = Pause(date(2026, 2, 1), date(2026, 3, 2))
    late = Pause(date(2026, 3, 17), date(2026, 3, 20))
    limit = TimeLimit(started_on=date(2026, 3, 2), end=Period(10, WORKING), pauses=(early, late))

    assert due(limit, CALENDAR).last_day == date(2026, 3, 16)


def test_a_start_inside_a_pause_counts_as_paused() -> None:
    pause = Pause(date(2026, 3, 2), date(2026, 3, 5))  # Monday to Wednesday
    limit = TimeLimit(started_on=date(2026, 3, 2), end=Period(1, WORKING), pauses=(pause,))

    assert due(limit, CALENDAR).last_day == date(2026, 3, 6)  # as if started on Thursday


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodInvalid, match="不能早于"):
        Pause(date(2026, 3, 3), date(2026, 3, 2))


REPLY = TimeLimit(started_on=date(2026, 3, 2), end=Period(3, MONTHS))  # to Tuesday 2 June
SIX_MONTHS = Period(6, MONTHS)  # to Wednesday 2 September


def test_an_extension_adds_its_unit_to_the_unrolled_end() -> None:
    started = TimeLimit(started_on=date(2026, 2, 28), end=Period(1, MONTHS))  # a Saturday
    longer = extended(started, Extension(Period(1, MONTHS), date(2026, 3, 20)), SIX_MONTHS, CALENDAR)

    assert due(started, CALENDAR).last_day == date(2026, 3, 30)  # rolled from Saturday the 28th
    assert due(longer, CALENDAR).last_day == date(2026, 4, 28)


def test_an_extension_to_a_date_replaces_the_end() -> None:
    longer = extended(REPLY, Extension(date(2026, 7, 3), date(2026, 5, 20)), SIX_MONTHS, CALENDAR)

    assert due(longer, CALENDAR).last_day == date(2026, 7, 3)


def test_only_pauses_after_the_decision_move_a_date_that_was_granted() -> None:
    granted = Extension(date(2026, 7, 3), date(2026, 5, 20))
    known = Pause(date(2026, 4, 1), date(2026, 4, 20))
    later = Pause(date(2026, 6, 1), date(2026, 6, 4))
    limit = TimeLimit(
        started_on=REPLY.started_on, end=REPLY.end, pauses=(known, later), extensions=(granted,)
    )

    assert due(limit, CALENDAR).last_day == date(2026, 7, 6)


@pytest.mark.parametrize(
    ("by", "decided_on", "why"),
    [
        (date(2026, 9, 3), date(2026, 5, 20), "延期最长到 2026-09-02"),
        (Period(4, MONTHS), date(2026, 5, 20), "延期最长到 2026-09-02"),
        (date(2026, 6, 2), date(2026, 5, 20), "应当晚于原期限 2026-06-02"),
        (Period(1, MONTHS), date(2026, 6, 3), "原期限已于 2026-06-02 届满"),
    ],
)
def test_an_extension_against_the_rules_is_refused(by: Period | date, decided_on: date, why: str) -> None:
    with pytest.raises(ExtensionRefused, match=why):
        extended(REPLY, Extension(by, decided_on), SIX_MONTHS, CALENDAR)


def test_an_extension_to_the_very_cap_on_the_last_day_is_granted() -> None:
    last = Extension(date(2026, 9, 2), date(2026, 6, 2))

    assert extended(REPLY, last, SIX_MONTHS, CALENDAR).extensions == (last,)


def test_a_limit_without_a_cap_cannot_be_extended() -> None:
    with pytest.raises(ExtensionRefused, match="不能延期"):
        extended(REPLY, Extension(date(2026, 7, 3), date(2026, 5, 20)), None, CALENDAR)


def test_a_promised_date_rolls_like_any_other() -> None:
    promise = TimeLimit(started_on=date(2026, 3, 2), end=date(2026, 10, 1))

    assert due(promise, CALENDAR).last_day == date(2026, 10, 8)


def test_months_after_keeps_to_the_month() -> None:
    assert months_after(date(2024, 12, 31), 14) == date(2026, 2, 28)
