"""A real PostgreSQL for every test: one server a run, one database a worker, two counties in it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.embedded import EmbeddedPostgres
from app.infra.migrations import add_tenant
from app.infra.provisioning import provision
from app.infra.tenants import Tenant
from app.main import furnish, routed
from app.settings import Settings
from app.tables import tenant_metadata
from tests.people import County, found_county

ROOT = Path(__file__).resolve().parents[1]
KEYS = {
    "token_keys": "1:" + "dG9rZW4ta2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzIQ==",
    "field_keys": "1:" + "ZmllbGQta2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzIQ==",
    "index_key": "1:" + "aW5kZXgta2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzIQ==",
}
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # Wednesday, 10:00 in Shanghai
# Tables the migrations or the seed fill once; tests read them only.
KEPT = {"calendar_versions", "calendar_years", "calendar_days"}


@dataclass(frozen=True)
class Dsns:
    """One worker's database, for its three kinds of users."""

    admin: str
    owner: str
    app: str


@dataclass
class MovableClock:
    """Business time of a test: set it, everything sees it."""

    now: datetime = NOW

    async def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


def _on(dsn: str, database: str, role: str | None = None) -> str:
    parts = urlsplit(dsn)
    netloc = parts.netloc if role is None else f"{role}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(path=f"/{database}", netloc=netloc))


@pytest.fixture(scope="session")
def admin_dsn() -> Iterator[str]:
    """A superuser's way in: TEST_DATABASE_URL, or the embedded server (unsynced: tests may lose power)."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    unsynced = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
    server = EmbeddedPostgres(ROOT / "var" / "test-pg", unsynced)
    server.start()
    try:
        yield server.dsn("postgres", "postgres")
    finally:
        server.release()


@pytest.fixture(scope="session")
def dsns(admin_dsn: str, worker_id: str) -> Iterator[Dsns]:
    name = f"test_{worker_id}_{os.getpid()}"
    asyncio.run(_make(admin_dsn, name))
    yield Dsns(
        admin=_on(admin_dsn, name),
        owner=_on(admin_dsn, name, "lianluo_owner"),
        app=_on(admin_dsn, name, "lianluo_app"),
    )
    asyncio.run(_drop(admin_dsn, name))


async def _make(admin: str, name: str) -> None:
    await provision(admin, database=name)
    owner = _on(admin, name, "lianluo_owner")
    for slug, title in (("alpha", "甲县"), ("beta", "乙县")):
        await add_tenant(owner, slug, name=title, hosts=(f"{slug}.test",))
    database = Database(_on(admin, name, "lianluo_app"), keyring=Keyring(**KEYS))
    for tenant in (await database.tenants()).all():
        async with database.unit(tenant) as tx:
            await calendars.seed(tx, now=NOW)
    await database.close()


async def _drop(admin: str, name: str) -> None:
    connection = await asyncpg.connect(admin)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


TABLES = [
    *(
        f"{schema}.{table.name}"
        for schema in ("c_alpha", "c_beta")
        for table in tenant_metadata.sorted_tables
        if table.name not in KEPT
    ),
    "platform.job_slots",
]
# TRUNCATE makes new files for every table and index, used or not: most of a small test's time. This
# deletes from the few tables that hold rows, with foreign keys not looked at.
EMPTY = f"""
    SET session_replication_role = replica;
    DO $$
    DECLARE named text; filled boolean;
    BEGIN
        FOREACH named IN ARRAY ARRAY{TABLES} LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', named) INTO filled;
            IF filled THEN EXECUTE format('DELETE FROM %s', named); END IF;
        END LOOP;
    END $$"""


@pytest.fixture
async def database(dsns: Dsns) -> AsyncIterator[Database]:
    """Both counties, empty again afterwards."""
    made = Database(dsns.app, keyring=Keyring(**KEYS), pool_size=5)
    yield made
    await made.close()
    connection = await asyncpg.connect(dsns.admin)
    await connection.execute(EMPTY)
    await connection.close()


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    return (await database.tenants()).choose("alpha.test", None)


@pytest.fixture
async def tx(database: Database, tenant: Tenant) -> AsyncIterator[AsyncSession]:
    """One unit of work of county alpha, rolled back at the end."""
    async with database.unit(tenant) as session:
        yield session
        await session.rollback()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, var_dir=tmp_path, **KEYS)  # type: ignore[call-arg,arg-type]


@cache
def _built() -> FastAPI:
    """The routes, made once a process: they take most of a second."""
    return routed(demo=False)


def app_with(settings: Settings, database: Database, **more: Any) -> FastAPI:
    """As `create_app`, on routes made before. One at a time: the state is the application's."""
    built = _built()
    furnish(built, settings, database, **more)
    return built


@pytest.fixture
def app(settings: Settings, database: Database, clock: MovableClock) -> FastAPI:
    return app_with(settings, database, now=clock)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://alpha.test") as made:
        yield made


@pytest.fixture
async def county(database: Database, tenant: Tenant) -> County:
    """A small county with its people: see tests/people.py."""
    return await found_county(database, tenant)
