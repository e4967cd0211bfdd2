"""Partner systems push what people told them, read what they may, and bring results to residents."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.stations.models import LiaisonStation, Tier
from tests.partners.wired import Wired, wire_up
from tests.people import County, post
from tests.queries import counted

SCOPES = ("opinions:read", "opinions:write", "events:read")
WORDS = "村口路灯坏了三个月，晚上没法走路。"


@pytest.fixture
async def station(database: Database, tenant: Tenant, county: County) -> LiaisonStation:
    async with database.unit(tenant) as tx:
        made = LiaisonStation(name="第一联络站", tier=Tier.STATION, region_id=county.town_id)
        tx.add(made)
    return made


@pytest.fixture
async def hotline(client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County) -> Wired:
    return await wire_up(client, database, tenant, SCOPES)


async def say(client: httpx.AsyncClient, station: LiaisonStation, **more: Any) -> str:
    """What a resident leaves at the station; the receipt."""
    body = {"station_code": station.code, "content": WORDS, **more}
    headers = {"Idempotency-Key": str(uuid4())}
    answer = await client.post("/api/public/v1/opinions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["receipt"])


async def follow(client: httpx.AsyncClient, receipt: str) -> Any:
    return (await client.get(f"/api/public/v1/opinions/{receipt}")).json()


async def only(hotline: Wired) -> dict[str, Any]:
    [item] = (await hotline.get("/opinions")).json()["items"]
    return dict(item)


async def test_what_is_pushed_gets_a_receipt_with_which_the_resident_follows_it(
    client: httpx.AsyncClient, hotline: Wired, station: LiaisonStation
) -> None:
    pushed = await hotline.post(
        "/opinions", {"external_id": "GD-1", "station_code": station.code, "content": WORDS}
    )

    assert pushed.status_code == 201, pushed.text
    said = pushed.json()
    assert (said["external_id"], said["state"]) == ("GD-1", "received")
    seen = await follow(client, said["receipt"])
    assert (seen["number"], seen["state"]) == (said["number"], "received")


async def test_the_same_external_id_gets_the_first_answer_whatever_the_key(
    hotline: Wired, database: Database, tenant: Tenant
) -> None:
    body = {"external_id": "GD-2", "content": WORDS}
    first = await hotline.post("/opinions", body)
    again = await hotline.post("/opinions", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    async with database.unit(tenant) as tx:
        assert (await sql(tx, text("SELECT count(*) FROM opinions"))).scalar_one() == 1


async def test_many_at_once_with_one_external_id_make_one_opinion(
    hotline: Wired, database: Database, tenant: Tenant
) -> None:
    body = {"external_id": "GD-3", "content": WORDS}
    answers = await asyncio.gather(*(hotline.post("/opinions", body) for _ in range(4)))

    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    assert len({a.json()["receipt"] for a in answers}) == 1
    async with database.unit(tenant) as tx:
        assert (await sql(tx, text("SELECT count(*) FROM opinions"))).scalar_one() == 1


async def test_other_words_under_a_known_external_id_are_refused(hotline: Wired) -> None:
    await hotline.post("/opinions", {"external_id": "GD-4", "content": WORDS})

    other = await hotline.post("/opinions", {"external_id": "GD-4", "content": "另一件事情，请处理。"})

    assert (other.status_code, other.json()["code"]) == (409, "external-id-reused")


async def test_two_sources_and_two_partners_do_not_meet_in_their_numbers(
    client: httpx.AsyncClient, hotline: Wired, database: Database, tenant: Tenant
) -> None:
    platform = await wire_up(client, database, tenant, SCOPES, name="县平台")
    body = {"external_id": "1", "content": WORDS}

    answers = [
        await hotline.post("/opinions", body),
        await hotline.post("/opinions", {**body, "source": "wechat"}),
        await platform.post("/opinions", body),
    ]

    assert [a.status_code for a in answers] == [201, 201, 201]
    assert len({a.json()["receipt"] for a in answers}) == 3
    found = (await platform.get("/opinions", external_id="1")).json()["items"]
    assert [item["id"] for item in found] == [answers[2].json()["id"]]


@pytest.mark.parametrize(
    "hidden",
    [
        {"confidential": True},
        {"category": "conduct"},
        {"content": "举报某干部收受好处。"},
        {"content": "村支书把低保名额给了亲戚。"},
        {"content": "镇长从来不来我们村。"},
    ],
)
async def test_nothing_confidential_and_no_accusation_leaves_the_house(
    client: httpx.AsyncClient,
    hotline: Wired,
    station: LiaisonStation,
    database: Database,
    tenant: Tenant,
    hidden: dict[str, Any],
) -> None:
    await say(client, station, **hidden)
    async with database.unit(tenant) as tx:
        id = (await sql(tx, text("SELECT id FROM opinions"))).scalar_one()
        [event] = (await sql(tx, text("SELECT body FROM outbox WHERE name = 'opinion.received'"))).scalars()

    assert (await hotline.get("/opinions")).json()["items"] == []
    assert (await hotline.get(f"/opinions/{id}")).status_code == 404
    assert (await hotline.post(f"/opinions/{id}/result", {"content": "办好了。"})).status_code == 404
    assert event["confidential"] is True


async def test_names_phones_and_places_are_not_among_what_partners_read(
    client: httpx.AsyncClient, hotline: Wired, station: LiaisonStation
) -> None:
    contact = {"name": "王小明", "phone": "13800001234"}
    await say(client, station, content=f"{WORDS}电话13900005678", contact=contact, place="村东第三家")

    listed = (await hotline.get("/opinions")).text
    one = await hotline.get(f"/opinions/{(await only(hotline))['id']}")

    for text_ in (listed, one.text):
        assert not any(secret in text_ for secret in ("13800001234", "13900005678", "王小明", "村东"))
    assert one.json()["content"] == f"{WORDS}电话（电话已隐去）"


async def moved(client: httpx.AsyncClient, county: County, id: str, to: str) -> httpx.Response:
    body = {"to": to, "reason": "属于热线受理范围", "reference": "12345-77"}
    return await post(client, f"/api/v1/opinions/{id}/transfer", county["carol"], body)


async def test_what_the_hotline_did_reaches_the_residents_page_even_after_it_was_closed(
    client: httpx.AsyncClient, hotline: Wired, station: LiaisonStation, county: County
) -> None:
    receipt = await say(client, station)
    id = (await only(hotline))["id"]
    assert (await moved(client, county, id, "hotline")).status_code == 200
    assert (await follow(client, receipt))["state"] == "told"
    await post(client, f"/api/v1/opinions/{id}/closure", county["carol"])

    done = await hotline.post(f"/opinions/{id}/result", {"content": "路灯已修好。", "handled_by": "县住建局"})

    assert (done.status_code, done.json()["state"]) == (200, "answered"), done.text
    seen = await follow(client, receipt)
    assert (seen["result"]["content"], seen["result"]["by"]) == ("路灯已修好。", "县住建局")
    assert seen["state"] == "told"  # reading it here is being told
    again = await hotline.post(
        f"/opinions/{id}/result", {"content": "路灯已修好。", "handled_by": "县住建局"}
    )
    assert (again.status_code, again.json()["state"]) == (200, "told")


async def test_a_partner_finishes_what_it_pushed_itself_and_nothing_of_the_countys(
    client: httpx.AsyncClient, hotline: Wired, station: LiaisonStation, county: County
) -> None:
    pushed = (await hotline.post("/opinions", {"external_id": "GD-9", "content": WORDS})).json()
    own = await hotline.post(f"/opinions/{pushed['id']}/result", {"content": "已修好。"})
    assert (own.status_code, own.json()["result"]["by"]) == (200, "12345 热线")

    await say(client, station, content="水管漏水，请修理。")
    other = next(i for i in (await hotline.get("/opinions")).json()["items"] if i["id"] != pushed["id"])
    refused = await hotline.post(f"/opinions/{other['id']}/result", {"content": "已修好。"})
    assert (refused.status_code, refused.json()["code"]) == (409, "result-not-yours")


async def test_what_went_to_the_discipline_body_is_gone_from_partners(
    client: httpx.AsyncClient, hotline: Wired, station: LiaisonStation, county: County
) -> None:
    await say(client, station)
    id = (await only(hotline))["id"]
    assert (await moved(client, county, id, "discipline")).status_code == 200

    assert (await hotline.get(f"/opinions/{id}")).status_code == 404


@pytest.mark.parametrize("scope", ["opinions:read", "opinions:write"])
async def test_each_scope_opens_only_its_own_doors(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County, scope: str
) -> None:
    partner = await wire_up(client, database, tenant, (scope,))

    reads = (await partner.get("/opinions")).status_code
    writes = (await partner.post("/opinions", {"content": WORDS})).status_code

    assert (reads, writes) == ((200, 403) if scope == "opinions:read" else (403, 201))


async def test_a_list_asks_no_more_for_three_than_for_one(hotline: Wired, station: LiaisonStation) -> None:
    async def cost() -> int:
        with counted() as sent:
            await hotline.get("/opinions")
        return len(sent)

    await hotline.post("/opinions", {"content": WORDS, "station_code": station.code})
    one = await cost()
    for _ in range(2):
        await hotline.post("/opinions", {"content": WORDS, "station_code": station.code})
    assert await cost() == one
