"""From one event to one delivery for each endpoint that wants it: the first time, and on replay."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import Insert, insert
from sqlmodel import col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.outbox import OutboxRow
from app.webhooks import queries
from app.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from app.webhooks.publicity import data_of, is_public, payload, wanted
from app.webhooks.service import delivery_of

CONSUMER = "webhooks"
BATCH = 200


async def spread(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """Write the deliveries of one new event; a second time changes nothing."""
    if not is_public(event.name, event.body):
        return
    for endpoint in await queries.listening(tx):
        if wanted(event.name, endpoint.events):
            await tx.exec(_delivery(endpoint, event).on_conflict_do_nothing())


async def go_on_replaying(tx: AsyncSession) -> int:
    """One batch of one endpoint's replay, to the end of the feed; 0 if there is none.

    What the consumer passed over while the endpoint was off had its number by then, so it is met here;
    what it still has ahead of it finds its delivery written already.
    """
    endpoint = await queries.replaying(tx)
    if endpoint is None:
        return 0
    events = await outbox.after(tx, endpoint.replay_after or 0, limit=BATCH)
    for event in events:
        if _again(event, endpoint):
            await tx.exec(_anew(_delivery(endpoint, event)))
    endpoint.replay_after = events[-1].seq if events else None
    endpoint.replay_since = endpoint.replay_since if events else None
    tx.add(endpoint)
    return 1


def _again(event: OutboxRow, endpoint: WebhookEndpoint) -> bool:
    since = endpoint.replay_since
    if event.relayed or since is None or event.occurred_at < since:
        return False
    return is_public(event.name, event.body) and wanted(event.name, endpoint.events)


def _delivery(endpoint: WebhookEndpoint, event: OutboxRow) -> Insert:
    body = payload(event.name, event.occurred_at, data_of(event.body))
    row = delivery_of(endpoint, event.id, event.name, body)
    return insert(WebhookDelivery).values(row.model_dump())


def _anew(row: Insert) -> Insert:
    """What was delivered or parked is due again, from the first attempt; what is on its way is left alone."""
    fresh: dict[str, Any] = {
        name: row.excluded[name]
        for name in ("state", "attempts", "due_at", "lease", "status", "error", "done_at")
    }
    settled = or_(col(WebhookDelivery.state) != DeliveryState.PENDING, col(WebhookDelivery.lease).is_(None))
    return row.on_conflict_do_update(index_elements=["endpoint_id", "event_id"], set_=fresh, where=settled)
