"""The sweeps: over clocks whose next line has come, over what has fallen silent, over others' events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts import detecting, hearing, service
from app.deadlines import calendars
from app.deadlines import queries as clocks
from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.models import Deadline
from app.infra import outbox
from app.infra.db import passing
from app.infra.jobs import job, savepoint
from app.infra.logs import log

BATCH = 200
CONSUMER = "alerts"
POISONED_AGAIN = timedelta(hours=1)


@job("alerts.cross_lines", cron="*/10 * * * * *")
async def cross_lines(tx: AsyncSession, now: datetime) -> int:
    """Record the lines that open clocks have reached since the last look; returns how many clocks."""
    found = await clocks.to_look_at(tx, now=now, limit=BATCH)
    if not found:
        return 0
    calendar, ids = await calendars.current(tx), [clock.id for clock in found]
    if not await _looked_at(tx, ids, calendar, now=now):
        for id in ids:
            await _look_or_set_aside(tx, id, calendar, now=now)
    return len(ids)


async def _look_or_set_aside(tx: AsyncSession, id: UUID, calendar: WorkingCalendar, *, now: datetime) -> None:
    """A clock that cannot be looked at holds up no other, and is tried again in an hour."""
    if not await _looked_at(tx, [id], calendar, now=now):
        clock = await tx.get_one(Deadline, id, populate_existing=True)
        clock.next_line_at = now + POISONED_AGAIN


async def _looked_at(
    tx: AsyncSession, ids: Sequence[UUID], calendar: WorkingCalendar, *, now: datetime
) -> bool:
    """False if one of them cannot be looked at; then nothing of any has been written."""
    try:
        async with savepoint(tx):
            found = [await tx.get_one(Deadline, id) for id in ids]  # at hand already, unless undone
            await service.look_at_all(tx, found, calendar, now=now)
    except Exception as error:
        if passing(error):
            raise
        if len(ids) == 1:
            log.exception("clock set aside", deadline=str(ids[0]))
        return False
    return True


@job("alerts.stalled", cron="20 */10 * * * *")
async def stalled(tx: AsyncSession, now: datetime) -> int:
    """Open assignments on which nobody has acted for so many working days."""
    return await detecting.stalled(tx, now=now, limit=BATCH)


@job("alerts.no_sign_of_life", cron="40 5 * * * *")
async def no_sign_of_life(tx: AsyncSession, now: datetime) -> int:
    """Units with open assignments where nobody has logged in or acted."""
    return await detecting.silent_units(tx, now=now, limit=BATCH)


@job("alerts.read_feed", cron="*/5 * * * * *")
async def read_feed(tx: AsyncSession, now: datetime) -> int:
    """Urges, slips and the calendar's end, from other domains' events."""
    return await outbox.consume(tx, CONSUMER, hearing.hear, now=now)
