"""Events are rows beside the change they describe, numbered in commit order, read by cursor.

`seq` is given after the commit by one sequencer at a time, to the rows it can see: gap-free and in the
order of commits, which no serial and no timestamp is. What two of its rounds see is ordered by round,
what one round sees by id, which is the order of writing: an effect never comes before its cause.
Consumers (notifications, webhooks, the partner feed) read `seq > cursor` and move their cursor in the
transaction of their effect.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Uuid, text
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.audit import alone
from app.infra.columns import TenantTable, json_column
from app.infra.db import passing, sql
from app.infra.jobs import job, savepoint
from app.infra.logs import log
from app.kernel.clock import machine_now
from app.kernel.events import Event
from app.kernel.ids import new_id

BATCH = 200


class OutboxRow(TenantTable, table=True):
    """`relayed` rows (history) are in the feed's numbering but no consumer acts on them."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unnumbered", "id", postgresql_where=text("seq IS NULL")),
        Index("uq_outbox_seq", "seq", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    name: str
    body: dict[str, Any] = Field(sa_column=json_column())
    occurred_at: datetime
    written_at: datetime
    relayed: bool = False
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class FeedCursor(TenantTable, table=True):
    """How far each consumer has come."""

    __tablename__ = "feed_cursors"

    consumer: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class ParkedEvent(TenantTable, table=True):
    """An event one consumer could not digest: visible, counted, tried again by hand."""

    __tablename__ = "parked_events"

    consumer: str = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True))
    error: str
    parked_at: datetime


def record(tx: AsyncSession, event: Event, *, now: datetime, history: bool = False) -> None:
    """Write the event in the transaction of its cause. `now` is business time."""
    body = {f.name: _plain(getattr(event, f.name)) for f in fields(event)}
    tx.add(
        OutboxRow(
            name=event.name,
            body=body,
            occurred_at=now,
            written_at=machine_now(),
            relayed=history,
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


NUMBER = text("""
    WITH fresh AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM outbox
         WHERE seq IS NULL ORDER BY id LIMIT :limit)
    UPDATE outbox SET seq = fresh.n + (SELECT coalesce(max(seq), 0) FROM outbox)
      FROM fresh WHERE outbox.id = fresh.id""")


@job("outbox.number", cron="* * * * * *")
async def number(tx: AsyncSession, now: datetime) -> int:
    """Give committed events their place in the feed; 0 if another process is at it."""
    if not await alone(tx, "outbox.number"):
        return 0
    result: Any = await sql(tx, NUMBER, {"limit": BATCH})
    return int(result.rowcount)


Digest = Callable[[AsyncSession, OutboxRow, datetime], Awaitable[None]]


async def consume(tx: AsyncSession, consumer: str, digest: Digest, *, now: datetime) -> int:
    """Feed the next events to `digest`, in order, each once; what it cannot digest is parked.

    A difficulty that passes (a lock, a deadlock, the server gone) raises: the batch is tried again.
    """
    if not await alone(tx, f"consume.{consumer}"):
        return 0
    cursor = await tx.get(FeedCursor, consumer) or FeedCursor(consumer=consumer, seq=0)
    events = await after(tx, cursor.seq, limit=BATCH)
    for event in events:
        if not event.relayed:
            await _digest_or_park(tx, consumer, digest, event, now)
        cursor.seq = event.seq or cursor.seq
    tx.add(cursor)
    return len(events)


async def _digest_or_park(
    tx: AsyncSession, consumer: str, digest: Digest, event: OutboxRow, now: datetime
) -> None:
    try:
        async with savepoint(tx):
            await digest(tx, event, now)
    except Exception as error:
        if passing(error):
            raise
        log.exception("event parked", consumer=consumer, seq=event.seq, event_name=event.name)
        parked = ParkedEvent(
            consumer=consumer,
            seq=event.seq or 0,
            error=type(error).__name__,
            parked_at=machine_now(),
        )
        tx.add(parked)


async def after(tx: AsyncSession, seq: int, *, limit: int) -> Sequence[OutboxRow]:
    """Numbered events beyond `seq`, oldest first, at most `limit`."""
    rows = await tx.exec(
        select(OutboxRow).where(col(OutboxRow.seq) > seq).order_by(col(OutboxRow.seq)).limit(limit)
    )
    return rows.all()
