"""The quick way leaves exactly the rows of the ordinary one."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.opinions import speaking_api
from app.stations.models import LiaisonStation, Tier
from tests.conftest import Dsns, MovableClock
from tests.people import County

TABLES = ("opinions", "opinion_steps", "audit", "deadlines", "outbox", "idempotency_keys")
# What is new in every row, whichever way it was written.
OWN = {
    "id",
    "serial",
    "opinion_id",
    "subject_id",
    "root_id",
    "receipt_index",
    "contact_sealed",
    "written_at",
    "xid",
    "body",
    "key_hash",
    "body_hash",
    "sealed",
    "content",
    "seq",
    "request_id",
}


@pytest.fixture
async def station(database: Database, tenant: Tenant, county: County) -> LiaisonStation:
    async with database.unit(tenant) as tx:
        made = LiaisonStation(name="第一联络站", tier=Tier.STATION, region_id=county.town_id)
        tx.add(made)
    return made


async def speak(client: httpx.AsyncClient, code: str, words: str, key: str | None = None) -> httpx.Response:
    body = {
        "station_code": code,
        "content": words,
        "category": "roads",
        "place": "村东",
        "contact": {"name": "王小明", "phone": "13800001234", "share_with_unit": True},
    }
    headers = {"Idempotency-Key": key or str(uuid4())}
    return await client.post("/api/public/v1/opinions", json=body, headers=headers)


async def rows(dsns: Dsns, table: str, since: int) -> list[Mapping[str, Any]]:
    connection = await asyncpg.connect(dsns.owner)
    found = await connection.fetch(
        f"SELECT to_jsonb(t) AS row FROM c_alpha.{table} t ORDER BY xmin::text::int"
    )
    await connection.close()
    return [json.loads(row["row"]) for row in found][since:]


async def test_both_ways_leave_the_same_rows(
    client: httpx.AsyncClient,
    station: LiaisonStation,
    dsns: Dsns,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {table: len(await rows(dsns, table, 0)) for table in TABLES}
    quick = await speak(client, station.code, "路灯坏了很久，请修一修。")

    async def not_at_all(*_: object) -> None:
        return None

    monkeypatch.setattr(speaking_api, "_quickly", not_at_all)
    ordinary = await speak(client, station.code, "路灯坏了很久，还请修一修。")
    assert (quick.status_code, ordinary.status_code) == (201, 201), (quick.text, ordinary.text)
    assert set(quick.json()) == set(ordinary.json())
    assert quick.json()["triage_due_at"] == ordinary.json()["triage_due_at"]
    for table in TABLES:
        one, other = await rows(dsns, table, before[table])
        assert {k: v for k, v in one.items() if k not in OWN} == {
            k: v for k, v in other.items() if k not in OWN
        }, table
        assert {k for k, v in one.items() if v is None} == {k for k, v in other.items() if v is None}, table


async def test_a_repeated_key_gets_the_first_receipt_and_writes_nothing(
    client: httpx.AsyncClient, station: LiaisonStation, database: Database, tenant: Tenant
) -> None:
    key = str(uuid4())
    first = await speak(client, station.code, "水管漏水。", key)
    again = await speak(client, station.code, "水管漏水。", key)
    other = await speak(client, station.code, "别的事情。", key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    async with database.unit(tenant) as tx:
        assert (await sql(tx, text("SELECT count(*) FROM opinions"))).scalar_one() == 1


async def test_a_spent_budget_still_replays(client: httpx.AsyncClient, station: LiaisonStation) -> None:
    key = str(uuid4())
    first = await speak(client, station.code, "垃圾没人清运。", key)
    for _ in range(2):
        assert (await speak(client, station.code, "垃圾没人清运。")).status_code == 201
    for _ in range(5):
        assert (await speak(client, station.code, "垃圾没人清运。", key)).json() == first.json()
    fresh = await speak(client, station.code, "垃圾没人清运。")
    assert (fresh.status_code, fresh.json()["code"]) == (429, "budget-spent")
    assert int(fresh.headers["Retry-After"]) > 0


async def test_a_new_calendar_version_is_noticed(
    app: FastAPI, client: httpx.AsyncClient, station: LiaisonStation, dsns: Dsns, clock: MovableClock
) -> None:
    """The prepared clock is for one calendar version; another one sends the opinion the ordinary way."""
    await speak(client, station.code, "第一件。")
    connection = await asyncpg.connect(dsns.owner)
    await connection.execute(
        "INSERT INTO c_alpha.calendar_versions (version, what, made_at) VALUES (2, '试', now())"
    )
    try:
        assert (await speak(client, station.code, "第二件。")).status_code == 201
        used = await connection.fetch(
            "SELECT calendar_version FROM c_alpha.deadlines ORDER BY started_at, id"
        )
        assert [row["calendar_version"] for row in used] == ["v1", "v2"]
    finally:
        await connection.execute("DELETE FROM c_alpha.calendar_versions WHERE version = 2")
        await connection.close()


@pytest.mark.parametrize(("code", "status"), [("NOSUCH22", 404)])
async def test_unknown_station(client: httpx.AsyncClient, county: County, code: str, status: int) -> None:
    answer = await speak(client, code, "有话要说。")
    assert (answer.status_code, answer.json()["code"]) == (status, "station-unknown")
