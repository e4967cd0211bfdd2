"""`/api/v1/inbox`, and the whole trail of an alert: crossed when, told to whom, by what, with what result."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import CurrentActor, holding
from app.accounts.models import Account
from app.accounts.permissions import Permission
from app.alerts import queries as alerts
from app.alerts.presenting import shown
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor
from app.notifications import queries
from app.notifications.models import Channel, Delivery, DeliveryState, InboxItem
from app.notifications.schemas import AcknowledgementOut, AlertTrailOut, DeliveryOut, InboxItemOut

router = APIRouter(tags=["alerts"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.ALERT_READ))]


@router.get("/inbox")
async def inbox(asked: Annotated[ListQuery, Query()], actor: CurrentActor, tx: Tx) -> PageOut[InboxItemOut]:
    """My messages, newest first."""
    rows = await queries.inbox(tx, actor.id, after=asked.after, limit=asked.limit + 1)
    return paged(rows, asked.limit, InboxItemOut, key=lambda item: Cursor(item.created_at, item.id))


@router.post("/inbox/{id}/read")
async def read(id: UUID, actor: CurrentActor, tx: Tx, now: Now) -> InboxItemOut:
    """I have read it; the first time counts."""
    item = await queries.own_item_for_update(tx, id, actor.id)
    item.read_at = item.read_at or now
    return InboxItemOut.model_validate(item)


@router.get("/alerts/{id}")
async def alert_trail(id: UUID, actor: Reader, tx: Tx, now: Now) -> AlertTrailOut:
    """One alert: the line, when it was crossed, and every delivery."""
    alert, clock = await alerts.seen(tx, id, actor)
    titles = await alerts.titles(tx, [alert.root_id], actor)
    summary = shown(alert, clock, title=titles.get(alert.root_id), now=now)
    noted = await alerts.acknowledgements(tx, id)
    return AlertTrailOut(
        **summary.model_dump(),
        deliveries=[_delivery(*row) for row in await queries.trail(tx, id)],
        acknowledgements=[AcknowledgementOut.model_validate(row) for row in noted],
    )


def _delivery(delivery: Delivery, person: Account, item: InboxItem | None) -> DeliveryOut:
    return DeliveryOut(
        person=person.name,
        channel=Channel(delivery.channel),
        state=DeliveryState(delivery.state),
        attempts=delivery.attempts,
        at=delivery.delivered_at,
        read_at=item.read_at if item else None,
        reason=delivery.reason,
        fell_back=delivery.fell_back,
    )
