"""The bench's own server and county: real durability, enough rows, one person logged in."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.accounts import logging_in, service
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.deadlines import calendars
from app.directory import service as directory
from app.directory.models import RegionKind
from app.infra.crypto import Keyring, new_key_setting
from app.infra.db import Database
from app.infra.embedded import EmbeddedPostgres
from app.infra.migrations import add_tenant
from app.infra.provisioning import bind_role
from app.kernel.clock import machine_now
from app.opinions.models import Source
from app.opinions.receiving import From, Words, receive
from app.opinions.steps import resident
from app.stations.models import LiaisonStation, Tier

SLUG = "bench"
ROWS = 20_000
COPIES = """
INSERT INTO c_bench.opinions (id, station_id, region_id, content, audience, confidential, share_with_unit,
    source, source_name, state, created_at, round)
SELECT gen_random_uuid(), station_id, region_id, content || n, audience, confidential, share_with_unit,
    source, source_name, state, created_at - n * interval '1 minute', round
  FROM c_bench.opinions, generate_series(1, $1) n WHERE serial = 1"""
STEPS = """
INSERT INTO c_bench.opinion_steps (id, opinion_id, act, "left", entered, actor, actor_name, at, written_at,
    public)
SELECT gen_random_uuid(), id, 'receive', 'received', 'received', 'resident', '群众本人', created_at,
    created_at, true
  FROM c_bench.opinions WHERE serial > 1"""


@dataclass(frozen=True)
class Bench:
    """`keys` are the environment of the web process; `token` is a congress office's."""

    server: EmbeddedPostgres
    dsn: str
    keys: dict[str, str]
    station_code: str
    opinion_id: str
    region_id: str
    station_id: str
    token: str


@asynccontextmanager
async def benched(home: Path) -> AsyncIterator[Bench]:
    """A fresh county on a fresh embedded server with fsync on; gone afterwards."""
    server = EmbeddedPostgres(home)
    server.start()
    try:
        yield await _furnished(server)
    finally:
        server.release()


async def _furnished(server: EmbeddedPostgres) -> Bench:
    await add_tenant(server.dsn(role="lianluo_owner"), SLUG, name="测试县")
    role = await bind_role(server.dsn(role="postgres"), f"c_{SLUG}", slug=SLUG)
    keys = {name: new_key_setting() for name in ("TOKEN_KEYS", "FIELD_KEYS", "INDEX_KEY")}
    dsn = server.dsn(role=role)
    database = Database(dsn, keyring=Keyring(**{k.lower(): v for k, v in keys.items()}))
    tenant = (await database.tenants()).choose("", None)
    now = machine_now()
    async with database.unit(tenant) as tx:
        await calendars.seed(tx, now=now)
        town = await directory.add_region(tx, code="990001101", name="测试镇", kind=RegionKind.TOWNSHIP)
        station = LiaisonStation(name="一站", tier=Tier.STATION, region_id=town.id)
        tx.add(station)
        await tx.flush()
        post = Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, town.id, "测试镇人大办")
        account = await service.open_account(tx, name="办", posts=[post])
        tokens = await logging_in.start_session(tx, AccountId(account.id))
        words = Words("村口的水管漏水一个多月了，路面结冰，老人出行不便，请帮忙协调修理。" * 3)
        first = await receive(tx, station, words, From(Source.RESIDENT, "form"), resident(now))
    await database.close()
    await _fill(server)
    return Bench(
        server,
        dsn,
        keys,
        station.code,
        str(first.opinion.id),
        str(town.id),
        str(station.id),
        tokens.access_token,
    )


async def _fill(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn(role="lianluo_owner"))
    await connection.execute(COPIES, ROWS)
    await connection.execute(STEPS)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def environment(bench: Bench, port: int) -> dict[str, str]:
    return {
        **os.environ,
        **bench.keys,
        "DATABASE_URL": bench.dsn,
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "OPINIONS_PER_STATION_HOUR": "1000000000",
        "OPINIONS_PER_DEVICE_HOUR": "1000000000",
    }


def seed_of_run() -> str:
    """Makes every round's idempotency keys and texts its own."""
    return secrets.token_hex(8)
