"""Who did what: written with the act, sealed after the commit, and no tampering goes unseen."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import audit
from app.infra.audit import AuditRow, AuditSeal
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.kernel.ids import new_id
from tests.conftest import NOW, Dsns
from tests.infra.settling import settled
from tests.people import County, post

MANY = text("""
    INSERT INTO audit (id, at, written_at, actor, action, subject_kind, fields, outcome)
    SELECT gen_random_uuid(), now(), now(), 'system', 'many', 'nothing', '{}', 'done'
      FROM generate_series(1, :count)""")


async def act(tx: AsyncSession, action: str) -> UUID:
    """One audited act; its subject's id."""
    subject = new_id()
    audit.note(tx, action, actor="system", subject_kind="thing", subject_id=subject, now=NOW)
    await tx.flush()
    return subject


async def acts(database: Database, tenant: Tenant, count: int) -> None:
    for number in range(count):
        async with database.unit(tenant) as tx:
            await act(tx, f"act {number}")


async def seal(database: Database, tenant: Tenant) -> int:
    async with database.unit(tenant) as tx:
        return await audit.seal(tx, NOW)


async def verified(database: Database, tenant: Tenant) -> tuple[int, list[str]]:
    async with database.unit(tenant, write=False) as tx:
        return await audit.verify(tx)


async def sealed_actions(database: Database, tenant: Tenant) -> list[str]:
    async with database.unit(tenant, write=False) as tx:
        rows = await tx.exec(
            select(AuditRow.action)
            .join(AuditSeal, col(AuditSeal.audit_id) == col(AuditRow.id))
            .order_by(col(AuditSeal.seq))
        )
        return list(rows)


@pytest.fixture
async def tamperer(dsns: Dsns) -> AsyncIterator[asyncpg.Connection]:
    """Who has the database itself: no grant and no foreign key holds."""
    connection = await asyncpg.connect(dsns.admin)
    await connection.execute("SET session_replication_role = replica; SET search_path = c_alpha")
    yield connection
    await connection.close()


