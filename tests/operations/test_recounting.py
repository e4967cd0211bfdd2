"""The second opinion on due dates: it agrees with the product's own count and sees what was tampered with."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import announcing, recounting, service
from app.deadlines.announcements import Announcement
from app.deadlines.arithmetic import (
    DayException,
    Extension,
    Pause,
    Period,
    TimeLimit,
    Unit,
    WorkingCalendar,
    due,
)
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, DeadlineChange
from app.deadlines.overriding import Override
from app.operations.recounting import Days, Told, last_day, recounted
from app.operations.verifying_due_dates import due_dates
from tests.conftest import NOW
from tests.deadlines.running import PAUSING, a_clock, at, changes
from tests.people import County

BY = "account:carol"
FREE = {date(2019, 10, n): False for n in range(1, 8)}
OCTOBER = Days(FREE | {date(2019, 9, 29): True, date(2019, 10, 12): True}, {2018, 2019})


@pytest.mark.parametrize(
    ("start", "amount", "unit", "rolls", "expected"),
    [
        (date(2018, 11, 30), 3, "months", True, date(2019, 2, 28)),
        (date(2019, 7, 1), 3, "months", True, date(2019, 10, 8)),
        (date(2019, 7, 1), 3, "months", False, date(2019, 10, 1)),
        (date(2019, 9, 30), 1, "working_days", True, date(2019, 10, 8)),
        (date(2019, 10, 11), 1, "working_days", True, date(2019, 10, 12)),  # a Saturday worked
        (date(2019, 9, 24), 7, "calendar_days", True, date(2019, 10, 8)),
    ],
)
def test_days_are_counted_one_by_one(
    start: date, amount: int, unit: str, rolls: bool, expected: date
) -> None:
    assert last_day(start, amount, unit, OCTOBER, rolls=rolls) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # Wednesday + 3 working days, the Thursday and Friday after it paused: Mon, Tue, Wed.
        (
            Told(date(2019, 3, 6), 3, "working_days", True, rests=((date(2019, 3, 7), date(2019, 3, 9)),)),
            date(2019, 3, 13),
        ),
        # A month, five days of it paused, ends five days later.
        (
            Told(date(2019, 3, 6), 1, "months", True, rests=((date(2019, 3, 7), date(2019, 3, 12)),)),
            date(2019, 4, 11),
        ),
        # Who granted the new date on the 20th knew of the pause before.
        (
            Told(
                date(2019, 3, 6),
                1,
                "months",
                True,
                rests=((date(2019, 3, 7), date(2019, 3, 12)),),
                granted=((date(2019, 5, 6), date(2019, 3, 20)),),
            ),
            date(2019, 5, 6),
        ),
        # A date named on a holiday moves past all of it.
        (Told(date(2019, 3, 6), 0, "calendar_days", True, named=date(2019, 10, 2)), date(2019, 10, 8)),
    ],
)
def test_pauses_grants_and_dates_named_are_counted(told: Told, expected: date) -> None:
    assert recounted(told, OCTOBER) == expected


days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
spans = st.tuples(days, st.integers(0, 40)).map(lambda span: (span[0], span[0] + timedelta(span[1])))


def both(calendar: Mapping[date, bool]) -> tuple[WorkingCalendar, Days]:
    exceptions = {day: DayException(working) for day, working in calendar.items()}
    return WorkingCalendar("v1", exceptions, frozenset({2025})), Days(calendar, {2025})


@given(
    start=days,
    period=st.builds(Period, st.integers(1, 60), st.sampled_from(Unit)),
    named=st.none() | days,
    rolls=st.booleans(),
    pauses=st.lists(spans, max_size=2),
    granted=st.lists(st.tuples(days, days), max_size=2),
    calendar=st.dictionaries(days, st.booleans(), max_size=30),
)
def test_whatever_happened_to_a_clock_two_ways_of_counting_agree(
    start: date,
    period: Period,
    named: date | None,
    rolls: bool,
    pauses: list[tuple[date, date]],
    granted: list[tuple[date, date]],
    calendar: dict[date, bool],
) -> None:
    assume(all(until >= decided for until, decided in granted))
    assume(all(first >= start for first, _ in pauses))
    theirs, ours = both(calendar)
    limit = TimeLimit(
        start,
        named or period,
        rolls,
        pauses=tuple(Pause(*span) for span in pauses),
        extensions=tuple(Extension(*grant) for grant in granted),
    )
    told = Told(start, period.amount, period.unit, rolls, named, tuple(pauses), tuple(granted))

    assert recounted(told, ours) == due(limit, theirs).last_day


MONDAY = date(2026, 3, 2)
LATER = date(2026, 3, 16)


async def findings(tx: AsyncSession) -> list[tuple[str, str]]:
    return [(found.what, found.subject) for found in await due_dates(tx, NOW)]


async def paused_clock(tx: AsyncSession, county: County) -> Deadline:
    await service.choose_pack(tx, "national", by=BY, now=at(MONDAY), overrides=[PAUSING])
    clock = await a_clock(tx, county, Kind.FIRST_CONTACT, on=MONDAY)
    await service.pause(tx, clock, reason="等候鉴定", on=date(2026, 3, 9), by=BY, now=at(LATER))
    await service.resume(tx, clock, reason="鉴定已出", on=date(2026, 3, 13), by=BY, now=at(LATER))
    return clock


async def extended_clock(tx: AsyncSession, county: County) -> Deadline:
    clock = await a_clock(tx, county, on=MONDAY)
    subject, kind = clock.subject_id, Kind(clock.kind)
    on = date(2026, 5, 20)
    await service.extend(tx, subject, kind, until=date(2026, 7, 3), reason="情况复杂", by=BY, now=at(on))
    return clock


async def promised_clock(tx: AsyncSession, county: County) -> Deadline:
    clock = await a_clock(tx, county, Kind.COMMITMENT, on=MONDAY, ends_on=date(2026, 9, 26))
    until = date(2026, 10, 3)
    await service.postpone(tx, clock, until=until, what="slip", reason="雨季", by=BY, now=at(LATER))
    return clock


async def test_paused_extended_postponed_and_corrected_clocks_count_out(
    tx: AsyncSession, county: County
) -> None:
    paused, extended, promised = (
        await paused_clock(tx, county),
        await extended_clock(tx, county),
        await promised_clock(tx, county),
    )
    corrected = await a_clock(tx, county, on=MONDAY)
    on = date(2026, 3, 4)
    await service.restart(tx, corrected, started_on=on, reason="文件日期有误", by=BY, now=at(LATER))

    assert await findings(tx) == []
    assert {clock.due_revision for clock in (paused, extended, promised, corrected)} == {1}


async def test_a_clock_of_an_older_calendar_is_counted_under_that_one(
    tx: AsyncSession, county: County
) -> None:
    """A stopped clock keeps the version it was counted with; the open one follows the new."""
    stopped = await a_clock(tx, county, on=date(2026, 11, 15))
    await service.stop(tx, stopped.subject_id, {Kind.REPLY}, reason="答复", now=NOW)
    running = await a_clock(tx, county, on=date(2026, 11, 15))
    day, rest = date(2027, 2, 15), DayException(working=False, name="春节")  # the day both end on
    draft = Announcement(2027, {day + timedelta(n): rest for n in range(2)})
    await announcing.correct(tx, draft, announced=False, by=BY, now=NOW)
    while await recounting.recount(tx, now=NOW):
        pass
    await tx.flush()

    assert (stopped.last_day, stopped.calendar_version) == (day, "v1")
    assert (running.last_day, running.calendar_version) == (date(2027, 2, 17), "v2")
    assert await findings(tx) == []

    stopped.calendar_version = "v2"
    assert await findings(tx) == [("到期日与重新计算的不符", str(stopped.id))]
    stopped.calendar_version = "v9"
    assert await findings(tx) == [("所依的工作日历版本不存在", str(stopped.id))]


async def test_a_tampered_pause_grant_or_start_is_seen(tx: AsyncSession, county: County) -> None:
    paused, extended = await paused_clock(tx, county), await extended_clock(tx, county)
    lost = "到期日与重新计算的不符"

    async def after(clock: Deadline, place: int, **facts: str) -> list[tuple[str, str]]:
        change: DeadlineChange = (await changes(tx, clock))[place]
        before = change.facts
        change.facts = {**before, **facts}
        found = await findings(tx)
        change.facts = before
        return found

    assert await after(paused, 1, until="2026-03-12") == [(lost, str(paused.id))]
    assert await after(extended, 0, until="2026-07-06") == [(lost, str(extended.id))]
    extended.started_on = extended.started_on + timedelta(1)
    assert await findings(tx) == []  # a date granted does not depend on the start
    paused.started_on = paused.started_on - timedelta(3)  # a Friday: one working day more had passed
    assert await findings(tx) == [(lost, str(paused.id))]


async def test_a_change_that_does_not_lead_to_the_next_is_seen(tx: AsyncSession, county: County) -> None:
    extended = await extended_clock(tx, county)
    [change] = await changes(tx, extended)
    change.due_after = date(2026, 7, 2)

    assert await findings(tx) == [("到期日与历次变更的记录接不上", str(extended.id))]


async def test_a_period_that_the_countys_own_rows_do_not_give_is_seen(
    tx: AsyncSession, county: County
) -> None:
    own = Override.model_validate({**PAUSING.model_dump(exclude_unset=True), "amount": 15})
    await service.choose_pack(tx, "national", by=BY, now=at(MONDAY), overrides=[own])
    clock = await a_clock(tx, county, Kind.FIRST_CONTACT, on=MONDAY)
    assert (clock.amount, await findings(tx)) == (15, [])

    clock.amount = 20  # what the shipped pack gives
    assert await findings(tx) == [("期限与所依规则包不符", str(clock.id))]
