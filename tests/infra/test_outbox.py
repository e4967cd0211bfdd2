"""Events get their numbers in the order of the commits, without gaps, and are digested once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.db import Database, sql
from app.infra.outbox import FeedCursor, OutboxRow, ParkedEvent
from app.infra.tenants import Tenant
from app.kernel.events import Event
from app.kernel.ids import new_id
from tests.conftest import NOW


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    name: ClassVar[str] = "thing.happened"
    what: str
    subject_id: UUID | None = None
    on: date | None = None


async def tell(tx: AsyncSession, what: str, *, history: bool = False) -> None:
    outbox.record(tx, Happened(what=what), now=NOW, history=history)
    await tx.flush()


async def told(database: Database, tenant: Tenant, *whats: str, history: bool = False) -> None:
    for what in whats:
        async with database.unit(tenant) as tx:
            await tell(tx, what, history=history)


async def number(database: Database, tenant: Tenant) -> int:
    async with database.unit(tenant) as tx:
        return await outbox.number(tx, NOW)


async def feed(database: Database, tenant: Tenant) -> list[tuple[int | None, str]]:
    async with database.unit(tenant, write=False) as tx:
        rows = await tx.exec(select(OutboxRow).where(col(OutboxRow.seq) > 0).order_by(col(OutboxRow.seq)))
        return [(row.seq, row.body["what"]) for row in rows]


async def test_an_event_is_stored_plainly_with_both_times(database: Database, tenant: Tenant) -> None:
    subject = new_id()
    async with database.unit(tenant) as tx:
        event = Happened(what="x", subject_id=subject, on=date(2026, 12, 1))
        outbox.record(tx, event, now=NOW)
    async with database.unit(tenant, write=False) as tx:
        [row] = await tx.exec(select(OutboxRow))

    assert row.name == "thing.happened"
    assert row.body == {"what": "x", "subject_id": str(subject), "on": "2026-12-01"}
    assert row.occurred_at == NOW
    assert row.written_at != NOW
    assert row.seq is None


async def test_numbers_go_on_without_gaps_whatever_was_rolled_back(
    database: Database, tenant: Tenant
) -> None:
    await told(database, tenant, "one", "two")
    await number(database, tenant)
    async with database.unit(tenant) as tx:
        await tell(tx, "undone")
        await tx.rollback()
    async with database.unit(tenant) as tx:
        await tell(tx, "three")
        await tell(tx, "four")
    async with database.unit(tenant) as tx:
        assert await outbox.number(tx, NOW) == 2
        await tx.rollback()  # a numberer that died
    await number(database, tenant)

    assert await feed(database, tenant) == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]


async def test_who_began_first_and_committed_last_comes_last(database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as older:
        await tell(older, "began first")
        await told(database, tenant, "committed first")
        assert await number(database, tenant) == 1  # nobody waits for a slow one
        await told(database, tenant, "committed second")
    await number(database, tenant)

    assert await feed(database, tenant) == [
        (1, "committed first"),
        (2, "began first"),
        (3, "committed second"),
    ]


async def test_an_effect_never_comes_before_its_cause(database: Database, tenant: Tenant) -> None:
    """Both claimed a key first; the one with the younger transaction got the row's lock first."""
    begun = text("SELECT pg_current_xact_id()")
    async with database.unit(tenant) as later:
        await sql(later, begun)
        async with database.unit(tenant) as sooner:
            await tell(sooner, "cause")
        await tell(later, "effect")
    await number(database, tenant)

    assert await feed(database, tenant) == [(1, "cause"), (2, "effect")]


async def test_a_numberer_beside_another_steps_aside(database: Database, tenant: Tenant) -> None:
    await told(database, tenant, "one", "two")
    async with database.unit(tenant) as first:
        assert await outbox.number(first, NOW) == 2
        assert await number(database, tenant) == 0

    assert await feed(database, tenant) == [(1, "one"), (2, "two")]


async def test_numberers_and_writers_at_once_leave_no_gap(database: Database, tenant: Tenant) -> None:
    async def write(name: str) -> None:
        for turn in range(10):
            await told(database, tenant, f"{name} {turn}")

    async def work() -> None:
        for _ in range(10):
            await number(database, tenant)

    await asyncio.gather(write("a"), work(), write("b"), work(), write("c"))
    await number(database, tenant)

    numbered = await feed(database, tenant)
    assert [seq for seq, _ in numbered] == list(range(1, 31))
    for name in "abc":
        own = [what for _, what in numbered if what.startswith(name)]
        assert own == [f"{name} {turn}" for turn in range(10)]


