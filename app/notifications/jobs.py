"""Reading the outbox, and sending what waits."""

import asyncio
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.jobs import Work, errand, job
from app.notifications import calling, delivering, subscribing
from app.notifications.reconciling import reconcile as ask_after
from app.notifications.sending import WechatChannel, senders_of
from app.notifications.telling import digest

CONSUMER = "notifications"
BATCH = 200
LANES = 4  # sends under way at once in this process: most of a send is waiting for the channel


@job("notifications.read_feed", cron="*/2 * * * * *")
async def read_feed(tx: AsyncSession, now: datetime) -> int:
    """Turn the next events into deliveries; 0 if another process is at it."""
    return await outbox.consume(tx, CONSUMER, digest, now=now)


@errand("notifications.deliver", cron="*/2 * * * * *")
async def deliver(work: Work) -> int:
    """Send one batch in each lane, as so many workers would.

    Without any channel everything waits, and is sent later only if still true.
    """
    if not senders_of(work.outside):
        return 0
    return sum(await asyncio.gather(*(delivering.deliver(work) for _ in range(LANES))))


@errand("notifications.reconcile", cron="25 * * * * *")
async def reconcile(work: Work) -> int:
    """Ask the channels that can be asked what became of sends whose answer was lost."""
    return await ask_after(work, delivering.ways_of(work)) if senders_of(work.outside) else 0


@errand("notifications.warn_of_low_credit", cron="55 40 9 * * *")
async def warn_of_low_credit(work: Work) -> int:
    """Ask those to subscribe again for whom WeChat will take no more messages."""
    wechat: WechatChannel | None = work.outside.get(WechatChannel)
    if wechat is None:
        return 0
    async with work.unit() as tx:
        return await subscribing.warn_of_low_credit(tx, wechat, now=await work.now())


@job("notifications.list_calls", cron="35 */5 * * * *")
async def list_calls(tx: AsyncSession, now: datetime) -> int:
    """Put delegates whom nothing has reached on the office's list (待电话告知)."""
    return await calling.list_calls(tx, now=now, limit=BATCH)


@job("notifications.escalate_calls", cron="45 12 * * * *")
async def escalate_calls(tx: AsyncSession, now: datetime) -> int:
    """Whom nobody has phoned for days is told one step up."""
    return await calling.escalate(tx, now=now)
