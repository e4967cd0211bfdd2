"""What partner systems read of stations, delegates and suggestions; nothing personal, nothing judged."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.kernel.ids import new_id
from app.settings import Settings
from app.stations.models import LiaisonStation, Tier
from app.uploads.images import ImagePool
from app.uploads.storage import Stores
from tests.conftest import NOW, MovableClock, app_with
from tests.partners.wired import Wired, wire_up
from tests.people import County
from tests.uploads.pictures import encoded, quarters

SCOPES = ("stations:read", "delegates:read", "suggestions:read", "uploads:write", "opinions:write")


@pytest.fixture
def app(settings: Settings, database: Database, clock: MovableClock, tmp_path: Path) -> FastAPI:
    return app_with(settings, database, now=clock, outside={Stores: Stores(tmp_path)})


@pytest.fixture
async def decoding(app: FastAPI) -> AsyncIterator[None]:
    pool: ImagePool = app.state.outside[ImagePool]
    pool.start()
    yield
    await pool.stop()


@pytest.fixture
async def platform(client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County) -> Wired:
    return await wire_up(client, database, tenant, SCOPES, name="县平台")


ROW = text("""
    INSERT INTO suggestions (id, congress_id, region_id, level, delegate_id, delegate_name, title, situation,
        proposal, raised_in, proposer, origin, confidential, state, revision, created_at)
    VALUES (:id, :congress, :region, 'township', :delegate, 'alice', :title, '情况', '建议', 'intersession',
        'delegate', 'suggestion', :confidential, :state, 1, :at)""")


async def a_suggestion(
    database: Database, tenant: Tenant, county: County, state: str, *, confidential: bool = False
) -> UUID:
    id = new_id()
    facts = {
        "id": id,
        "congress": county.congress_id,
        "region": county.town_id,
        "delegate": county.seats["alice"],
        "title": f"关于{state}的建议",
        "confidential": confidential,
        "state": state,
        "at": NOW,
    }
    async with database.unit(tenant) as tx:
        await sql(tx, ROW, facts)
    return id


async def test_stations_are_listed_with_their_own_number(
    platform: Wired, database: Database, tenant: Tenant, county: County
) -> None:
    async with database.unit(tenant) as tx:
        tx.add(
            LiaisonStation(
                name="第一联络站", tier=Tier.STATION, region_id=county.town_id, phone="0766-0000123"
            )
        )
    [item] = (await platform.get("/stations")).json()["items"]

    assert (item["name"], item["phone"], item["township_name"]) == ("第一联络站", "0766-0000123", "甲镇")
    assert (await platform.get(f"/stations/{item['id']}")).json() == item


async def test_delegates_come_without_phone_or_occupation(platform: Wired, county: County) -> None:
    answer = await platform.get("/delegates")

    assert [item["name"] for item in answer.json()["items"]] == ["alice", "dave"]
    assert set(answer.json()["items"][0]) == {
        "id", "name", "term", "district", "group_name", "congress_id", "congress_name", "level",
    }  # fmt: skip
    assert "1380000" not in answer.text


@pytest.mark.parametrize("state", ["rejected", "conference", "replied"])
async def test_that_a_reply_was_judged_is_not_to_be_seen(
    platform: Wired, database: Database, tenant: Tenant, county: County, state: str
) -> None:
    id = await a_suggestion(database, tenant, county, state)

    one = (await platform.get(f"/suggestions/{id}")).json()
    listed = (await platform.get("/suggestions", state="replied")).json()["items"]
    asked_for = (await platform.get("/suggestions", state="rejected")).json()["items"]

    assert one["state"] == "replied"
    assert [item["state"] for item in listed] == ["replied"]
    assert asked_for == []


@pytest.mark.parametrize(
    ("state", "confidential"),
    [("draft", False), ("cosigning", False), ("submitted", False), ("handling", True)],
)
async def test_drafts_and_confidential_ones_are_not_there(
    platform: Wired, database: Database, tenant: Tenant, county: County, state: str, confidential: bool
) -> None:
    id = await a_suggestion(database, tenant, county, state, confidential=confidential)

    assert (await platform.get("/suggestions")).json()["items"] == []
    assert (await platform.get(f"/suggestions/{id}")).status_code == 404


async def test_a_photo_is_sent_first_and_then_named(platform: Wired, decoding: None) -> None:
    picture = encoded(quarters(), "JPEG")
    sent = await platform.http.post(
        "/api/partner/v1/uploads", files={"file": ("a.jpg", picture)}, headers=platform.headers
    )
    assert sent.status_code == 201, sent.text

    pushed = await platform.post("/opinions", {"content": "路灯坏了。", "upload_ids": [sent.json()["id"]]})

    assert pushed.status_code == 201
    receipt = pushed.json()["receipt"]
    seen = (await platform.http.get(f"/api/public/v1/opinions/{receipt}")).json()
    assert [photo["id"] for photo in seen["photos"]] == [sent.json()["id"]]


async def test_without_the_scope_no_photo_is_taken(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    reader = await wire_up(client, database, tenant, ("stations:read",))
    refused = await client.post(
        "/api/partner/v1/uploads", files={"file": ("a.jpg", b"x")}, headers=reader.headers
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
