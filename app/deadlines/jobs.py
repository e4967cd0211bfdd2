"""Keeping dates true as the calendar changes, and warning before it runs out."""

from datetime import datetime, timedelta

from prometheus_client import Gauge
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, recounting
from app.deadlines.events import CalendarRunningOut
from app.deadlines.models import CalendarYear
from app.infra import outbox
from app.infra.crypto import vault_of
from app.infra.jobs import job
from app.kernel.clock import local_date

WARN_BEFORE = timedelta(days=60)  # the State Council announces a year around the November before
DAYS_LEFT = Gauge("lianluo_calendar_days_left", "Days of announced working calendar left", ["tenant"])


@job("deadlines.recount", cron="*/10 * * * * *")
async def recount(tx: AsyncSession, now: datetime) -> int:
    """Open clocks follow a changed calendar, at most 200 a time."""
    return await recounting.recount(tx, now=now)


@job("deadlines.watch_calendar", cron="0 0 9 * * *")
async def watch_calendar(tx: AsyncSession, now: datetime) -> int:
    """From 60 days before the last announced day: one event for that day (`calendar.running_out`)."""
    through = (await calendars.current(tx)).announced_through
    left = through - local_date(now)
    DAYS_LEFT.labels(vault_of(tx).slug).set(left.days)
    year = await tx.get(CalendarYear, through.year)
    if left > WARN_BEFORE or year is None or year.warned_at is not None:
        return 0
    year.warned_at = now
    outbox.record(tx, CalendarRunningOut(announced_through=through, next_year=through.year + 1), now=now)
    return 1
