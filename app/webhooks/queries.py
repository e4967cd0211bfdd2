"""Questions about endpoints, their deliveries, and the feed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.outbox import OutboxRow
from app.kernel.paging import Cursor
from app.partners.models import PartnerClient
from app.webhooks.errors import EndpointNotFound
from app.webhooks.models import WebhookDelivery, WebhookEndpoint


async def own(tx: AsyncSession, id: UUID, partner_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """The partner's own endpoint; anybody else's is not found."""
    asked = select(WebhookEndpoint).where(WebhookEndpoint.id == id, WebhookEndpoint.partner_id == partner_id)
    found = (await tx.exec(asked.with_for_update(key_share=True) if lock else asked)).first()
    if found is None:
        raise EndpointNotFound
    return found


async def endpoints(
    tx: AsyncSession, partner_id: UUID, *, after: Cursor | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """The partner's endpoints, newest first."""
    place = tuple_(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
    asked = select(WebhookEndpoint).where(WebhookEndpoint.partner_id == partner_id)
    if after is not None:
        asked = asked.where(place < (after.at, after.id))
    rows = await tx.exec(
        asked.order_by(col(WebhookEndpoint.created_at).desc(), col(WebhookEndpoint.id).desc()).limit(limit)
    )
    return rows.all()


async def count(tx: AsyncSession, partner_id: UUID) -> int:
    asked = select(func.count()).where(WebhookEndpoint.partner_id == partner_id)
    return (await tx.exec(asked)).one()


async def listening(tx: AsyncSession) -> Sequence[WebhookEndpoint]:
    """Enabled endpoints of active partners."""
    rows = await tx.exec(
        select(WebhookEndpoint)
        .join(PartnerClient, col(PartnerClient.id) == WebhookEndpoint.partner_id)
        .where(col(WebhookEndpoint.enabled).is_(True), col(PartnerClient.disabled_at).is_(None))
    )
    return rows.all()


async def deliveries(
    tx: AsyncSession, endpoint_id: UUID, *, state: str | None, after: Cursor | None, limit: int
) -> Sequence[WebhookDelivery]:
    """An endpoint's deliveries, newest first."""
    place = tuple_(col(WebhookDelivery.written_at), col(WebhookDelivery.id))
    asked = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if state is not None:
        asked = asked.where(WebhookDelivery.state == state)
    if after is not None:
        asked = asked.where(place < (after.at, after.id))
    rows = await tx.exec(
        asked.order_by(col(WebhookDelivery.written_at).desc(), col(WebhookDelivery.id).desc()).limit(limit)
    )
    return rows.all()


async def replaying(tx: AsyncSession) -> WebhookEndpoint | None:
    """One enabled endpoint that events are still sent anew to, locked; those of other workers are skipped."""
    rows = await tx.exec(
        select(WebhookEndpoint)
        .where(col(WebhookEndpoint.replay_after).is_not(None), col(WebhookEndpoint.enabled).is_(True))
        .order_by(col(WebhookEndpoint.id))
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return rows.first()


async def leased(
    tx: AsyncSession, id: UUID, endpoint_id: UUID, lease: UUID
) -> tuple[WebhookEndpoint, WebhookDelivery] | None:
    """The endpoint and its delivery, locked in this order, if the claim still holds.

    FOR NO KEY UPDATE: whoever is just writing new deliveries of the endpoint need not be waited for.
    """
    endpoint = await tx.get(WebhookEndpoint, endpoint_id, with_for_update={"key_share": True})
    delivery = await tx.get(WebhookDelivery, id, with_for_update=True)
    if endpoint is None or delivery is None or delivery.lease != lease:
        return None
    return endpoint, delivery


async def first_seq_since(tx: AsyncSession, since: datetime) -> int | None:
    """The number of the first event that happened at or after `since` (business time)."""
    return (await tx.exec(select(func.min(OutboxRow.seq)).where(col(OutboxRow.occurred_at) >= since))).one()
