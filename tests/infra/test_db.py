"""Binding: a unit sees its own county and no other, whatever happened on the connection before."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.crypto import Keyring, Unopenable, vault_of
from app.infra.db import Database, Unbound, raw, sql, sqlalchemy_url
from app.infra.outbox import FeedCursor, ParkedEvent
from app.infra.provisioning import bind_role
from app.infra.tenants import Tenant, TenantReadOnly
from app.kernel.clock import machine_now
from tests.conftest import KEYS, Dsns

POOL = 5
MARKS = text("SELECT consumer FROM feed_cursors")
PARKED = text("SELECT DISTINCT consumer FROM parked_events")


async def mark(database: Database) -> Sequence[Tenant]:
    """One row in each county that bears the county's name."""
    counties = (await database.tenants()).all()
    for county in counties:
        async with database.unit(county) as tx:
            tx.add(FeedCursor(consumer=county.slug, seq=0))
    return counties


async def names_seen(tx: AsyncSession) -> list[str]:
    return list((await sql(tx, MARKS)).scalars())


@pytest.fixture
async def narrow(dsns: Dsns, database: Database) -> AsyncIterator[Database]:
    """One connection only: every unit follows the one before it on the same wire."""
    made = Database(dsns.app, keyring=Keyring(**KEYS), pool_size=1)
    yield made
    await made.close()


async def test_a_unit_sees_its_own_county_only(narrow: Database) -> None:
    alpha, beta = await mark(narrow)

    for county in (alpha, beta, alpha, alpha, beta):
        async with narrow.unit(county) as tx:
            assert await names_seen(tx) == [county.slug]


async def test_begin_and_binding_ride_in_one_round_trip(narrow: Database) -> None:
    [alpha, _] = (await narrow.tenants()).all()
    sent: list[str] = []
    async with narrow.unit(alpha) as tx:
        (await raw(tx)).add_query_logger(lambda record: sent.append(record.query))

    async with narrow.unit(alpha) as tx:
        await names_seen(tx)

    started = [query for query in sent if "BEGIN" in query or "search_path" in query]
    assert started == ['BEGIN;SET LOCAL search_path TO "c_alpha", ext;']


async def test_a_savepoint_does_not_bind_again(narrow: Database) -> None:
    alpha, _ = await mark(narrow)
    async with narrow.unit(alpha) as tx:
        async with tx.begin_nested():
            assert await names_seen(tx) == ["alpha"]
        assert await names_seen(tx) == ["alpha"]


async def test_a_unit_without_sql_leaves_no_path_behind(narrow: Database) -> None:
    [alpha, _] = (await narrow.tenants()).all()
    async with narrow.unit(alpha) as tx:
        wire: Any = await raw(tx)
    async with narrow.unit(alpha) as tx:
        await tx.connection()  # begun for SQLAlchemy, not yet for PostgreSQL
        assert wire.path == alpha.search_path

    assert wire.path is None


async def test_what_a_unit_sets_for_the_session_does_not_reach_the_next_unit(narrow: Database) -> None:
    alpha, beta = await mark(narrow)
    async with narrow.unit(alpha) as tx:
        await sql(tx, text("SET search_path TO c_alpha"))

    async with narrow.unit(beta) as tx:
        assert await names_seen(tx) == ["beta"]


async def test_after_an_error_the_next_unit_on_the_same_wire_is_bound_anew(narrow: Database) -> None:
    alpha, beta = await mark(narrow)
    with suppress(ZeroDivisionError):
        async with narrow.unit(alpha) as tx:
            await names_seen(tx)
            raise ZeroDivisionError

    async with narrow.unit(beta) as tx:
        assert await names_seen(tx) == ["beta"]


async def test_a_transaction_without_a_tenant_is_refused(narrow: Database) -> None:
    engine = narrow._engine(narrow.dsn)
    with pytest.raises(Unbound):
        async with AsyncSession(engine) as session:
            await session.connection()


async def test_autocommit_is_refused_because_a_local_setting_would_do_nothing(narrow: Database) -> None:
    engine = narrow._engine(narrow.dsn)
    loose = engine.execution_options(search_path='"c_alpha"', isolation_level="AUTOCOMMIT")
    with pytest.raises(Unbound):
        async with AsyncSession(loose) as session:
            await session.connection()


