"""Changing the working calendar: each change replaces one year and makes a version, which holds at once.

Open clocks follow in batches (`recounting`); until its turn a clock is right under the version it names.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars
from app.deadlines.announcements import Announcement, check
from app.deadlines.arithmetic import DayException
from app.deadlines.errors import YearAlreadyAnnounced
from app.deadlines.events import CalendarAnnounced
from app.deadlines.models import CalendarDay, CalendarVersion, CalendarYear
from app.infra import audit, outbox
from app.infra.db import sql
from app.kernel.clock import machine_now

ALONE = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('rules'))")


async def announce(
    tx: AsyncSession, announcement: Announcement, *, by: str, now: datetime
) -> CalendarVersion:
    """A year's schedule was announced. Raises AnnouncementInvalid, YearAlreadyAnnounced."""
    check(announcement)
    await lock(tx)
    year = await tx.get(CalendarYear, announcement.year)
    if year is not None and year.state == "announced":
        raise YearAlreadyAnnounced(announcement.year)
    what = f"{announcement.year}年放假安排公布"
    return await _replace(tx, announcement, "announced", what, by=by, now=now)


async def correct(
    tx: AsyncSession, announcement: Announcement, *, announced: bool, by: str, now: datetime
) -> CalendarVersion:
    """Set a year as the office knows it: a correction, or a draft while nothing is announced."""
    check(announcement, whole=announced)
    state = "announced" if announced else "provisional"
    return await _replace(tx, announcement, state, f"{announcement.year}年工作日历更正", by=by, now=now)


async def lock(tx: AsyncSession) -> None:
    """One change of calendar or rules at a time: a version is made from the one before it."""
    await sql(tx, ALONE)


async def days_of(tx: AsyncSession, year: int) -> list[CalendarDay]:
    """The year's days in the newest version, by date."""
    rows = await tx.exec(select(CalendarDay).where(_in(year)).order_by(col(CalendarDay.day)))
    return list(rows.all())


def _in(year: int) -> ColumnElement[bool]:
    return col(CalendarDay.day).between(date(year, 1, 1), date(year, 12, 31))


async def _replace(
    tx: AsyncSession, announcement: Announcement, state: str, what: str, *, by: str, now: datetime
) -> CalendarVersion:
    row = await tx.get(CalendarYear, announcement.year)
    before = await days_of(tx, announcement.year)
    made = await _version(tx, announcement.year, what, _kept(row, before), by=by, now=now)
    await _put_days(tx, announcement)
    year = row or CalendarYear(year=announcement.year, state=state)
    year.state, year.source = state, announcement.source or year.source
    tx.add(year)
    _tell(tx, made, by=by, now=now)
    await tx.flush()
    return made


def _kept(year: CalendarYear | None, days: list[CalendarDay]) -> dict[str, Any]:
    return {
        "state": year.state if year else None,
        "days": {row.day.isoformat(): [row.working, row.name] for row in days},
    }


async def _version(
    tx: AsyncSession, year: int, what: str, replaced: dict[str, Any], *, by: str, now: datetime
) -> CalendarVersion:
    newest = await calendars.newest(tx)
    made = CalendarVersion(
        version=(newest.version if newest else 0) + 1,
        what=what,
        made_at=now,
        made_by=by,
        written_at=machine_now(),
        year=year,
        replaced=replaced,
    )
    tx.add(made)
    await tx.flush()
    return made


async def _put_days(tx: AsyncSession, announcement: Announcement) -> None:
    for old in await days_of(tx, announcement.year):
        await tx.delete(old)
    await tx.flush()  # the old rows go first: the new ones have their keys
    tx.add_all(_row(day, exception) for day, exception in announcement.days.items())


def _row(day: date, exception: DayException) -> CalendarDay:
    return CalendarDay(day=day, working=exception.working, name=exception.name)


def _tell(tx: AsyncSession, made: CalendarVersion, *, by: str, now: datetime) -> None:
    assert made.year is not None
    outbox.record(tx, CalendarAnnounced(year=made.year, version=made.version), now=now)
    audit.note(
        tx,
        "calendar.change",
        actor=by,
        subject_kind="calendar",
        subject_id=made.stamp,
        now=now,
        fields=[str(made.year)],
    )
