"""One delivery: claimed with a lease, signed and sent with no connection held, then written down.

At least once: who dies between sending and writing leaves a lease that runs out, and the event goes out
again under the same webhook-id.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import audit, outbox
from app.infra.crypto import Vault, vault_of
from app.infra.db import sql
from app.infra.jobs import Work
from app.infra.metrics import DELIVERIES
from app.kernel.clock import machine_now
from app.kernel.ids import new_id
from app.webhooks import queries, signing
from app.webhooks.events import WebhookDisabled
from app.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from app.webhooks.retrying import Answer, Verdict, verdict, wait
from app.webhooks.sender import Sender
from app.webhooks.service import sealed_in

BATCH = 50
EACH = 5  # of one endpoint in a batch: a slow receiver holds up only its own
LEASE = timedelta(seconds=60)  # four times the longest attempt


@dataclass(frozen=True)
class Claimed:
    """What one attempt needs."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    lease: UUID
    url: str
    secret: str = field(repr=False)
    body: bytes = field(repr=False)


CLAIM = text("""
    WITH due AS (
        SELECT d.id, e.url, e.secret_sealed
          FROM webhook_endpoints e
          JOIN partner_clients p ON p.id = e.partner_id AND p.disabled_at IS NULL
         CROSS JOIN LATERAL (
               SELECT id FROM webhook_deliveries
                WHERE endpoint_id = e.id AND state = 'pending' AND due_at <= :at
                ORDER BY due_at LIMIT :each FOR UPDATE SKIP LOCKED) d
         WHERE e.enabled AND (e.paused_until IS NULL OR e.paused_until <= :at)
         LIMIT :limit)
    UPDATE webhook_deliveries w
       SET attempts = attempts + 1, due_at = :until, lease = :lease
      FROM due WHERE w.id = due.id
    RETURNING w.id, w.endpoint_id, w.event_id, w.body, due.url, due.secret_sealed""")


async def claim(tx: AsyncSession) -> list[Claimed]:
    """Up to 50 due deliveries, ours until the lease ends; the attempt is counted before it is made."""
    at, lease = machine_now(), new_id()
    facts = {"at": at, "until": at + LEASE, "lease": lease, "each": EACH, "limit": BATCH}
    rows = (await sql(tx, CLAIM, facts)).mappings().all()
    return [_claimed(vault_of(tx), lease, dict(row)) for row in rows]


def _claimed(vault: Vault, lease: UUID, row: dict[str, Any]) -> Claimed:
    return Claimed(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        event_id=row["event_id"],
        lease=lease,
        url=row["url"],
        secret=vault.open(row["secret_sealed"], where=sealed_in(row["endpoint_id"])),
        body=row["body"].encode(),
    )


async def deliver(work: Work, claimed: Claimed) -> None:
    """One attempt, and what came of it."""
    timestamp = int(machine_now().timestamp())
    headers = signing.headers(
        claimed.secret, id=str(claimed.event_id), timestamp=timestamp, body=claimed.body
    )
    answer = await work.adapter(Sender).post(claimed.url, claimed.body, headers)
    now = await work.now()
    async with work.unit() as tx:
        await settle(tx, claimed, answer, now=now)


async def settle(tx: AsyncSession, claimed: Claimed, answer: Answer, *, now: datetime) -> None:
    """Write the outcome down, unless the lease ran out and somebody else took over."""
    found = await queries.leased(tx, claimed.id, claimed.endpoint_id, claimed.lease)
    if found is None:
        return
    endpoint, delivery = found
    delivery.status, delivery.error, delivery.lease = answer.status, answer.error, None
    outcome = verdict(answer, delivery.attempts)
    DELIVERIES.labels("webhook", outcome.value).inc()
    endpoint.failures = 0 if outcome is Verdict.DELIVERED else endpoint.failures + 1
    tx.add(endpoint)
    tx.add(delivery)
    if outcome is Verdict.DELIVERED:
        _finish(delivery, DeliveryState.DELIVERED)
    elif outcome is Verdict.AGAIN:
        _postpone(endpoint, delivery, answer)
    else:
        _finish(delivery, DeliveryState.PARKED)
        await _disable(tx, endpoint, "gone" if outcome is Verdict.GONE else "failing", now=now)


def _finish(delivery: WebhookDelivery, state: DeliveryState) -> None:
    delivery.state, delivery.done_at = state, machine_now()


def _postpone(endpoint: WebhookEndpoint, delivery: WebhookDelivery, answer: Answer) -> None:
    at, chance = machine_now(), secrets.randbelow(1001) / 1000
    delivery.due_at = at + wait(answer, delivery.attempts, chance)
    if answer.pause is not None:
        endpoint.paused_until = at + answer.pause


async def _disable(tx: AsyncSession, endpoint: WebhookEndpoint, reason: str, *, now: datetime) -> None:
    """Send nothing more there until its owner asks for a replay; what waited is parked and can be seen."""
    if not endpoint.enabled:
        return
    endpoint.enabled, endpoint.disabled_reason = False, reason
    endpoint.revision += 1
    await tx.flush()
    await tx.exec(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.state) == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.PARKED, done_at=machine_now(), lease=None)
    )
    told = WebhookDisabled(endpoint_id=endpoint.id, partner_id=endpoint.partner_id, reason=reason)
    outbox.record(tx, told, now=now)
    audit.note(
        tx,
        "webhook.disable",
        actor="system",
        subject_kind="webhook_endpoint",
        subject_id=endpoint.id,
        now=now,
    )
