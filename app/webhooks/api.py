"""`/api/partner/v1/events` and `/api/partner/v1/webhook-endpoints`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.infra import preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor
from app.partners.caller import Partner
from app.partners.deps import scoped
from app.webhooks import feed, queries, service
from app.webhooks.addresses import Policy
from app.webhooks.schemas import (
    DeliveriesQuery,
    DeliveryOut,
    EndpointIn,
    EndpointMade,
    EndpointOut,
    EventsOut,
    EventsQuery,
    ReplayIn,
)
from app.webhooks.sender import policy_of
from app.webhooks.service import Doing

events_router = APIRouter(prefix="/events", tags=["events"], route_class=UnitRoute)
router = APIRouter(prefix="/webhook-endpoints", tags=["webhooks"], route_class=UnitRoute)

Reader = Annotated[Partner, Depends(scoped("events:read"))]
Manager = Annotated[Partner, Depends(scoped("webhooks:manage"))]


async def _policy(request: Request) -> Policy:
    return policy_of(request.app.state.settings)


PolicyOf = Annotated[Policy, Depends(_policy)]


@events_router.get("")
async def events(asked: Annotated[EventsQuery, Query()], partner: Reader, tx: Tx) -> EventsOut:
    """Scope `events:read`. What happened, in order, without gaps; go on with `next_after`."""
    return await feed.page(tx, asked.seq, limit=asked.limit)


@router.get("")
async def endpoints(asked: Annotated[ListQuery, Query()], partner: Manager, tx: Tx) -> PageOut[EndpointOut]:
    """Scope `webhooks:manage`. Your own endpoints, newest first."""
    rows = await queries.endpoints(tx, partner.id, after=asked.after, limit=asked.limit + 1)
    return paged(rows, asked.limit, EndpointOut, key=lambda e: Cursor(e.created_at, e.id))


@router.post("", status_code=201)
async def register(
    body: EndpointIn, partner: Manager, policy: PolicyOf, tx: Tx, now: Now, response: Response
) -> EndpointMade:
    """Scope `webhooks:manage`. Be told of events at this URL; signatures follow Standard Webhooks 1.0."""
    doing = Doing(partner, now)
    endpoint, secret = await service.register(tx, body.url, body.events, policy=policy, doing=doing)
    preconditions.mark(response, endpoint.revision)
    return EndpointMade(**EndpointOut.model_validate(endpoint).model_dump(), secret=secret)


@router.get("/{id}")
async def endpoint(id: UUID, partner: Manager, tx: Tx, response: Response) -> EndpointOut:
    """Scope `webhooks:manage`. How it stands with one endpoint."""
    found = await queries.own(tx, id, partner.id)
    preconditions.mark(response, found.revision)
    return EndpointOut.model_validate(found)


@router.delete("/{id}", status_code=204)
async def remove(id: UUID, partner: Manager, tx: Tx, now: Now, request: Request) -> None:
    """Scope `webhooks:manage`. Stop, and drop what was still to be sent; needs If-Match."""
    found = await queries.own(tx, id, partner.id, lock=True)
    preconditions.check(request, found.revision)
    await service.remove(tx, found, Doing(partner, now))


@router.get("/{id}/deliveries")
async def deliveries(
    id: UUID, asked: Annotated[DeliveriesQuery, Query()], partner: Manager, tx: Tx
) -> PageOut[DeliveryOut]:
    """Scope `webhooks:manage`. What was sent, and what failed (`?state=parked`), newest first."""
    await queries.own(tx, id, partner.id)
    rows = await queries.deliveries(tx, id, state=asked.state, after=asked.after, limit=asked.limit + 1)
    return paged(rows, asked.limit, DeliveryOut, key=lambda d: Cursor(d.written_at, d.id))


@router.post("/{id}/test", status_code=202)
async def test(id: UUID, partner: Manager, tx: Tx, now: Now) -> DeliveryOut:
    """Scope `webhooks:manage`. Send a `webhook.test` event within seconds."""
    found = await queries.own(tx, id, partner.id)
    return DeliveryOut.model_validate(await service.test(tx, found, Doing(partner, now)))


@router.post("/{id}/replay", status_code=202)
async def replay(
    id: UUID, body: ReplayIn, partner: Manager, tx: Tx, now: Now, request: Request
) -> EndpointOut:
    """Scope `webhooks:manage`. Send everything since then once more; a disabled endpoint is enabled again."""
    found = await queries.own(tx, id, partner.id, lock=True)
    preconditions.check(request, found.revision)
    await service.replay(tx, found, body.since, Doing(partner, now))
    return EndpointOut.model_validate(found)
