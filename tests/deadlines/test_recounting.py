"""A calendar version holds at once, open clocks follow it in batches, older versions stay readable."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import announcing, calendars, jobs, recounting, service
from app.deadlines.announcements import Announcement, AnnouncementInvalid
from app.deadlines.arithmetic import DayException, days_between
from app.deadlines.errors import YearAlreadyAnnounced
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.infra.db import Database, sql
from app.infra.outbox import OutboxRow
from app.infra.tenants import Tenant
from app.kernel.clock import local_midnight, machine_now
from tests.deadlines.running import a_clock, at, changes, explanation
from tests.people import County

BY = "account:carol"
NOVEMBER = date(2026, 11, 16)
ANNOUNCED = date(2026, 11, 24)


def holiday(name: str, first: date, last: date) -> dict[date, DayException]:
    return {day: DayException(working=False, name=name) for day in days_between(first, last)}


def schedule(spring: tuple[date, date] = (date(2027, 2, 5), date(2027, 2, 11))) -> Announcement:
    """A made-up schedule of 2027."""
    days = {
        **holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),
        **holiday("春节", *spring),
        **holiday("劳动节", date(2027, 5, 1), date(2027, 5, 5)),
        **holiday("国庆节", date(2027, 10, 1), date(2027, 10, 7)),
        date(2027, 2, 13): DayException(working=True, name="春节"),
    }
    return Announcement(2027, days, "国办发明电〔2026〕0号")


async def announce(tx: AsyncSession, announcement: Announcement | None = None) -> None:
    await announcing.announce(tx, announcement or schedule(), by=BY, now=at(ANNOUNCED))


async def recount(tx: AsyncSession) -> int:
    return await recounting.recount(tx, now=at(ANNOUNCED))


async def events(tx: AsyncSession, name: str) -> list[dict[str, Any]]:
    await tx.flush()
    return [row.body for row in await tx.exec(select(OutboxRow).where(OutboxRow.name == name))]


async def test_announcing_a_year_moves_its_open_clocks_and_says_so(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=date(2026, 11, 5))
    assert (clock.last_day, clock.provisional) == (date(2027, 2, 5), True)

    await announce(tx)
    assert await recount(tx) == 1

    assert (clock.last_day, clock.provisional) == (date(2027, 2, 12), False)
    assert (clock.calendar_version, clock.due_revision) == ("v2", 1)
    [change] = await changes(tx, clock)
    assert (change.what, change.reason, change.actor) == ("calendar", "2027年放假安排公布", "system")
    assert (change.due_before, change.due_after) == (date(2027, 2, 5), date(2027, 2, 12))
    assert change.facts == {"calendar_before": "v1", "calendar_after": "v2"}
    told = await explanation(tx, clock)
    assert "暂定" not in told.sentence
    assert [change.note for change in told.changes] == [
        "到期日由2027-02-05改为2027-02-12：2027年放假安排公布"
    ]
    assert await recount(tx) == 0


async def test_until_its_batch_a_clock_is_explained_under_the_version_it_names(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, on=date(2026, 11, 5))
    await announce(tx)

    told = await explanation(tx, clock)

    assert (told.calendar_version, told.last_day, told.provisional) == ("v1", date(2027, 2, 5), True)
    assert (await calendars.current(tx)).label == "v2"


async def test_a_clock_started_after_an_announcement_needs_no_recount(
    tx: AsyncSession, county: County
) -> None:
    await announce(tx)
    clock = await a_clock(tx, county, on=date(2026, 11, 5))

    assert await recount(tx) == 0
    assert (clock.last_day, clock.calendar_version) == (date(2027, 2, 12), "v2")


async def test_a_date_the_new_calendar_does_not_move_is_only_no_longer_provisional(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, on=date(2026, 12, 8))  # to Monday 8 March 2027
    await announce(tx)
    await recount(tx)

    assert (clock.last_day, clock.provisional, clock.due_revision) == (date(2027, 3, 8), False, 0)
    [change] = await changes(tx, clock)
    assert change.due_before == change.due_after


async def test_a_clock_of_other_years_names_the_new_version_and_nothing_is_noted(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, Kind.ACCEPTANCE, on=NOVEMBER)
    await announce(tx)
    await recount(tx)

    assert (clock.calendar_version, clock.due_revision) == ("v2", 0)
    assert await changes(tx, clock) == []


async def test_a_stopped_clock_keeps_its_date_and_its_version(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=date(2026, 11, 5))
    await service.stop(tx, clock.subject_id, {Kind.REPLY}, reason="reply", now=at(NOVEMBER))
    await announce(tx)

    assert await recount(tx) == 0
    assert (clock.last_day, clock.calendar_version) == (date(2027, 2, 5), "v1")
    await explanation(tx, clock)


async def test_lines_past_at_the_recount_are_superseded_and_the_next_is_planned_anew(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, Kind.ACCEPTANCE_NOTICE, on=date(2026, 12, 27))  # to Sunday, rolled
    assert clock.last_day == date(2027, 1, 4)
    longer = holiday("元旦", date(2027, 1, 1), date(2027, 1, 5))
    await announce(tx, Announcement(2027, {**schedule().days, **longer}))
    await recounting.recount(tx, now=at(date(2026, 12, 31)))

    assert (clock.last_day, clock.looked_through) == (date(2027, 1, 6), at(date(2026, 12, 31)))
    assert (clock.next_line, clock.next_line_at) == (Line.LAST_DAY, local_midnight(date(2027, 1, 6)))


async def test_an_extension_and_then_an_announcement_still_explain_the_date(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, on=date(2026, 11, 5))
    await service.extend(
        tx, clock.subject_id, Kind.REPLY, until=date(2027, 2, 8), reason="x", by=BY, now=at(NOVEMBER)
    )
    await announce(tx)
    await recount(tx)

    told = await explanation(tx, clock)

    assert (clock.last_day, clock.due_revision) == (date(2027, 2, 12), 2)  # the 8th became a holiday
    assert "期满日2027年2月8日是法定节假日（春节），顺延" in told.sentence


async def test_every_open_clock_follows_at_most_two_hundred_a_batch(tx: AsyncSession, county: County) -> None:
    for _ in range(5):
        await a_clock(tx, county, on=date(2026, 11, 5))
    await announce(tx)

    batches = [await recounting.recount(tx, now=at(ANNOUNCED), batch=2) for _ in range(4)]
    assert (batches, recounting.BATCH) == ([2, 2, 1, 0], 200)


async def test_a_clock_that_an_act_holds_waits_for_the_next_batch(
    database: Database, tenant: Tenant, county: County
) -> None:
    try:
        async with database.unit(tenant) as tx:
            held = (await a_clock(tx, county, on=date(2026, 11, 5))).id
            await a_clock(tx, county, on=date(2026, 11, 5))
        async with database.unit(tenant) as tx:
            await announce(tx)
        async with database.unit(tenant) as act:
            await act.exec(select(Deadline).where(Deadline.id == held).with_for_update())
            async with database.unit(tenant) as tx:
                assert await recount(tx) == 1
        async with database.unit(tenant) as tx:
            assert await recount(tx) == 1
            assert await recount(tx) == 0
    finally:
        await undo(database, tenant)


async def undo(database: Database, tenant: Tenant) -> None:
    """The calendar's tables are kept between tests: back to what the seed made."""
    async with database.unit(tenant) as tx:
        await sql(tx, text("DELETE FROM calendar_versions WHERE version > 1"))
        await sql(tx, text("DELETE FROM calendar_days WHERE day >= '2027-01-01'"))
        await sql(tx, text("DELETE FROM calendar_years WHERE year >= 2027"))
        await sql(tx, text("UPDATE calendar_years SET warned_at = NULL"))


