"""Events that happen in a test, and the jobs that carry them on."""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.db import Database, sql
from app.infra.jobs import REGISTRY, Work
from app.infra.tenants import Tenant
from app.kernel.events import Event
from app.suggestions.events import SuggestionClosed
from app.webhooks.addresses import Policy
from app.webhooks.sender import Sender
from tests.conftest import NOW, MovableClock
from tests.webhooks.receiver import Receiver, everywhere

PUBLIC = Policy()


def a_closed_suggestion(*, confidential: bool = False) -> SuggestionClosed:
    return SuggestionClosed(suggestion_id=uuid4(), region_id=uuid4(), confidential=confidential)


async def happen(
    database: Database, tenant: Tenant, *events: Event, at: datetime = NOW, history: bool = False
) -> None:
    async with database.unit(tenant) as tx:
        for event in events:
            outbox.record(tx, event, now=at, history=history)


def work_of(
    database: Database, tenant: Tenant, clock: MovableClock, transport: httpx.AsyncBaseTransport
) -> Work:
    sender = Sender(PUBLIC, resolve=everywhere, inner=transport)
    return Work(database, tenant, clock, {Sender: sender})


async def run(work: Work, *names: str) -> None:
    for name in names:
        if name == "outbox.number":
            await number(work)
        else:
            await REGISTRY[name].run(work)


async def number(work: Work) -> None:
    """Until every committed event has its place: another test's open transaction may delay it."""
    for _ in range(100):
        await REGISTRY["outbox.number"].run(work)
        async with work.unit() as tx:
            left = await sql(tx, text("SELECT count(*) FROM outbox WHERE seq IS NULL"))
            if left.scalar_one() == 0:
                return
        await asyncio.sleep(0.02)
    raise AssertionError("events stay without a number")


async def carry_on(work: Work) -> None:
    """From the event to the receiver."""
    await run(work, "outbox.number", "webhooks.spread", "webhooks.replay", "webhooks.deliver")


async def make_due(tx: AsyncSession) -> None:
    """As if the wait (or a dead worker's lease) were over."""
    await sql(tx, text("UPDATE webhook_deliveries SET due_at = now() WHERE state = 'pending'"))
    await sql(tx, text("UPDATE webhook_endpoints SET paused_until = NULL"))


async def time_passes(work: Work) -> None:
    async with work.unit() as tx:
        await make_due(tx)


def ids_of(receiver: Receiver) -> list[UUID]:
    return [UUID(got.id) for got in receiver.got]
