"""Laws that hold for every time limit, also extended, paused and under another calendar."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from app.deadlines.arithmetic import Extension, Pause, Period, TimeLimit, Unit, days_between, due
from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.explanation import explain
from tests.deadlines.calendars import announcing, with_holiday
from tests.deadlines.pace import untimed

CALENDAR = seed_calendar()
DAY = timedelta(days=1)

starts = st.dates(date(2015, 1, 1), date(2027, 12, 31))
periods = st.one_of(
    st.builds(Period, st.integers(1, 60), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS])),
    st.builds(Period, st.integers(1, 6), st.just(Unit.MONTHS)),
)


@st.composite
def limits(draw: st.DrawFn) -> TimeLimit:
    """A limit with up to three pauses and up to two granted dates, each later than the end before it."""
    start, end, rolls = draw(starts), draw(periods), draw(st.booleans())
    spans = draw(st.lists(st.tuples(st.integers(-5, 120), st.integers(0, 30)), max_size=3))
    pauses = tuple(Pause(start + a * DAY, start + (a + n) * DAY) for a, n in spans)
    limit = TimeLimit(start, end, rolls, pauses)
    for more in draw(st.lists(st.integers(1, 60), max_size=2)):
        last = due(limit, CALENDAR).last_day
        granted = Extension(last + more * DAY, draw(st.dates(start, last)))
        limit = TimeLimit(start, end, rolls, pauses, (*limit.extensions, granted))
    return limit


@untimed
@given(limits(), st.integers(1, 300))
def test_a_new_holiday_never_makes_a_date_earlier_however_the_limit_was_changed(
    limit: TimeLimit, ahead: int
) -> None:
    """A holiday after the start day. But for one case, next below."""
    holiday = limit.started_on + ahead * DAY
    assume(not (_is_date_in_working_days(limit) and limit.is_paused(holiday)))

    assert due(limit, with_holiday(CALENDAR, holiday)).last_day >= due(limit, CALENDAR).last_day


def _is_date_in_working_days(limit: TimeLimit) -> bool:
    return limit.unit is Unit.WORKING_DAYS and bool(limit.extensions)


def test_a_granted_date_is_moved_by_the_working_days_a_pause_took_and_a_holiday_in_it_takes_none() -> None:
    """Granted to Friday the 20th; Tuesday and Wednesday do not run: two working days, to Tuesday the 24th.

    Were the Wednesday a holiday, the pause would have taken one working day only.
    """
    granted = Extension(date(2026, 3, 20), date(2026, 3, 9))
    pause = Pause(date(2026, 3, 10), date(2026, 3, 12))
    limit = TimeLimit(date(2026, 3, 2), Period(10, Unit.WORKING_DAYS), True, (pause,), (granted,))

    assert due(limit, CALENDAR).last_day == date(2026, 3, 24)
    assert due(limit, with_holiday(CALENDAR, date(2026, 3, 11))).last_day == date(2026, 3, 23)


@untimed
@given(limits(), st.booleans())
def test_the_explanation_ends_on_the_due_date_after_every_change(limit: TimeLimit, announced: bool) -> None:
    spring = days_between(date(2027, 2, 5), date(2027, 2, 11))
    calendar = announcing(CALENDAR, 2027, *spring) if announced else CALENDAR
    ends = due(limit, calendar)
    days = explain(limit, ends, calendar, article="某条").days

    assert [day.date for day in days] == list(days_between(limit.started_on, ends.last_day))
    assert all(not day.counted for day in days if day.date > ends.unrolled)


@untimed
@given(limits())
def test_no_day_in_a_pause_is_counted_and_every_other_countable_day_is(limit: TimeLimit) -> None:
    """Except the start, and the day that takes its place where the start lay in a pause."""
    ends = due(limit, CALENDAR)
    days = explain(limit, ends, CALENDAR, article="某条").days
    in_play = [day for day in days if limit.started_on < day.date <= ends.unrolled]
    for day in in_play:
        if day.date >= limit.pauses_from and limit.is_paused(day.date):
            assert not day.counted
    skipped = [day for day in in_play if not day.counted and not _has_cause(limit, day.date)]

    assert len(skipped) <= (limit.is_paused(limit.started_on) and limit.pauses_from == limit.started_on)


def _has_cause(limit: TimeLimit, day: date) -> bool:
    rests = limit.unit is Unit.WORKING_DAYS and not CALENDAR.is_working(day)
    return rests or (day >= limit.pauses_from and limit.is_paused(day))


@untimed
@given(limits(), st.integers(1, 30))
def test_a_later_pause_never_makes_a_date_earlier(limit: TimeLimit, length: int) -> None:
    last = due(limit, CALENDAR).last_day
    since = max(limit.pauses_from, last - 10 * DAY)
    longer = TimeLimit(
        limit.started_on,
        limit.end,
        limit.rolls,
        (*limit.pauses, Pause(since, since + length * DAY)),
        limit.extensions,
    )

    assert due(longer, CALENDAR).last_day >= last
