"""The webhooks' periodic work."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.db import sql
from app.infra.jobs import BATCHES, Work, errand, job
from app.kernel.clock import machine_now
from app.webhooks.delivering import claim, deliver
from app.webhooks.spreading import CONSUMER, go_on_replaying, spread

KEPT = timedelta(days=30)


@job("webhooks.spread", cron="*/2 * * * * *")
async def spread_events(tx: AsyncSession, now: datetime) -> int:
    """Deliveries for the events nobody has looked at yet."""
    return await outbox.consume(tx, CONSUMER, spread, now=now)


@job("webhooks.replay", cron="*/2 * * * * *")
async def replay_events(tx: AsyncSession, now: datetime) -> int:
    """Deliveries that a partner asked to have again."""
    return await go_on_replaying(tx)


@errand("webhooks.deliver", cron="*/2 * * * * *")
async def deliver_due(work: Work) -> int:
    """Send what is due, at most 50 at a time. One attempt that cannot be written down fails alone."""
    done = 0
    for _ in range(BATCHES):
        async with work.unit() as tx:
            batch = await claim(tx)
        if not batch:
            break
        ended = await asyncio.gather(*(deliver(work, one) for one in batch), return_exceptions=True)
        done += len(batch)
        for fault in ended:
            if isinstance(fault, BaseException):
                raise fault
    return done


FORGET = text("""
    DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries WHERE state = 'delivered' AND done_at < :before LIMIT 200)""")


@job("webhooks.forget", cron="0 41 * * * *")
async def forget(tx: AsyncSession, now: datetime) -> int:
    """Drop what was delivered over 30 days ago (machine time); parked deliveries stay with their endpoint."""
    result: Any = await sql(tx, FORGET, {"before": machine_now() - KEPT})
    return int(result.rowcount)
