"""The working calendar as rows: seeded, versioned, read once per version."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.arithmetic import DayException, WorkingCalendar
from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.models import CalendarDay, CalendarVersion, CalendarYear
from app.infra.crypto import vault_of

_read: dict[tuple[str, bytes, int], WorkingCalendar] = {}


async def seed(tx: AsyncSession, *, now: datetime) -> None:
    """Fill an empty calendar with the announced years the library knows; a second call does nothing."""
    if await _version(tx):
        return
    known = seed_calendar()
    tx.add(CalendarVersion(version=1, what=f"预置：{known.label}", made_at=now))
    tx.add_all(CalendarYear(year=year, state="announced") for year in sorted(known.announced_years))
    tx.add_all(
        CalendarDay(day=day, working=exception.working, name=exception.name)
        for day, exception in known.exceptions.items()
    )
    await tx.flush()


async def current(tx: AsyncSession) -> WorkingCalendar:
    """The newest version. Kept per process and version: a version never changes."""
    version = await _version(tx)
    vault = vault_of(tx)
    key = (vault.slug, vault.index_key, version)
    if key not in _read:
        _read[key] = await _load(tx, version)
    return _read[key]


async def _version(tx: AsyncSession) -> int:
    newest = await tx.exec(select(func.max(CalendarVersion.version)))
    return newest.one() or 0


async def _load(tx: AsyncSession, version: int) -> WorkingCalendar:
    days = await tx.exec(select(CalendarDay))
    years = await tx.exec(select(CalendarYear.year).where(col(CalendarYear.state) == "announced"))
    exceptions = {row.day: DayException(row.working, row.name) for row in days}
    return WorkingCalendar(f"v{version}", exceptions, frozenset(years))
