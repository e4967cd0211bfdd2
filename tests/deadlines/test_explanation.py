"""Every date explains itself, day by day and in one sentence."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.arithmetic import (
    Extension,
    Pause,
    Period,
    TimeLimit,
    Unit,
    WorkingCalendar,
    days_between,
    due,
    months_after,
)
from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.explanation import ExplainedDay, Explanation, explain
from tests.deadlines.pace import untimed

WORKING, DAYS, MONTHS = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.MONTHS
CALENDAR = seed_calendar()
ARTICLE = "《代表法》第五十一条"
DAY = timedelta(days=1)

starts = st.dates(date(2010, 1, 1), date(2028, 12, 31))
pauses = st.tuples(st.integers(-10, 120), st.integers(0, 40))


def explained(limit: TimeLimit, calendar: WorkingCalendar = CALENDAR) -> Explanation:
    return explain(limit, due(limit, calendar), calendar, article=ARTICLE)


def days_of(start: date, period: Period) -> int:
    """What an amount comes to in the days that are counted."""
    if period.unit is MONTHS:
        return (months_after(start, period.amount) - start).days
    return period.amount


def test_each_day_says_whether_it_counts_and_why() -> None:
    found = explained(TimeLimit(date(2026, 9, 29), Period(4, WORKING)))

    assert found.days == (
        ExplainedDay(date(2026, 9, 29), False, "起算日不计"),
        ExplainedDay(date(2026, 9, 30), True, "计入"),
        *(
            ExplainedDay(day, False, "法定节假日（国庆节）")
            for day in days_between(date(2026, 10, 1), date(2026, 10, 7))
        ),
        ExplainedDay(date(2026, 10, 8), True, "计入"),
        ExplainedDay(date(2026, 10, 9), True, "计入"),
        ExplainedDay(date(2026, 10, 10), True, "计入（调休上班）"),
    )


def test_days_after_a_last_day_of_rest_are_rolled_over() -> None:
    found = explained(TimeLimit(date(2026, 11, 30), Period(3, MONTHS)))

    assert found.days[-3:] == (
        ExplainedDay(date(2027, 2, 27), True, "计入（暂定）"),
        ExplainedDay(date(2027, 2, 28), True, "计入（暂定）"),
        ExplainedDay(date(2027, 3, 1), False, "顺延至本日（暂定）"),
    )
    assert found.counted == 90


def test_paused_days_and_weekends_do_not_count() -> None:
    pause = Pause(date(2026, 3, 4), date(2026, 3, 6))
    found = explained(TimeLimit(date(2026, 3, 3), Period(2, WORKING), pauses=(pause,)))

    assert [day.why for day in found.days] == [
        "起算日不计",
        "中止",
        "中止",
        "计入",
        "周末",
        "周末",
        "计入",
    ]


def test_a_start_inside_a_pause_leaves_out_the_day_on_which_it_goes_on() -> None:
    pause = Pause(date(2026, 3, 2), date(2026, 3, 4))
    found = explained(TimeLimit(date(2026, 3, 2), Period(1, WORKING), pauses=(pause,)))

    assert [day.why for day in found.days] == [
        "起算日不计",
        "中止",
        "起算日在中止期内，恢复首日不计",
        "计入",
    ]


def test_one_sentence_tells_a_delegate_all_of_it() -> None:
    rolled = explained(TimeLimit(date(2026, 7, 3), Period(3, MONTHS)))
    worked = explained(TimeLimit(date(2026, 9, 28), Period(7, WORKING)))

    assert rolled.sentence == (
        "自2026年7月3日起算，当日不计，期限3个月，"
        "期满日2026年10月3日是法定节假日（国庆节），顺延到下一个工作日，"
        "到2026年10月8日（星期四）24时截止。依据：《代表法》第五十一条。"
    )
    assert worked.sentence == (
        "自2026年9月28日起算，当日不计，数满7个工作日（周末和节假日不计，调休上班日计入），"
        "到2026年10月13日（星期二）24时截止。依据：《代表法》第五十一条。"
    )


def test_the_sentence_names_extensions_pauses_and_what_is_not_yet_known() -> None:
    limit = TimeLimit(
        date(2026, 9, 1),
        Period(3, MONTHS),
        pauses=(Pause(date(2026, 9, 7), date(2026, 9, 9)),),
        extensions=(Extension(Period(2, MONTHS), date(2026, 11, 20)),),
    )

    assert explained(limit).sentence == (
        "自2026年9月1日起算，当日不计，期限3个月，经2026年11月20日批准延期2个月，"
        "其间中止2天不计，到2027年2月3日（星期三）24时截止。依据：《代表法》第五十一条。"
        "2027年放假安排尚未公布，此日期为暂定，公布后重新计算。"
    )


def test_a_promise_and_a_granted_date_are_named_as_dates() -> None:
    granted = Extension(date(2026, 4, 1), date(2026, 3, 10))

    assert explained(TimeLimit(date(2026, 3, 2), date(2026, 3, 20), extensions=(granted,))).sentence == (
        "自2026年3月2日起算，当日不计，期限定为2026年3月20日，"
        "经2026年3月10日批准延期至2026年4月1日，"
        "到2026年4月1日（星期三）24时截止。依据：《代表法》第五十一条。"
    )


@untimed
@given(starts, st.sampled_from(list(Unit)), st.integers(1, 12), st.lists(pauses, max_size=3))
def test_the_days_counted_sum_to_the_amount(
    start: date, unit: Unit, amount: int, paused: list[tuple[int, int]]
) -> None:
    period = Period(amount, unit)
    spans = tuple(Pause(start + a * DAY, start + (a + n) * DAY) for a, n in paused)
    found = explained(TimeLimit(start, period, pauses=spans))

    assert found.counted == days_of(start, period)


@untimed
@given(starts, st.sampled_from([WORKING, DAYS]), st.integers(1, 40), st.integers(1, 20), pauses)
def test_an_extension_and_its_explanation_agree(
    start: date, unit: Unit, amount: int, more: int, paused: tuple[int, int]
) -> None:
    pause = Pause(start + paused[0] * DAY, start + sum(paused) * DAY)
    granted = Extension(Period(more, unit), start)
    found = explained(TimeLimit(start, Period(amount, unit), pauses=(pause,), extensions=(granted,)))

    assert found.counted == amount + more


@untimed
@given(starts, st.sampled_from(list(Unit)), st.integers(1, 12))
def test_the_days_run_without_a_gap_from_the_start_to_the_last_day(
    start: date, unit: Unit, amount: int
) -> None:
    limit = TimeLimit(start, Period(amount, unit))

    assert [day.date for day in explained(limit).days] == list(
        days_between(start, due(limit, CALENDAR).last_day)
    )
