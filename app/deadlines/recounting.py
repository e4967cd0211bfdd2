"""Open clocks follow the newest calendar, batch by batch; each date that moves leaves a DeadlineChange."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries
from app.deadlines.arithmetic import TimeLimit, WorkingCalendar, due
from app.deadlines.changing import Why, move
from app.deadlines.limits import limit_of
from app.deadlines.models import CalendarVersion, ChangeKind, Deadline, DeadlineChange
from app.deadlines.planning import plan_next
from app.kernel.clock import machine_now

BATCH = 200
# A unit that began before the version was made may still start a clock under the one before it.
AFTERMATH = timedelta(minutes=10)
BY = "system"


async def recount(tx: AsyncSession, *, now: datetime, batch: int = BATCH) -> int:
    """Count open clocks anew under the newest calendar, at most a batch; 0 when none is left."""
    version = await calendars.newest(tx)
    if version is None or version.settled_at is not None:
        return 0
    calendar = await calendars.current(tx)
    found = await _behind(tx, calendar, batch)
    changes = await queries.changes_of_all(tx, [clock.id for clock in found])
    for clock in found:
        _follow(tx, clock, changes.get(clock.id, ()), calendar, version, now=now)
    if not found and machine_now() - (version.written_at or version.made_at) > AFTERMATH:
        version.settled_at = machine_now()
    return len(found)


async def _behind(tx: AsyncSession, calendar: WorkingCalendar, batch: int) -> Sequence[Deadline]:
    """Open clocks of older versions; rows that an act holds are left for the next batch."""
    rows = await tx.exec(
        select(Deadline)
        .where(Deadline.calendar_version != calendar.label, col(Deadline.stopped_at).is_(None))
        .order_by(col(Deadline.id))
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


def _follow(
    tx: AsyncSession,
    clock: Deadline,
    changes: Sequence[DeadlineChange],
    calendar: WorkingCalendar,
    version: CalendarVersion,
    *,
    now: datetime,
) -> None:
    """Move the clock if its date or its being provisional changes; else it only names the new version."""
    limit = limit_of(clock, changes)
    if _stays(clock, limit, calendar):
        clock.calendar_version = calendar.label
        plan_next(clock, calendar)
        return
    facts = {"calendar_before": clock.calendar_version, "calendar_after": calendar.label}
    move(tx, clock, limit, calendar, Why(ChangeKind.CALENDAR, version.what, BY, now, facts))


def _stays(clock: Deadline, limit: TimeLimit, calendar: WorkingCalendar) -> bool:
    ends = due(limit, calendar)
    return (ends.last_day, ends.provisional) == (clock.last_day, clock.provisional)
