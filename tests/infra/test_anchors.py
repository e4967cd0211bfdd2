"""The chain's head outside the database: whoever drops the end of the chain, or makes it anew, is seen."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from app.infra import audit
from app.infra.anchors import Anchors, anchor
from app.infra.db import Database
from app.infra.jobs import Work
from app.infra.tenants import Tenant
from tests.conftest import Dsns, MovableClock
from tests.infra.test_audit import acts, seal


@pytest.fixture
async def tamperer(dsns: Dsns) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsns.admin)
    await connection.execute("SET session_replication_role = replica; SET search_path = c_alpha")
    yield connection
    await connection.close()


async def noted(database: Database, tenant: Tenant, anchors: Anchors) -> int:
    return await anchor(Work(database, tenant, MovableClock(), {Anchors: anchors}))


async def faults(database: Database, tenant: Tenant, anchors: Anchors) -> list[str]:
    async with database.unit(tenant, write=False) as tx:
        return (await audit.verify(tx, anchors.newest(tenant.slug)))[1]


async def test_the_end_of_the_chain_cannot_be_dropped_unseen(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection, tmp_path: Path
) -> None:
    anchors = Anchors(tmp_path / "anchors")
    await acts(database, tenant, 5)
    await seal(database, tenant)
    assert await noted(database, tenant, anchors) == 1
    assert await faults(database, tenant, anchors) == []

    await tamperer.execute("DELETE FROM audit_seal WHERE seq > 3; DELETE FROM audit WHERE action = 'act 4'")

    assert await faults(database, tenant, Anchors()) == []  # the chain alone does not tell
    assert await faults(database, tenant, anchors) == ["seals 4 to 5 are gone: 5 was anchored"]


async def test_a_chain_made_anew_is_not_the_anchored_one(
    database: Database, tenant: Tenant, tamperer: asyncpg.Connection, tmp_path: Path
) -> None:
    anchors = Anchors(tmp_path)
    await acts(database, tenant, 3)
    await seal(database, tenant)
    await noted(database, tenant, anchors)

    await tamperer.execute("DELETE FROM audit_seal; UPDATE audit SET actor = 'nobody'")
    await seal(database, tenant)

    assert await faults(database, tenant, Anchors()) == []
    assert await faults(database, tenant, anchors) == ["seal 3 is not the one that was anchored"]


async def test_the_newest_whole_line_counts_and_the_chain_may_have_grown(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    anchors = Anchors(tmp_path)
    for _ in range(2):
        await acts(database, tenant, 2)
        await seal(database, tenant)
        await noted(database, tenant, anchors)
    path = tmp_path / "alpha.jsonl"
    with path.open("a") as file:
        file.write('{"at": "2026')  # the disk filled up in the middle of a line

    newest = anchors.newest("alpha")
    await acts(database, tenant, 1)
    await seal(database, tenant)

    assert newest is not None
    assert newest.seq == 4
    assert await faults(database, tenant, anchors) == []


async def test_nothing_is_noted_while_nothing_is_sealed(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    assert await noted(database, tenant, Anchors(tmp_path)) == 0
    assert Anchors(tmp_path).newest("alpha") is None
    assert Anchors().newest("alpha") is None
