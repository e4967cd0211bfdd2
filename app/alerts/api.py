"""`/api/v1/alerts`: what is due soon or overdue. The whole trail of one alert is in notifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.alerts import queries, service
from app.alerts.presenting import shown
from app.alerts.schemas import AlertOut, AlertQuery
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of

router = APIRouter(prefix="/alerts", tags=["alerts"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.ALERT_READ))]


@router.get("")
async def alerts(asked: Annotated[AlertQuery, Query()], actor: Reader, tx: Tx, now: Now) -> PageOut[AlertOut]:
    """Newest first; `open=true` leaves out what has been done or has a new due date."""
    rows = await queries.listed(
        tx, actor, open_only=asked.open is True, after=asked.after, limit=asked.limit + 1
    )
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row[0].noticed_at, row[0].id))
    titles = await queries.titles(tx, [alert.root_id for alert, _ in page.items], actor)
    items = [shown(alert, clock, title=titles.get(alert.root_id), now=now) for alert, clock in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("/{id}/acknowledgement", status_code=204)
async def acknowledge(id: UUID, actor: Reader, tx: Tx, now: Now) -> None:
    """Say that you have seen it (已阅); the clock runs on."""
    alert, _ = await queries.seen(tx, id, actor)
    await service.acknowledge(tx, alert, actor, now=now)
