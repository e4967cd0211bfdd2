"""Sends whose answer was lost are asked after, never sent again blindly (a text message costs money)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.delivery import Delivered, Outcome, Rejected, Retry
from app.infra.db import sql
from app.infra.jobs import Work
from app.kernel.clock import DAY, machine_now
from app.notifications import falling_over, news, queries
from app.notifications.channels import Channel, Push, Reconciling, Senders
from app.notifications.models import Delivery, DeliveryState
from app.notifications.preparing import Ways, push_again

ASKED_EVERY = timedelta(minutes=5)
ASKED_FOR = 4 * DAY  # since the row was made; a receipt that has not come by then never comes
BATCH = 20

# The next time to ask is moved on before asking: a dead worker costs one round.
TAKE = text("""
    WITH next AS MATERIALIZED (
        SELECT id FROM deliveries
         WHERE state = 'unknown' AND channel = ANY(:channels)
           AND available_at <= :machine AND id > :oldest
         ORDER BY available_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE deliveries SET available_at = :again
      FROM next WHERE deliveries.id = next.id
    RETURNING deliveries.id""")


async def reconcile(work: Work, ways: Ways) -> int:
    """Ask after unknown deliveries, at most a batch; returns how many were settled."""
    able = {channel: sender for channel, sender in ways.senders.items() if isinstance(sender, Reconciling)}
    settled = 0
    for _ in range(BATCH if able else 0):
        taken = await _take(work, list(able), ways)
        if taken is None:
            break
        id, channel, push = taken
        outcome = await able[channel].find(push) if push else None
        if outcome is not None:
            settled += await _settle(work, id, outcome, ways.senders)
    return settled


async def _take(work: Work, channels: list[Channel], ways: Ways) -> tuple[UUID, Channel, Push | None] | None:
    machine = machine_now()
    facts = {
        "channels": [str(channel) for channel in channels],
        "machine": machine,
        "again": machine + ASKED_EVERY,
        "oldest": _first_id(machine - ASKED_FOR),
    }
    async with work.unit() as tx:
        row = (await sql(tx, TAKE, facts)).first()
        if row is None:
            return None
        delivery = await tx.get_one(Delivery, row.id)
        push = await _as_sent(tx, delivery, ways, now=await work.now())
        return row.id, Channel(delivery.channel), push


def _first_id(at: datetime) -> UUID:
    """Keys are UUIDv7: their first 48 bits are the milliseconds of machine time."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


async def _as_sent(tx: AsyncSession, delivery: Delivery, ways: Ways, *, now: datetime) -> Push | None:
    item = await queries.inbox_item_of(tx, delivery)
    if item is None:
        return None
    told = await news.of_delivery(tx, delivery, item, now=now)
    return await push_again(tx, delivery, told, ways)


async def _settle(work: Work, id: UUID, outcome: Outcome, senders: Senders) -> bool:
    async with work.unit() as tx:
        delivery = await tx.get_one(Delivery, id, with_for_update=True)
        if delivery.state != DeliveryState.UNKNOWN:
            return False
        now = await work.now()
        match outcome:
            case Delivered(reference):
                delivery.state, delivery.delivered_at, delivery.reference = (
                    DeliveryState.DELIVERED,
                    now,
                    reference,
                )
                delivery.fell_back = False
            case Rejected(reason) | Retry(_, reason):
                await falling_over.fall_over(tx, delivery, reason, senders, now=now)
            case _:
                return False
        return True
