"""`/api/v1/alerts`: what is due soon, overdue or silent. The whole trail of one alert is in notifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.alerts import answering, queries
from app.alerts.boards import board
from app.alerts.models import LineSetting, Undertaking
from app.alerts.presenting import line_of, shown
from app.alerts.schemas import (
    AlertOut,
    AlertQuery,
    BoardOut,
    LineSettingIn,
    LineSettingOut,
    LineSettingsOut,
    UndertakingIn,
    UndertakingOut,
)
from app.alerts.signals import Setting
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of

router = APIRouter(tags=["alerts"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.ALERT_READ))]
Figures = Annotated[Actor, Depends(holding(Permission.STATISTICS_READ))]
Rules = Annotated[Actor, Depends(holding(Permission.RULES_MANAGE))]


@router.get("/alerts")
async def alerts(asked: Annotated[AlertQuery, Query()], actor: Reader, tx: Tx, now: Now) -> PageOut[AlertOut]:
    """Newest first; `open=true` leaves out what has been done or has a new due date."""
    rows = await queries.listed(
        tx, actor, open_only=asked.open is True, after=asked.after, limit=asked.limit + 1
    )
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.alert.noticed_at, row.alert.id))
    titles = await queries.titles(tx, [row.alert.root_id for row in page.items], actor)
    items = [shown(row, title=titles.get(row.alert.root_id), now=now) for row in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("/alerts/{id}/acknowledgement", status_code=204)
async def acknowledge(id: UUID, actor: Reader, tx: Tx, now: Now) -> None:
    """Say that you have seen it (已阅); the clock runs on."""
    found = await queries.seen(tx, id, actor)
    await answering.acknowledge(tx, found.alert, actor, now=now)


@router.post("/alerts/{id}/undertaking", status_code=201, response_model=UndertakingOut)
async def undertake(id: UUID, body: UndertakingIn, actor: Reader, tx: Tx, now: Now) -> Undertaking:
    """Say by which day it will be done, and why not yet: at most five working days; overdue stays overdue."""
    found = await queries.seen(tx, id, actor)
    return await answering.undertake(tx, found, actor, until=body.until, reason=body.reason, now=now)


@router.get("/alert-lines")
async def lines(actor: Rules, tx: Tx) -> LineSettingsOut:
    """Every line: told or not, and after how many working days."""
    found = await queries.settings(tx)
    items = [LineSettingOut(line=line_of(name), enabled=s.enabled, days=s.days) for name, s in found.items()]
    return LineSettingsOut(items=items)


@router.put("/alert-lines/{line}", response_model=LineSettingOut)
async def set_line(line: str, body: LineSettingIn, actor: Rules, tx: Tx, now: Now) -> LineSetting:
    """Switch one line on or off for this county, or draw it after more or fewer working days."""
    return await answering.set_line(tx, line, Setting(body.enabled, body.days), actor, now=now)


@router.get("/boards/units")
async def units_board(actor: Figures, tx: Tx, now: Now) -> BoardOut:
    """Handling units by name, each with its open duties by light (绿黄红)."""
    return BoardOut(items=await board(tx, actor, by="unit", now=now))


@router.get("/boards/townships")
async def townships_board(actor: Figures, tx: Tx, now: Now) -> BoardOut:
    """Townships and streets by name, each with its open duties by light (绿黄红)."""
    return BoardOut(items=await board(tx, actor, by="township", now=now))
