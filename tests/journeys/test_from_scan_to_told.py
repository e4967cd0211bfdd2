"""The main job, end to end by HTTP: a resident scans and speaks; a delegate takes it up; the office hands
it to a unit; the unit replies; the delegate evaluates; the resident reads the result."""

from uuid import uuid4

import httpx
from sqlmodel import select

from app.infra import outbox
from app.infra.db import Database
from app.infra.jobs import REGISTRY, Work
from app.infra.tenants import Tenant
from app.opinions import jobs as opinion_jobs
from app.opinions.models import Opinion
from app.stations.models import LiaisonStation, Tier
from tests.conftest import MovableClock
from tests.people import County, get, post

WORDS = "村东头的路灯坏了三个多月，晚上老人和孩子走路很不安全，希望尽快修好。"


async def a_station(database: Database, tenant: Tenant, county: County) -> LiaisonStation:
    async with database.unit(tenant) as tx:
        station = LiaisonStation(name="第一联络站", tier=Tier.STATION, region_id=county.town_id)
        tx.add(station)
    return station


async def speak(client: httpx.AsyncClient, code: str, **more: object) -> httpx.Response:
    body = {"station_code": code, "content": WORDS, **more}
    return await client.post("/api/public/v1/opinions", json=body, headers={"Idempotency-Key": str(uuid4())})


async def run_jobs(database: Database, tenant: Tenant, clock: MovableClock) -> None:
    for name in (outbox.number.__name__, opinion_jobs.hear_suggestions.__name__):
        job = next(j for j in REGISTRY.values() if j.name.endswith(name))
        await job.run(Work(database, tenant, clock))


async def test_scan_to_told(
    client: httpx.AsyncClient,
    county: County,
    database: Database,
    tenant: Tenant,
    clock: MovableClock,
) -> None:
    station = await a_station(database, tenant, county)
    alice, bob = county["alice"], county["bob"]

    seen = (await client.get(f"/api/public/v1/stations/{station.code}")).json()
    assert (seen["name"], seen["township"], seen["open"]) == ("第一联络站", "甲镇", True)

    spoken = await speak(client, station.code, contact={"name": "王小明", "phone": "138 0000 1234"})
    assert spoken.status_code == 201, spoken.text
    receipt = spoken.json()["receipt"]
    followed = (await client.get(f"/api/public/v1/opinions/{receipt}")).json()
    assert (followed["state"], followed["result"]) == ("received", None)

    [listed] = (await get(client, "/api/v1/opinions", alice)).json()["items"]
    adopted = await post(
        client,
        f"/api/v1/opinions/{listed['id']}/adoption",
        alice,
        {
            "title": "关于维修村东路灯的建议",
            "analysis": "经走访，村东三盏路灯因线路老化停用，涉及四十余户出行。",
            "proposal": "请维修线路并纳入日常巡查。",
        },
    )
    assert adopted.status_code == 201, adopted.text
    path = f"/api/v1/suggestions/{adopted.json()['id']}"
    await post(client, f"{path}/submission", alice)
    await post(client, f"{path}/review", county["carol"], {"decision": "accept"})
    await post(client, f"{path}/assignment", county["chen"], {"lead_unit_id": str(county.unit_id)})
    await post(client, f"{path}/acceptance", bob)
    talk = {"how": "phone", "at": "2026-11-25T15:00:00+08:00", "note": "电话沟通"}
    await post(client, f"{path}/contacts", bob, talk)
    answer = {"content": "三盏路灯已于本周修复。", "outcome": "solved", "disclosure": "full"}
    await post(client, f"{path}/reply-draft", bob, answer)
    await post(client, f"{path}/reply", county["bella"])
    closed = await post(client, f"{path}/evaluation", alice, {"overall": "satisfied"})
    assert closed.json()["state"] == "closed", closed.text

    await run_jobs(database, tenant, clock)
    read = (await client.get(f"/api/public/v1/opinions/{receipt}")).json()
    assert "三盏路灯已于本周修复。" in read["result"]["content"]
    assert read["state"] == "told"
    async with database.unit(tenant) as tx:
        [opinion] = (await tx.exec(select(Opinion))).all()
        assert (opinion.told_how, opinion.told_at) == ("read", clock.now)

    rated = await client.post(
        f"/api/public/v1/opinions/{receipt}/rating",
        json={"satisfied": "satisfied"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert rated.json()["state"] == "closed"