async def test_at_most_two_hundred_a_batch(database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as tx:
        for turn in range(201):
            outbox.record(tx, Happened(what=str(turn)), now=NOW)

    assert [await number(database, tenant) for _ in range(3)] == [200, 1, 0]
    assert await feed(database, tenant) == [(turn + 1, str(turn)) for turn in range(201)]


class Eater:
    """A consumer that remembers, and chokes on some."""

    def __init__(self, *, chokes_on: Sequence[str] = ()) -> None:
        self.eaten: list[str] = []
        self.chokes_on = chokes_on

    async def digest(self, tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
        what = event.body["what"]
        tx.add(FeedCursor(consumer=f"effect of {what}", seq=0))
        await tx.flush()
        if what in self.chokes_on:
            await sql(tx, text("SELECT 1 / 0"))
        self.eaten.append(what)

    async def feed(self, database: Database, tenant: Tenant, consumer: str = "eater") -> int:
        async with database.unit(tenant) as tx:
            return await outbox.consume(tx, consumer, self.digest, now=NOW)


async def effects(database: Database, tenant: Tenant) -> list[str]:
    async with database.unit(tenant, write=False) as tx:
        names = await tx.exec(
            select(FeedCursor.consumer)
            .where(col(FeedCursor.consumer).startswith("effect"))
            .order_by("consumer")
        )
        return list(names)


async def test_each_consumer_digests_each_event_once_and_in_order(database: Database, tenant: Tenant) -> None:
    await told(database, tenant, "one", "two")
    await told(database, tenant, "unnumbered")
    async with database.unit(tenant) as tx:
        await sql(tx, text("UPDATE outbox SET seq = 1 WHERE body->>'what' = 'one'"))
        await sql(tx, text("UPDATE outbox SET seq = 2 WHERE body->>'what' = 'two'"))
    eater = Eater()

    assert [await eater.feed(database, tenant) for _ in range(2)] == [2, 0]
    await number(database, tenant)
    assert await eater.feed(database, tenant) == 1

    assert eater.eaten == ["one", "two", "unnumbered"]


async def test_consumers_do_not_share_a_cursor(database: Database, tenant: Tenant) -> None:
    await told(database, tenant, "one")
    await number(database, tenant)
    seen: list[str] = []

    async def look(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
        seen.append(event.name)

    for consumer in ("webhooks", "notifications"):
        async with database.unit(tenant) as tx:
            assert await outbox.consume(tx, consumer, look, now=NOW) == 1
    assert seen == ["thing.happened"] * 2


async def test_two_of_one_consumer_at_once_do_not_digest_twice(database: Database, tenant: Tenant) -> None:
    await told(database, tenant, "one")
    await number(database, tenant)
    eater = Eater()
    async with database.unit(tenant) as first:
        assert await outbox.consume(first, "eater", eater.digest, now=NOW) == 1
        assert await eater.feed(database, tenant) == 0
    assert await eater.feed(database, tenant) == 0
    assert eater.eaten == ["one"]


async def test_what_cannot_be_digested_is_parked_with_its_half_done_effect_and_the_rest_goes_on(
    database: Database, tenant: Tenant
) -> None:
    await told(database, tenant, "one", "poison", "three")
    await number(database, tenant)
    eater = Eater(chokes_on=["poison"])

    assert [await eater.feed(database, tenant) for _ in range(2)] == [3, 0]

    assert eater.eaten == ["one", "three"]
    assert await effects(database, tenant) == ["effect of one", "effect of three"]
    async with database.unit(tenant, write=False) as tx:
        [parked] = await tx.exec(select(ParkedEvent))
    assert (parked.consumer, parked.seq, parked.error) == ("eater", 2, "DBAPIError")


async def test_history_is_numbered_but_not_digested(database: Database, tenant: Tenant) -> None:
    await told(database, tenant, "long ago", history=True)
    await told(database, tenant, "now")
    await number(database, tenant)
    eater = Eater()

    assert await eater.feed(database, tenant) == 2

    assert eater.eaten == ["now"]
    assert await feed(database, tenant) == [(1, "long ago"), (2, "now")]


async def test_a_consumer_that_dies_before_its_commit_is_given_the_events_again(
    database: Database, tenant: Tenant
) -> None:
    await told(database, tenant, "one", "two")
    await number(database, tenant)
    eater = Eater()
    with pytest.raises(asyncio.CancelledError):
        await dying(database, tenant, eater)
    assert await effects(database, tenant) == []

    assert await eater.feed(database, tenant) == 2

    assert eater.eaten == ["one", "two", "one", "two"]
    assert await effects(database, tenant) == ["effect of one", "effect of two"]


async def dying(database: Database, tenant: Tenant, eater: Eater) -> None:
    async with database.unit(tenant) as tx:
        await outbox.consume(tx, "eater", eater.digest, now=NOW)
        raise asyncio.CancelledError


async def test_a_difficulty_that_passes_parks_nothing_and_is_tried_again(
    database: Database, tenant: Tenant
) -> None:
    await told(database, tenant, "one", "two")
    await number(database, tenant)
    async with database.unit(tenant) as tx:
        tx.add(FeedCursor(consumer="busy row", seq=0))
    eater = Eater()

    async def digest(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
        await eater.digest(tx, event, now)
        await sql(tx, text("SELECT 1 FROM feed_cursors WHERE consumer = 'busy row' FOR UPDATE NOWAIT"))

    async def feed_once() -> int:
        async with database.unit(tenant) as tx:
            return await outbox.consume(tx, "eater", digest, now=NOW)

    async with database.unit(tenant) as holder:
        await sql(holder, text("SELECT 1 FROM feed_cursors WHERE consumer = 'busy row' FOR UPDATE"))
        with pytest.raises(DBAPIError):
            await feed_once()
    assert await effects(database, tenant) == []

    assert await feed_once() == 2

    assert eater.eaten == ["one", "one", "two"]
    async with database.unit(tenant, write=False) as tx:
        assert (await tx.exec(select(ParkedEvent))).all() == []
