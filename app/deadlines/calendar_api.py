"""`/api/v1/calendar`: the working calendar, year by year; an announcement recounts what it touches."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.accounts.actor import Actor
from app.accounts.deps import CurrentActor
from app.deadlines import announcing, calendars
from app.deadlines.announcements import (
    FIRST_YEAR,
    LAST_YEAR,
    Announcement,
    AnnouncementInvalid,
    collected,
    read_announcement,
)
from app.deadlines.arithmetic import DayException
from app.deadlines.errors import RulesOfCounty
from app.deadlines.models import CalendarDay, CalendarYear
from app.deadlines.schemas import AnnouncementIn, CalendarDayOut, CalendarIn, CalendarOut, DayIn
from app.deadlines.visibility import rules_in_care_of
from app.infra import preconditions
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute

router = APIRouter(prefix="/calendar", tags=["rules"], route_class=UnitRoute)


async def keeper(actor: CurrentActor) -> Actor:
    """Who keeps the county's rules and calendar."""
    if not rules_in_care_of(actor):
        raise RulesOfCounty
    return actor


Keeper = Annotated[Actor, Depends(keeper)]
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.get("/{year}")
async def calendar_year(year: Year, _: CurrentActor, tx: Tx, response: Response) -> CalendarOut:
    """The days of a year that their weekday does not explain; never an error for a year not announced."""
    return await _shown(tx, year, response)


@router.put("/{year}")
async def correct_year(
    year: Year, body: CalendarIn, actor: Keeper, tx: Tx, now: Now, request: Request, response: Response
) -> CalendarOut:
    """Replace a year; needs If-Match with the calendar's version. Open clocks are counted anew."""
    await _fresh(tx, request)
    announcement = Announcement(year, _days(body.days), body.source)
    announced = body.state == "announced"
    await announcing.correct(tx, announcement, announced=announced, by=actor.label, now=now)
    return await _shown(tx, year, response)


@router.post("/{year}/announcement", status_code=201)
async def announce_year(
    year: Year, body: AnnouncementIn, actor: Keeper, tx: Tx, now: Now, request: Request, response: Response
) -> CalendarOut:
    """The State Council announced the year: its dates are no longer provisional, open clocks follow."""
    await _fresh(tx, request)
    await announcing.announce(tx, _announcement(year, body), by=actor.label, now=now)
    return await _shown(tx, year, response)


def _announcement(year: int, body: AnnouncementIn) -> Announcement:
    if body.text is None:
        return Announcement(year, _days(body.days), body.source)
    read = read_announcement(body.text)
    if read.year != year:
        raise AnnouncementInvalid(f"是 {read.year} 年的，不是 {year} 年的")
    return Announcement(year, read.days, body.source or read.source)


def _days(days: Iterable[DayIn]) -> dict[date, DayException]:
    return collected((day.date, DayException(day.working, day.name), None) for day in days)


async def _fresh(tx: Tx, request: Request) -> None:
    """Nobody else changes the calendar until the end of this unit, nor has since it was read."""
    await announcing.lock(tx)
    preconditions.check(request, await _version(tx))


async def _version(tx: Tx) -> int:
    newest = await calendars.newest(tx)
    return newest.version if newest else 0


async def _shown(tx: Tx, year: int, response: Response) -> CalendarOut:
    row = await tx.get(CalendarYear, year)
    version = await _version(tx)
    preconditions.mark(response, version)
    return CalendarOut(
        year=year,
        state=row.state if row else "provisional",
        source=row.source if row else None,
        version=version,
        announced_through=(await calendars.current(tx)).announced_through,
        days=[_day(day) for day in await announcing.days_of(tx, year)],
    )


def _day(row: CalendarDay) -> CalendarDayOut:
    return CalendarDayOut(date=row.day, working=row.working, name=row.name)