async def test_an_act_leaves_one_row_with_its_request_and_no_words(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    draft = {"title": "关于修缮水渠的建议", "situation": "水渠坍塌。", "proposal": "建议加固。"}
    drafted = await post(client, "/api/v1/suggestions", county["alice"], draft)

    async with database.unit(tenant, write=False) as tx:
        [row] = await tx.exec(select(AuditRow).where(AuditRow.action == "suggestion.create"))
    assert row.actor == f"account:{county['alice'].account_id}"
    assert (row.subject_kind, str(row.subject_id)) == ("suggestion", drafted.json()["id"])
    assert (row.at, row.outcome) == (NOW, "done")
    assert row.request_id == drafted.headers["X-Request-ID"]
    assert "水渠" not in repr(row)


async def test_what_is_rolled_back_leaves_no_row(database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as tx:
        await act(tx, "undone")
        await tx.rollback()
    async with database.unit(tenant, write=False) as tx:
        assert (await tx.exec(select(AuditRow))).all() == []


async def test_sealed_in_order_and_only_once_and_verified(database: Database, tenant: Tenant) -> None:
    await acts(database, tenant, 3)
    assert await seal(database, tenant) == 3
    assert await seal(database, tenant) == 0
    await acts(database, tenant, 2)
    assert await seal(database, tenant) == 2

    assert await sealed_actions(database, tenant) == ["act 0", "act 1", "act 2", "act 0", "act 1"]
    assert await verified(database, tenant) == (5, [])


async def test_rows_of_one_transaction_are_sealed_in_the_order_of_their_ids(
    database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        for number in range(5):
            await act(tx, f"act {number}")
    await seal(database, tenant)

    assert await sealed_actions(database, tenant) == [f"act {number}" for number in range(5)]


async def test_at_most_a_thousand_a_batch(database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as tx:
        await sql(tx, MANY, {"count": 1500})

    assert [await seal(database, tenant) for _ in range(3)] == [1000, 500, 0]
    assert await verified(database, tenant) == (1500, [])


async def test_what_an_older_transaction_wrote_is_sealed_when_it_is_committed(
    database: Database, tenant: Tenant
) -> None:
    await acts(database, tenant, 1)
    async with database.unit(tenant) as older:
        await act(older, "began first")
        await acts(database, tenant, 1)  # begun and committed meanwhile

        assert await seal(database, tenant) == 2
        assert await seal(database, tenant) == 0
    for _ in range(3):
        await acts(database, tenant, 1)

    assert await seal(database, tenant) == 4
    assert await sealed_actions(database, tenant) == ["act 0", "act 0", "began first", *["act 0"] * 3]
    assert await verified(database, tenant) == (6, [])


async def test_a_transaction_open_over_many_rounds_is_not_forgotten(
    database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as older:
        await act(older, "began first")
        for _ in range(5):
            await acts(database, tenant, 1)
            assert await seal(database, tenant) == 1
    assert await seal(database, tenant) == 1
    assert await verified(database, tenant) == (6, [])


async def test_a_round_looks_only_at_what_may_be_new(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection
) -> None:
    """A seal taken away from an old row is found by `verify`, not quietly made anew."""
    await acts(database, tenant, 3)
    await seal(database, tenant)
    await settled(database)  # another test's old transaction would hold the horizon back
    await acts(database, tenant, 1)
    await seal(database, tenant)
    await settled(database)
    await acts(database, tenant, 1)
    await seal(database, tenant)
    await tamperer.execute("DELETE FROM audit_seal WHERE seq = 1")

    assert await seal(database, tenant) == 0
    assert await verified(database, tenant) == (5, ["seal 1 is missing", OUT_OF_LINE])


OUT_OF_LINE = "seal 2 does not follow the one before it"
RESTORED = """
    UPDATE audit SET xid = (xid::text::numeric + 4000000000)::text::xid8;
    UPDATE audit_seal SET xid = (xid::text::numeric + 4000000000)::text::xid8,
                          horizon = (horizon::text::numeric + 4000000000)::text::xid8,
                          origin = 'the old cluster/5'"""


async def test_a_dump_restored_where_fewer_transactions_were_counted_goes_on(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection
) -> None:
    """Sealed and unsealed rows of the old cluster have ids far in this one's future."""
    await acts(database, tenant, 3)
    await seal(database, tenant)
    await acts(database, tenant, 2)
    # As a dump would leave it; the chain's own hashes contain the ids, so it is made anew here.
    await tamperer.execute(RESTORED)
    await tamperer.execute("DELETE FROM audit_seal")
    await seal(database, tenant)
    await tamperer.execute("DELETE FROM audit_seal WHERE seq > 3")
    await tamperer.execute("UPDATE audit_seal SET origin = 'the old cluster/5', horizon = '4100000000'")
    await acts(database, tenant, 1)

    assert await seal(database, tenant) == 3  # two that came unsealed, one of today
    await acts(database, tenant, 2)
    assert await seal(database, tenant) == 2
    assert await seal(database, tenant) == 0
    assert await verified(database, tenant) == (8, [])


async def test_a_full_batch_after_a_restore_leaves_nothing_behind(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection
) -> None:
    async with database.unit(tenant) as tx:
        await sql(tx, MANY, {"count": 1500})
    await tamperer.execute("UPDATE audit SET xid = (xid::text::numeric + 4000000000)::text::xid8")
    await acts(database, tenant, 1)

    assert [await seal(database, tenant) for _ in range(3)] == [1000, 501, 0]
    await acts(database, tenant, 1)
    assert await seal(database, tenant) == 1
    assert await verified(database, tenant) == (1502, [])


async def test_two_workers_at_once_seal_each_row_once(database: Database, tenant: Tenant) -> None:
    await acts(database, tenant, 5)
    async with database.unit(tenant) as one:
        assert await audit.seal(one, NOW) == 5
        assert await seal(database, tenant) == 0  # the other one steps aside at once
    assert await verified(database, tenant) == (5, [])


async def test_many_workers_and_writers_at_once_keep_one_chain(database: Database, tenant: Tenant) -> None:
    async def write() -> None:
        for _ in range(5):
            async with database.unit(tenant) as tx:
                await act(tx, "act")

    async def work() -> None:
        for _ in range(5):
            await seal(database, tenant)

    await asyncio.gather(write(), work(), write(), work(), write())
    await seal(database, tenant)

    assert await verified(database, tenant) == (15, [])


CLOSE_THE_GAP = """
    UPDATE audit_seal SET seq = -seq WHERE seq > 2; UPDATE audit_seal SET seq = -seq - 1 WHERE seq < 0"""
TAMPERINGS = {
    "a changed row": "UPDATE audit SET actor = 'somebody else' WHERE action = 'act 1'",
    "a changed time": "UPDATE audit SET at = at + interval '1 microsecond' WHERE action = 'act 1'",
    "changed field names": "UPDATE audit SET fields = '{phone}' WHERE action = 'act 1'",
    "a removed row": "DELETE FROM audit WHERE action = 'act 1'",
    "a removed seal": "DELETE FROM audit_seal WHERE seq = 2",
    "a row and its seal removed": """
        DELETE FROM audit_seal WHERE seq = 2; DELETE FROM audit WHERE action = 'act 1'""",
    "the gap closed": f"DELETE FROM audit_seal WHERE seq = 2; {CLOSE_THE_GAP}",
    "the first ones removed": "DELETE FROM audit_seal WHERE seq <= 2",
    "a seal moved to another row": """
        UPDATE audit_seal SET audit_id = gen_random_uuid() WHERE seq = 2""",
    "a changed link": "UPDATE audit_seal SET prev = sha256('x') WHERE seq = 3",
    "a changed hash": "UPDATE audit_seal SET hash = sha256('x') WHERE seq = 2",
}


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
async def test_tampering_is_found(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection, tampering: str
) -> None:
    await acts(database, tenant, 5)
    await seal(database, tenant)
    assert await verified(database, tenant) == (5, [])

    await tamperer.execute(tampering)

    assert (await verified(database, tenant))[1] != []


async def test_a_link_made_anew_around_a_removed_row_breaks_at_the_next_one(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection
) -> None:
    """The careful forger: takes act 1 out, hashes act 2 anew onto act 0, and counts anew."""
    await acts(database, tenant, 5)
    await seal(database, tenant)
    async with database.unit(tenant, write=False) as tx:
        rows = (await sql(tx, audit.CHAIN, {"seq": 0, "limit": 10})).mappings().all()
    forged = {name: value for name, value in rows[2].items() if name not in {"seq", "prev", "hash"}}

    await tamperer.execute("DELETE FROM audit_seal WHERE seq = 2; DELETE FROM audit WHERE action = 'act 1'")
    await tamperer.execute(
        "UPDATE audit_seal SET prev = $1, hash = $2 WHERE seq = 3",
        rows[0]["hash"],
        audit.chained(rows[0]["hash"], forged),
    )
    await tamperer.execute(CLOSE_THE_GAP)

    assert await verified(database, tenant) == (4, ["seal 3 does not follow the one before it"])
