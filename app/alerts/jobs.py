"""The sweep over clocks whose next line has come."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts import service
from app.deadlines import calendars
from app.deadlines import queries as clocks
from app.infra.jobs import job

BATCH = 200


@job("alerts.cross_lines", cron="*/10 * * * * *")
async def cross_lines(tx: AsyncSession, now: datetime) -> int:
    """Record the lines that open clocks have reached since the last look; returns how many clocks."""
    found = await clocks.to_look_at(tx, now=now, limit=BATCH)
    if not found:
        return 0
    calendar = await calendars.current(tx)
    for clock in found:
        await service.look(tx, clock, calendar, now=now)
    return len(found)
