"""What is stuck, and the routing: for the operator and the keeper of the rules."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import EPOCH, Cursor, page_of
from app.notifications import operating, queries
from app.notifications.channels import Channel
from app.notifications.models import Delivery, DeliveryState
from app.notifications.schemas import ParkedEventOut, ParkedEventsOut, RoutingIn, RoutingOut, StuckOut

router = APIRouter(tags=["alerts"], route_class=UnitRoute)
Operator = Annotated[Actor, Depends(holding(Permission.DELIVERY_MANAGE))]
Rules = Annotated[Actor, Depends(holding(Permission.RULES_MANAGE))]


@router.get("/stuck-deliveries")
async def stuck(asked: Annotated[ListQuery, Query()], actor: Operator, tx: Tx) -> PageOut[StuckOut]:
    """Parked after five attempts, or sent and nobody knows whether it arrived; newest first."""
    rows = await operating.stuck(tx, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(EPOCH, row[0].id))
    return PageOut(items=[_stuck(*row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/stuck-deliveries/{id}/replay", status_code=204)
async def replay(id: UUID, actor: Operator, tx: Tx, now: Now) -> None:
    """Send it anew, if it is still true. One whose arrival is unknown may be heard twice."""
    await operating.replay(tx, id, actor, now=now)


@router.get("/parked-events")
async def parked_events(actor: Operator, tx: Tx) -> ParkedEventsOut:
    """Events that could not be turned into messages, oldest first."""
    found = await operating.parked_events(tx)
    return ParkedEventsOut(items=[ParkedEventOut.model_validate(row) for row in found])


@router.post("/parked-events/{seq}/replay", status_code=204)
async def replay_event(seq: int, actor: Operator, tx: Tx, now: Now) -> None:
    """Tell it once more; whoever has heard of it already does not hear again."""
    await operating.replay_event(tx, seq, actor, now=now)


@router.get("/notification-routing")
async def routing(actor: Rules, tx: Tx) -> RoutingOut:
    """Who hears of what, by which way and when."""
    choice = await operating.newest_choice(tx)
    found = (await queries.routing(tx)).model_dump(mode="json")
    return RoutingOut(routing=found, changes=choice.changes if choice else {})


@router.put("/notification-routing")
async def choose_routing(body: RoutingIn, actor: Rules, tx: Tx, now: Now) -> RoutingOut:
    """Change single entries for this county; {} returns to the shipped routing."""
    await operating.choose_routing(tx, body.changes, actor, now=now)
    await tx.flush()
    found = (await queries.routing(tx)).model_dump(mode="json")
    return RoutingOut(routing=found, changes=body.changes)


def _stuck(delivery: Delivery, person: str) -> StuckOut:
    return StuckOut(
        id=delivery.id,
        person=person,
        channel=Channel(delivery.channel),
        state=DeliveryState(delivery.state),
        line=delivery.line,
        attempts=delivery.attempts,
        reason=delivery.reason,
        created_at=delivery.created_at,
    )
