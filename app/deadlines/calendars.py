"""The working calendar as rows: seeded, versioned, read once per version.

The rows are those of the newest version. A version replaces one year and keeps what that year was before:
an older version is the newest with those replacements undone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.arithmetic import DayException, WorkingCalendar
from app.deadlines.calendar_seed import seed_calendar
from app.deadlines.models import CalendarDay, CalendarVersion, CalendarYear
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now

KEPT = 64  # calendars held by a process, of all tenants and versions

Key = tuple[str, bytes, int, UUID | None]
_read: dict[Key, WorkingCalendar] = {}


async def seed(tx: AsyncSession, *, now: datetime) -> None:
    """Fill an empty calendar with the announced years the library knows; a second call does nothing."""
    if await newest(tx):
        return
    known = seed_calendar()
    written = machine_now()
    first = CalendarVersion(
        version=1, what=f"预置：{known.label}", made_at=now, written_at=written, settled_at=written
    )
    tx.add(first)
    tx.add_all(CalendarYear(year=year, state="announced") for year in sorted(known.announced_years))
    tx.add_all(
        CalendarDay(day=day, working=exception.working, name=exception.name)
        for day, exception in known.exceptions.items()
    )
    await tx.flush()


async def current(tx: AsyncSession) -> WorkingCalendar:
    """The newest version. Kept per process and version: a version never changes."""
    row = (
        await tx.exec(
            select(CalendarVersion.version, CalendarVersion.stamp)
            .order_by(col(CalendarVersion.version).desc())
            .limit(1)
        )
    ).first()
    return await _version(tx, *(row or (0, None)))


async def named(tx: AsyncSession, label: str) -> WorkingCalendar:
    """The version that a deadline names, as it was; one that is not known reads as the newest."""
    found = await tx.exec(
        select(CalendarVersion.version, CalendarVersion.stamp).where(
            CalendarVersion.version == int(label.removeprefix("v"))
        )
    )
    row = found.first()
    return await _version(tx, *row) if row else await current(tx)


async def newest(tx: AsyncSession) -> CalendarVersion | None:
    rows = await tx.exec(select(CalendarVersion).order_by(col(CalendarVersion.version).desc()).limit(1))
    return rows.first()


async def _version(tx: AsyncSession, version: int, stamp: UUID | None) -> WorkingCalendar:
    """`stamp` keeps a version that was rolled back apart from the one made in its place."""
    vault = vault_of(tx)
    key = (vault.slug, vault.index_key, version, stamp)
    if key not in _read:
        if len(_read) >= KEPT:
            _read.clear()
        _read[key] = await _load(tx, version)
    return _read[key]


async def _load(tx: AsyncSession, version: int) -> WorkingCalendar:
    days = await tx.exec(select(CalendarDay))
    years = await tx.exec(select(CalendarYear.year).where(col(CalendarYear.state) == "announced"))
    exceptions = {row.day: DayException(row.working, row.name) for row in days}
    announced = set(years)
    for later in await _later(tx, version):
        _undo(later, exceptions, announced)
    return WorkingCalendar(f"v{version}", exceptions, frozenset(announced))


async def _later(tx: AsyncSession, version: int) -> Sequence[CalendarVersion]:
    """Versions after this one, the newest first."""
    rows = await tx.exec(
        select(CalendarVersion)
        .where(CalendarVersion.version > version)
        .order_by(col(CalendarVersion.version).desc())
    )
    return rows.all()


def _undo(version: CalendarVersion, exceptions: dict[date, DayException], announced: set[int]) -> None:
    """Put the year that this version replaced back to what it was before."""
    if version.year is None or version.replaced is None:
        return
    for day in [day for day in exceptions if day.year == version.year]:
        del exceptions[day]
    exceptions.update(days_of(version.replaced))
    announced.discard(version.year)
    if version.replaced["state"] == "announced":
        announced.add(version.year)


def days_of(replaced: Mapping[str, Any]) -> dict[date, DayException]:
    return {
        date.fromisoformat(day): DayException(working, name)
        for day, (working, name) in replaced["days"].items()
    }