async def test_a_county_that_is_being_moved_may_be_read_but_not_written(narrow: Database) -> None:
    alpha, _ = await mark(narrow)
    moving = Tenant(**{**vars(alpha), "state": "read_only"})
    async with narrow.unit(moving, write=False) as tx:
        assert await names_seen(tx) == ["alpha"]
    with pytest.raises(TenantReadOnly):
        async with narrow.unit(moving):
            pytest.fail("a write unit began")


class Storm:
    """Many units on few connections, some cancelled, some failing; notes what it saw of others."""

    def __init__(self, database: Database, counties: Sequence[Tenant], *, seed: int) -> None:
        self.database = database
        self.counties = counties
        self.chance = random.Random(seed)
        self.ended: Counter[str] = Counter()
        self.foreign: list[tuple[str, list[str]]] = []

    async def rage(self, tasks: int) -> None:
        running = [asyncio.create_task(self._one(number)) for number in range(tasks)]
        for task in running:
            if self.chance.random() < 0.3:
                asyncio.get_running_loop().call_later(self.chance.random() * 0.1, task.cancel)
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            self.ended[type(outcome).__name__] += 1

    async def _one(self, number: int) -> None:
        for turn in range(4):
            county = self.chance.choice(self.counties)
            try:
                await self._unit(county, fails=self.chance.random() < 0.3, seq=number * 10 + turn)
            except ZeroDivisionError:
                self.ended["failed unit"] += 1

    async def _unit(self, county: Tenant, *, fails: bool, seq: int) -> None:
        async with self.database.unit(county) as tx:
            if seq % 3 == 0:
                await tx.connection()
            seen = await names_seen(tx)
            if seen != [county.slug]:
                self.foreign.append((county.slug, seen))
            tx.add(ParkedEvent(consumer=county.slug, seq=seq, error="", parked_at=machine_now()))
            await tx.flush()
            if fails:
                raise ZeroDivisionError


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_sixty_tasks_with_cancels_and_errors_see_and_write_no_foreign_row(
    database: Database, seed: int
) -> None:
    counties = await mark(database)
    storm = Storm(database, counties, seed=seed)

    await storm.rage(60)

    assert storm.foreign == []
    assert storm.ended["failed unit"] > 0
    assert storm.ended["CancelledError"] > 0
    assert set(storm.ended) <= {"failed unit", "CancelledError", "NoneType"}
    for county in counties:
        async with database.unit(county) as tx:
            assert await names_seen(tx) == [county.slug]
            assert list((await sql(tx, PARKED)).scalars()) == [county.slug]


HOT = "SELECT string_agg(consumer, ',') AS seen, 1 / $1::int AS one FROM feed_cursors"


async def test_sixty_hot_statements_with_cancels_and_errors_see_no_foreign_row(database: Database) -> None:
    counties = await mark(database)
    chance = random.Random(4)
    ended: Counter[str] = Counter()

    async def ask(county: Tenant) -> None:
        for divisor in (1, 0, 1, 1):
            try:
                row = await database.one_statement(county, HOT, divisor)
                assert row is not None
                assert row["seen"] == county.slug
            except asyncpg.DivisionByZeroError:
                ended["failed statement"] += 1

    running = [asyncio.create_task(ask(chance.choice(counties))) for _ in range(60)]
    for task in running[::3]:
        asyncio.get_running_loop().call_later(chance.random() * 0.1, task.cancel)
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        ended[type(outcome).__name__] += 1

    assert ended["failed statement"] > 0
    assert set(ended) <= {"failed statement", "CancelledError", "NoneType"}
    await asyncio.gather(*(ask(county) for county in list(counties) * POOL))


class ForgetfulDatabase(Database):
    """The planted leak: the path is set for the session, once, and never again."""

    def _engine(self, dsn: str) -> AsyncEngine:
        if dsn not in self._engines:
            self._engines[dsn] = engine = create_async_engine(
                sqlalchemy_url(dsn), pool_size=POOL, max_overflow=0, pool_timeout=5
            )
            event.listen(engine.sync_engine, "begin", self._set_once)
        return self._engines[dsn]

    @staticmethod
    def _set_once(connection: Any) -> None:
        if "bound" not in connection.info:
            path = connection.get_execution_options()["search_path"]
            connection.exec_driver_sql(f"SET SESSION search_path TO {path}")
            connection.exec_driver_sql("COMMIT AND CHAIN")
            connection.info["bound"] = True


