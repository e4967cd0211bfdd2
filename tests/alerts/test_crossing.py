"""Lines are crossed at local midnight, once, and never un-crossed."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.jobs import cross_lines
from app.alerts.models import Alert
from app.alerts.service import look, record_history
from app.deadlines import calendars
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.infra.db import Database, sql
from app.infra.outbox import OutboxRow
from app.infra.tenants import Tenant
from tests.alerts.clocks import a_clock
from tests.people import County

MIDNIGHT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # 00:00 on 1 December in Shanghai
JUST_BEFORE = MIDNIGHT - timedelta(microseconds=1)
MUCH_LATER = datetime(2027, 3, 1, tzinfo=UTC)


async def alerts(tx: AsyncSession) -> list[Alert]:
    return list((await tx.exec(select(Alert).order_by(col(Alert.crossed_at)))).all())


async def events(tx: AsyncSession) -> list[OutboxRow]:
    await tx.flush()
    rows = await tx.exec(select(OutboxRow).where(OutboxRow.name == "deadline.line_crossed"))
    return list(rows.all())


async def test_overdue_at_local_midnight_after_the_last_day_and_once(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county)

    await cross_lines(tx, JUST_BEFORE)
    assert Line.OVERDUE not in {alert.line for alert in await alerts(tx)}

    assert await cross_lines(tx, MIDNIGHT) == 1
    assert await cross_lines(tx, MIDNIGHT) == 0
    [alert] = [alert for alert in await alerts(tx) if alert.line == Line.OVERDUE]
    assert (alert.crossed_at, alert.noticed_at, alert.subject_id) == (MIDNIGHT, MIDNIGHT, clock.id)
    assert alert.recipients == ["unit_officer", "unit_head", "congress_office"]
    [event] = [event for event in await events(tx) if event.body["line"] == "overdue"]
    assert event.body["alert_id"] == str(alert.id)


async def test_two_sweeps_at_the_same_time_give_one_alert(
    database: Database, tenant: Tenant, county: County
) -> None:
    async with database.unit(tenant) as tx:
        await a_clock(tx, county)
    async with database.unit(tenant) as one, database.unit(tenant) as two:
        looked_at = await asyncio.gather(cross_lines(one, MIDNIGHT), cross_lines(two, MIDNIGHT))
    assert sorted(looked_at) == [0, 1]
    async with database.unit(tenant) as tx:
        lines = [alert.line for alert in await alerts(tx)]
        assert len(lines) == len(set(lines)) == len(await events(tx))
        assert Line.OVERDUE in lines


async def test_the_database_refuses_a_line_already_known(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county)
    started_looking = clock.looked_through
    await cross_lines(tx, MIDNIGHT)
    known = len(await alerts(tx))
    clock.looked_through, clock.next_line_at = started_looking, JUST_BEFORE  # as if never looked at
    await tx.flush()

    assert await cross_lines(tx, MIDNIGHT) == 1
    assert (len(await alerts(tx)), len(await events(tx))) == (known, known)


async def test_moving_business_time_back_never_uncrosses_a_line(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county)
    await cross_lines(tx, MIDNIGHT)
    known = len(await alerts(tx))

    earlier = JUST_BEFORE - timedelta(days=3)
    assert await cross_lines(tx, earlier) == 0
    assert await look(tx, clock, await calendars.current(tx), now=earlier) == 0
    assert clock.looked_through == MIDNIGHT
    assert await cross_lines(tx, MIDNIGHT) == 0
    assert len(await alerts(tx)) == known


async def test_a_clock_that_moved_far_crosses_every_line_of_its_ladder(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county)
    await cross_lines(tx, MUCH_LATER)
    lines = [alert.line for alert in await alerts(tx)]
    assert lines == ["due_soon", "last_day", "overdue", "overdue_3", "overdue_10"]
    assert (clock.next_line, clock.next_line_at) == (None, None)


async def test_a_window_is_never_overdue(tx: AsyncSession, county: County) -> None:
    await a_clock(tx, county, Kind.RETURN_WINDOW)
    await cross_lines(tx, MUCH_LATER)
    assert {alert.line for alert in await alerts(tx)} <= {"due_soon", "last_day"}
    assert "last_day" in {alert.line for alert in await alerts(tx)}


async def test_a_stopped_clock_crosses_nothing(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county)
    clock.stopped_at = JUST_BEFORE
    await tx.flush()
    assert await cross_lines(tx, MUCH_LATER) == 0
    assert await alerts(tx) == []


async def test_a_new_due_date_crosses_its_lines_anew(tx: AsyncSession, county: County) -> None:
    clock = await a_clock(tx, county)
    await cross_lines(tx, MIDNIGHT)
    clock.due_revision += 1
    clock.last_day += timedelta(days=7)
    clock.due_at += timedelta(days=7)
    clock.next_line_at = clock.due_at
    await tx.flush()
    await cross_lines(tx, MIDNIGHT + timedelta(days=7))
    overdue = [alert.occurrence for alert in await alerts(tx) if alert.line == Line.OVERDUE]
    assert overdue == [0, 1]


async def test_lines_before_an_import_are_kept_as_history_and_no_consumer_hears_of_them(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, historic=True)
    await record_history(tx, [clock], now=MIDNIGHT)
    assert await record_history(tx, [clock], now=MIDNIGHT) == 0

    assert [alert.line for alert in await alerts(tx)] == ["due_soon", "last_day", "overdue"]
    assert all(alert.historic for alert in await alerts(tx))
    assert all(event.relayed for event in await events(tx))
    assert await cross_lines(tx, MIDNIGHT) == 0

    await cross_lines(tx, MUCH_LATER)  # what comes after the import is told
    assert [a.line for a in await alerts(tx) if not a.historic] == ["overdue_3", "overdue_10"]


async def test_a_clock_stopped_before_its_import_has_only_the_lines_it_had_crossed(
    tx: AsyncSession, county: County
) -> None:
    clock = await a_clock(tx, county, historic=True)
    clock.stopped_at = JUST_BEFORE
    await record_history(tx, [clock], now=MUCH_LATER)
    assert [alert.line for alert in await alerts(tx)] == ["due_soon", "last_day"]


async def test_every_batch_of_a_sweep_gets_on(database: Database, tenant: Tenant, county: County) -> None:
    """A looked-at clock is not found again: the job ends."""
    async with database.unit(tenant) as tx:
        for _ in range(3):
            await a_clock(tx, county)
    async with database.unit(tenant) as tx:
        assert await cross_lines(tx, MUCH_LATER) == 3
    async with database.unit(tenant) as tx:
        assert await cross_lines(tx, MUCH_LATER) == 0
        assert (await tx.exec(select(Deadline).where(col(Deadline.next_line_at).is_not(None)))).all() == []


async def test_a_clock_that_cannot_be_looked_at_holds_up_no_other_and_is_tried_again_in_an_hour(
    database: Database, tenant: Tenant, county: County
) -> None:
    async with database.unit(tenant) as tx:
        bad = (await a_clock(tx, county)).id
        good = [(await a_clock(tx, county)).id for _ in range(2)]
    async with database.unit(tenant) as tx:
        await sql(tx, text("UPDATE deadlines SET ladder = '[]' WHERE id = :id"), {"id": bad})
    for looked_at in (3, 0):
        async with database.unit(tenant) as tx:
            assert await cross_lines(tx, MIDNIGHT) == looked_at
    async with database.unit(tenant) as tx:
        assert {alert.subject_id for alert in await alerts(tx)} == set(good)
        clock = await tx.get_one(Deadline, bad)
        assert clock.next_line_at == MIDNIGHT + timedelta(hours=1)
        clock.ladder = {}
    async with database.unit(tenant) as tx:
        assert await cross_lines(tx, MIDNIGHT + timedelta(hours=1)) == 1
        assert {alert.subject_id for alert in await alerts(tx)} == {bad, *good}