async def test_a_settled_version_is_looked_at_no_more_but_only_after_a_while(
    tx: AsyncSession, county: County
) -> None:
    """A unit that began before the announcement may still start a clock under the old version."""
    await announce(tx)
    assert await recount(tx) == 0
    made = await calendars.newest(tx)
    assert made is not None
    assert made.settled_at is None

    made.written_at = machine_now() - recounting.AFTERMATH - timedelta(seconds=1)
    await recount(tx)

    assert made.settled_at is not None


async def test_each_version_is_put_together_again_as_it_was(tx: AsyncSession) -> None:
    first = await calendars.current(tx)
    await announce(tx)
    second = await calendars.current(tx)
    later = schedule(spring=(date(2027, 2, 6), date(2027, 2, 14)))
    await announcing.correct(tx, later, announced=True, by=BY, now=at(ANNOUNCED))
    draft = Announcement(2028, holiday("春节", date(2028, 1, 25), date(2028, 2, 1)))
    await announcing.correct(tx, draft, announced=False, by=BY, now=at(ANNOUNCED))
    calendars._read.clear()  # as another process reads it

    for before in (first, second):
        read = await calendars.named(tx, before.label)
        assert (read.exceptions, read.announced_years) == (before.exceptions, before.announced_years)
    newest = await calendars.named(tx, "v4")
    assert 2028 not in newest.announced_years
    assert not newest.is_working(date(2028, 1, 25))
    assert (await calendars.named(tx, "v3")).is_working(date(2028, 1, 25))
    assert (await calendars.named(tx, "v3")).is_working(date(2027, 2, 5))


