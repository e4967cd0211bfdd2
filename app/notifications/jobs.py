"""Reading the outbox, and sending what waits."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.wechat.client import WeChat
from app.infra import outbox
from app.infra.jobs import Work, errand, job
from app.notifications import delivering
from app.notifications.telling import digest

CONSUMER = "notifications"


@job("notifications.read_feed", cron="*/2 * * * * *")
async def read_feed(tx: AsyncSession, now: datetime) -> int:
    """Turn the next events into deliveries; 0 if another process is at it."""
    return await outbox.consume(tx, CONSUMER, digest, now=now)


@errand("notifications.deliver", cron="*/2 * * * * *")
async def deliver(work: Work) -> int:
    """Send one batch. Without WeChat everything waits, and is sent later only if still true."""
    return await delivering.deliver(work) if WeChat in work.outside else 0