async def test_the_storm_finds_a_planted_leak(dsns: Dsns, database: Database) -> None:
    counties = await mark(database)
    leaking = ForgetfulDatabase(dsns.app, keyring=Keyring(**KEYS))
    storm = Storm(leaking, counties, seed=1)

    await storm.rage(60)
    await leaking.close()

    assert {found[0] for found in storm.foreign} == {"alpha", "beta"}


@pytest.fixture
async def bare(dsns: Dsns) -> AsyncIterator[asyncpg.Connection]:
    """The application's role without any binding."""
    connection = await asyncpg.connect(dsns.app)
    yield connection
    await connection.close()


async def test_the_application_role_without_binding_sees_no_table(bare: asyncpg.Connection) -> None:
    assert await bare.fetchval("SELECT current_schema()") is None
    with pytest.raises(asyncpg.UndefinedTableError):
        await bare.fetch("SELECT 1 FROM accounts")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE c_alpha.audit SET actor = 'nobody'",
        "DELETE FROM c_alpha.audit",
        "TRUNCATE c_alpha.audit CASCADE",
        "UPDATE c_alpha.audit_seal SET seq = seq + 1",
        "DELETE FROM c_alpha.audit_seal",
        "UPDATE c_alpha.alembic_version SET version_num = '9999'",
        "DELETE FROM platform.alembic_version",
        "DROP TABLE c_alpha.outbox",
        "ALTER TABLE c_alpha.audit DISABLE TRIGGER ALL",
        "CREATE TABLE c_alpha.mine (id int)",
        "CREATE TABLE platform.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE ext.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
    ],
)
async def test_the_application_role_may_not(bare: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await bare.execute(statement)


async def test_the_application_role_gives_up_on_a_lock_after_two_seconds(bare: asyncpg.Connection) -> None:
    assert await bare.fetchval("SHOW lock_timeout") == "2s"


async def test_a_row_copied_to_another_county_does_not_open_there(database: Database) -> None:
    alpha, beta = (await database.tenants()).all()
    async with database.unit(alpha) as tx:
        sealed = vault_of(tx).seal("13800000001", where="people.phone|1")
        assert vault_of(tx).open(sealed, where="people.phone|1") == "13800000001"
        with pytest.raises(Unopenable):
            vault_of(tx).open(sealed, where="people.phone|2")

    async with database.unit(beta) as tx:
        with pytest.raises(Unopenable):
            vault_of(tx).open(sealed, where="people.phone|1")


async def test_blind_indexes_of_two_counties_have_nothing_in_common(database: Database) -> None:
    indexes = set()
    for county in (await database.tenants()).all():
        async with database.unit(county, write=False) as tx:
            indexes.add(vault_of(tx).blind_index("13800000001", purpose="phone"))
            indexes.add(vault_of(tx).blind_index("13800000001", purpose="login"))
    assert len(indexes) == 4


# `source`: user = the role's own setting, session = a SET LOCAL of this transaction.
PATH = "SELECT source, current_schema() AS schema FROM pg_settings WHERE name = 'search_path'"


async def test_a_role_of_one_county_runs_a_hot_statement_without_begin(
    admin_dsn: str, dsns: Dsns, tenant: Tenant, database: Database
) -> None:
    role = await bind_role(admin_dsn, tenant.schema, slug=tenant.slug)
    bound = Database(dsns.app.replace("lianluo_app@", f"{role}@"), keyring=database.keyring)
    try:
        row = await bound.one_statement(tenant, PATH)
    finally:
        await bound.close()
    assert row is not None
    assert (row["source"], row["schema"]) == ("user", tenant.schema)


async def test_the_shared_role_is_bound_for_each_hot_statement(tenant: Tenant, database: Database) -> None:
    row = await database.one_statement(tenant, PATH)
    assert row is not None
    assert (row["source"], row["schema"]) == ("session", tenant.schema)
