"""Partners register endpoints, try them, have events sent again, and take them away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import audit
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now
from app.kernel.ids import new_id
from app.partners.caller import Partner
from app.webhooks import queries
from app.webhooks.addresses import Policy, check_url
from app.webhooks.errors import EndpointDisabled, EventsUnfit, TooManyEndpoints
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.publicity import GLOB, TEST, payload
from app.webhooks.signing import new_secret

MOST_ENDPOINTS = 20


@dataclass(frozen=True)
class Doing:
    """Who does it, and when (business time)."""

    partner: Partner
    now: datetime


def sealed_in(endpoint_id: UUID) -> str:
    """Where an endpoint's secret is sealed: it opens nowhere else."""
    return f"webhook_endpoints.secret.{endpoint_id}"


async def register(
    tx: AsyncSession, url: str, events: Sequence[str], *, policy: Policy, doing: Doing
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once."""
    check_url(url, policy)
    if not events or not all(GLOB.fullmatch(glob) for glob in events):
        raise EventsUnfit
    if await queries.count(tx, doing.partner.id) >= MOST_ENDPOINTS:
        raise TooManyEndpoints(MOST_ENDPOINTS)
    id, secret = new_id(), new_secret()
    endpoint = WebhookEndpoint(
        id=id,
        partner_id=doing.partner.id,
        url=url,
        secret_sealed=vault_of(tx).seal(secret, where=sealed_in(id)),
        events=sorted(set(events)),
        created_at=machine_now(),
    )
    tx.add(endpoint)
    _note(tx, "webhook.register", endpoint, doing)
    await tx.flush()
    return endpoint, secret


async def remove(tx: AsyncSession, endpoint: WebhookEndpoint, doing: Doing) -> None:
    """Take the endpoint away, with what was still to be sent to it."""
    _note(tx, "webhook.remove", endpoint, doing)
    await tx.delete(endpoint)


async def test(tx: AsyncSession, endpoint: WebhookEndpoint, doing: Doing) -> WebhookDelivery:
    """Send an event that says nothing, signed like any other."""
    if not endpoint.enabled:
        raise EndpointDisabled
    delivery = delivery_of(endpoint, new_id(), TEST, payload(TEST, doing.now, {}))
    tx.add(delivery)
    _note(tx, "webhook.test", endpoint, doing)
    await tx.flush()
    return delivery


async def replay(tx: AsyncSession, endpoint: WebhookEndpoint, since: datetime, doing: Doing) -> None:
    """Enable the endpoint again and send everything since then (business time) once more.

    A job does it batch by batch (`spreading.go_on_replaying`); webhook-ids stay the same, so that a
    receiver can leave out what it has.
    """
    endpoint.enabled, endpoint.disabled_reason = True, None
    endpoint.failures, endpoint.paused_until = 0, None
    endpoint.revision += 1
    first = await queries.first_seq_since(tx, since)
    if first is not None:
        endpoint.replay_since, endpoint.replay_after = since, first - 1
    tx.add(endpoint)
    _note(tx, "webhook.replay", endpoint, doing)


def delivery_of(endpoint: WebhookEndpoint, event_id: UUID, type: str, body: str) -> WebhookDelivery:
    at = machine_now()
    return WebhookDelivery(
        endpoint_id=endpoint.id, event_id=event_id, type=type, body=body, due_at=at, written_at=at
    )


def _note(tx: AsyncSession, action: str, endpoint: WebhookEndpoint, doing: Doing) -> None:
    audit.note(
        tx,
        action,
        actor=doing.partner.label,
        subject_kind="webhook_endpoint",
        subject_id=endpoint.id,
        now=doing.now,
    )
