"""Who may look at which photo, and who may make it part of something: one rule for all owners."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.settings import Settings
from app.uploads.showing import RULES, shows
from app.uploads.storage import Stores
from tests.conftest import MovableClock, app_with
from tests.partners.wired import wire_up
from tests.people import County, Token, get, post
from tests.stations.network import Network, a_photo, found_network

VISIT = {"visited_on": "2026-11-24", "place": "甲镇一村", "summary": "走访三户，谈水渠。", "issues": []}
EVERYBODY = ("alice", "dave", "bob", "carol", "chen", "lena", "gina", "kim", "kai", "cora", "otto", "sam")


@pytest.fixture
def app(settings: Settings, database: Database, clock: MovableClock, tmp_path: Path) -> FastAPI:
    return app_with(settings, database, now=clock, outside={Stores: Stores(tmp_path)})


@pytest.fixture
async def network(database: Database, tenant: Tenant, county: County) -> Network:
    return await found_network(database, tenant, county)


async def kept(app: FastAPI, network: Network, owner: str) -> UUID:
    """A picture whose file is there as well."""
    stores: Stores = app.state.outside[Stores]
    key = await stores.of("alpha").put(uuid4().bytes)
    id = await a_photo(network.database, network.tenant, owner)
    async with network.database.unit(network.tenant) as tx:
        facts = {"id": id, "key": key}
        await sql(tx, text("UPDATE uploads SET sha256 = :key, thumbnail_sha256 = :key WHERE id = :id"), facts)
    return id


async def sees(client: httpx.AsyncClient, network: Network, photo: UUID) -> set[str]:
    answers = {
        name: (await get(client, f"/api/v1/uploads/{photo}/content", network[name])).status_code
        for name in EVERYBODY
    }
    assert set(answers.values()) <= {200, 404}, answers
    return {name for name, status in answers.items() if status == 200}


def label(who: Token) -> str:
    return f"account:{who.account_id}"


async def a_visit(client: httpx.AsyncClient, who: Token, photo: UUID) -> httpx.Response:
    return await post(
        client, "/api/v1/visits", who, {**VISIT, "client_id": str(uuid4()), "upload_ids": [str(photo)]}
    )


async def test_a_photo_that_belongs_to_nothing_is_its_senders_alone(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    photo = await kept(app, network, label(network["alice"]))
    assert await sees(client, network, photo) == {"alice"}


async def test_photos_of_a_visit_are_seen_by_whoever_sees_the_visit(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    photo = await kept(app, network, label(network["alice"]))
    assert (await a_visit(client, network["alice"], photo)).status_code == 201

    assert await sees(client, network, photo) == {"alice", "carol", "chen", "lena", "cora"}


async def test_photos_of_an_opinion_are_seen_by_whoever_reads_the_opinion(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    async def said(**more: Any) -> UUID:
        photo = await kept(app, network, "form:somebody")
        body = {"station_code": network.station.code, "content": "路灯坏了。", "upload_ids": [str(photo)]}
        headers = {"Idempotency-Key": str(uuid4())}
        answer = await client.post("/api/public/v1/opinions", json={**body, **more}, headers=headers)
        assert answer.status_code == 201, answer.text
        return photo

    assert await sees(client, network, await said()) == {"alice", "carol", "chen", "lena", "kim", "cora"}
    assert await sees(client, network, await said(confidential=True)) == {"carol", "chen", "cora"}
    assert await sees(client, network, await said(route="county")) == {"lena", "cora"}


async def test_a_signed_sheet_is_seen_by_the_stations_people_and_the_delegates_on_it(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    sheet = await kept(app, network, label(network["kim"]))
    body = {
        "date": "2026-11-24",
        "delegate_ids": [str(network.county.seats["alice"])],
        "sheet_upload_id": str(sheet),
    }
    assert (await post(client, f"{network.path}/attendance", network["kim"], body)).status_code == 201

    assert await sees(client, network, sheet) == {"alice", "kim", "carol", "cora"}


async def test_nobody_makes_anothers_photo_part_of_his_own_visit(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    for owner in (label(network["dave"]), "form:somebody", "partner:somebody"):
        photo = await kept(app, network, owner)
        refused = await a_visit(client, network["alice"], photo)
        assert (refused.status_code, refused.json()["code"]) == (422, "upload-unknown"), owner


async def test_a_partner_names_only_its_own_photos(
    app: FastAPI, client: httpx.AsyncClient, network: Network
) -> None:
    wired = [
        await wire_up(client, network.database, network.tenant, ("opinions:write",), name=name)
        for name in ("热线", "县平台")
    ]
    async with network.database.unit(network.tenant) as tx:
        rows = await sql(tx, text("SELECT client_id, id FROM partner_clients"))
        ids = {row.client_id: row.id for row in rows}
    photo = await kept(app, network, f"partner:{ids[wired[0].client_id]}")
    body = {"content": "路灯坏了。", "upload_ids": [str(photo)]}

    assert (await wired[1].post("/opinions", body)).status_code == 422
    assert (await wired[0].post("/opinions", body)).status_code == 201


def test_a_second_rule_for_the_same_photos_is_a_fault() -> None:
    assert {"opinions", "visits", "attendance sheets"} <= RULES.keys()
    with pytest.raises(ValueError, match="already"):
        shows("visits")(RULES["visits"])
