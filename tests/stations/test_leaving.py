"""The screen's code and leaving: both voluntary, both by the server's clock."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.accounts.actor import Actor
from app.infra.crypto import vault_of
from app.infra.db import sql
from app.kernel.clock import machine_now
from app.stations import attending
from app.stations.attending import Report
from app.stations.presence import CODE_STEP, rotating_code
from tests.conftest import NOW, MovableClock
from tests.people import get, post
from tests.stations.network import Network, a_check_in


async def check_in(client: httpx.AsyncClient, network: Network, **facts: Any) -> httpx.Response:
    return await post(client, f"{network.path}/check-ins", network["alice"], a_check_in(**facts))


async def test_the_screens_code_proves_presence_and_the_printed_one_still_does(
    client: httpx.AsyncClient, network: Network
) -> None:
    shown = await get(client, f"{network.path}/code", network["kim"])
    assert shown.status_code == 200, shown.text
    assert shown.headers["cache-control"] == "no-store"

    by_screen = await check_in(client, network, code=shown.json()["code"].lower())
    by_poster = await check_in(client, network, code=network.station.code)

    assert [a.json()["method"] for a in (by_screen, by_poster)] == ["code", "code"]


async def code_at(network: Network, ago: timedelta) -> str:
    place = str(network.station.id)
    async with network.database.unit(network.tenant, write=False) as tx:
        secret = vault_of(tx).blind_index(place, purpose="station-screen")
    return rotating_code(secret, place, at=machine_now() - ago)


async def test_a_photographed_code_is_of_no_use_a_minute_later(
    client: httpx.AsyncClient, network: Network
) -> None:
    refused = await check_in(client, network, code=await code_at(network, 4 * CODE_STEP))
    assert (refused.status_code, refused.json()["code"]) == (422, "station-code-wrong")


async def test_a_phone_that_was_offline_sends_the_code_of_its_own_moment(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    clock.now = machine_now()  # outside the demo both clocks are one
    ago = timedelta(hours=3)
    then = (clock.now - ago).isoformat()
    sent = await check_in(client, network, code=await code_at(network, ago), occurred_at=then)
    assert (sent.status_code, sent.json()["method"]) == (201, "code")


async def test_another_stations_screen_shows_another_code(
    client: httpx.AsyncClient, network: Network
) -> None:
    other = await get(client, f"/api/v1/stations/{network.other.id}/code", network["kai"])
    refused = await check_in(client, network, code=other.json()["code"])
    assert refused.json()["code"] == "station-code-wrong"


@pytest.mark.parametrize(("who", "status"), [("kim", 200), ("carol", 200), ("kai", 404), ("alice", 404)])
async def test_the_screen_is_for_those_who_look_after_the_station(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    assert (await get(client, f"{network.path}/code", network[who])).status_code == status


async def leave(client: httpx.AsyncClient, network: Network, id: str, who: str = "alice") -> httpx.Response:
    return await post(client, f"/api/v1/check-ins/{id}/checkout", network[who])


async def test_leaving_is_noted_once(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    id = (await check_in(client, network)).json()["id"]
    clock.now += timedelta(hours=2)
    first = await leave(client, network, id)
    clock.now += timedelta(hours=1)
    again = await leave(client, network, id)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["checked_out_at"] == (NOW + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert again.json() == first.json()


async def test_nobody_leaves_for_another_nor_days_later(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    id = (await check_in(client, network)).json()["id"]
    assert (await leave(client, network, id, "dave")).status_code == 404
    clock.now += timedelta(days=2)
    late = await leave(client, network, id)
    assert (late.status_code, late.json()["code"]) == (409, "check-out-too-late")


async def test_what_is_entered_from_older_records_is_told_to_nobody(network: Network) -> None:
    report = Report(client_id="from-paper-2025")
    alice = network.county.seats["alice"]
    async with network.database.unit(network.tenant) as tx:
        actor = Actor(network["alice"].account_id, "alice")
        long_ago = NOW - timedelta(days=500)
        await attending.check_in(
            tx, network.station.id, alice, report, actor=actor, now=long_ago, historic=True
        )
    async with network.database.unit(network.tenant, write=False) as tx:
        events = (await sql(tx, text("SELECT relayed, occurred_at FROM outbox"))).all()
    assert [tuple(event) for event in events] == [(True, long_ago)]