async def test_a_version_that_was_rolled_back_is_never_taken_for_the_one_made_in_its_place(
    database: Database, tenant: Tenant
) -> None:
    for spring in ((date(2027, 2, 5), date(2027, 2, 11)), (date(2027, 2, 8), date(2027, 2, 14))):
        async with database.unit(tenant) as tx:
            await announce(tx, schedule(spring))
            calendar = await calendars.current(tx)
            assert calendar.label == "v2"
            assert [calendar.is_working(day) for day in spring] == [False, False]
            await tx.rollback()


async def test_a_year_is_announced_once_and_then_corrected(tx: AsyncSession) -> None:
    await announce(tx)

    with pytest.raises(YearAlreadyAnnounced, match="2027年的放假安排已经公布"):
        await announce(tx)
    assert [event["year"] for event in await events(tx, "calendar.announced")] == [2027]


async def test_a_draft_leaves_dates_provisional(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county, on=date(2026, 11, 5))
    draft = Announcement(2027, holiday("春节", date(2027, 2, 5), date(2027, 2, 11)))
    await announcing.correct(tx, draft, announced=False, by=BY, now=at(ANNOUNCED))
    await recount(tx)

    assert (clock.last_day, clock.provisional) == (date(2027, 2, 12), True)
    with pytest.raises(AnnouncementInvalid, match="缺少元旦（1月1日）"):
        await announcing.correct(tx, draft, announced=True, by=BY, now=at(ANNOUNCED))


async def test_every_year_of_the_seed_may_be_set_again_as_it_is(tx: AsyncSession) -> None:
    """What the table holds is never something that a correction would refuse."""
    before = await calendars.current(tx)
    for year in sorted(before.announced_years):
        days = {row.day: DayException(row.working, row.name) for row in await announcing.days_of(tx, year)}
        await announcing.correct(tx, Announcement(year, days), announced=True, by=BY, now=at(ANNOUNCED))

    after = await calendars.current(tx)
    assert (after.exceptions, after.announced_years) == (before.exceptions, before.announced_years)


# Running out.


async def untold(tx: AsyncSession) -> None:
    """A worker of another test may have told of this year: the calendar's tables are kept."""
    await sql(tx, text("UPDATE calendar_years SET warned_at = NULL"))


@pytest.mark.parametrize(
    ("today", "told"), [(date(2026, 10, 31), 0), (date(2026, 11, 1), 1), (date(2027, 3, 1), 1)]
)
async def test_sixty_days_before_the_last_announced_day_the_operator_is_told(
    tx: AsyncSession, today: date, told: int
) -> None:
    await untold(tx)

    assert await jobs.watch_calendar(tx, at(today)) == told
    assert await jobs.watch_calendar(tx, at(today)) == 0

    assert (
        await events(tx, "calendar.running_out")
        == [{"announced_through": "2026-12-31", "next_year": 2027}] * told
    )


async def test_the_next_period_is_told_anew(tx: AsyncSession) -> None:
    await untold(tx)
    await jobs.watch_calendar(tx, at(date(2026, 11, 2)))
    await announce(tx)

    assert await jobs.watch_calendar(tx, at(date(2026, 11, 25))) == 0
    assert await jobs.watch_calendar(tx, at(date(2027, 11, 2))) == 1
    assert [e["announced_through"] for e in await events(tx, "calendar.running_out")] == [
        "2026-12-31",
        "2027-12-31",
    ]
