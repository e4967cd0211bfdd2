"""Somebody is received at a station; what they say may become an opinion with a receipt of their own."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.infra.db import sql
from tests.opinions.desk import follow
from tests.people import get, post
from tests.stations.network import Network

SAID = {"content": "村口路灯坏了三个月。", "contact": {"name": "王小明", "phone": "13800001234"}}


async def hold(client: httpx.AsyncClient, network: Network, who: str, **facts: Any) -> httpx.Response:
    body = {"summary": "反映路灯问题，已当面解释。", **facts}
    return await post(client, f"{network.path}/receptions", network[who], body)


async def test_what_was_said_becomes_an_opinion_with_a_receipt(
    client: httpx.AsyncClient, network: Network
) -> None:
    held = await hold(client, network, "kim", opinion=SAID, people=2)

    assert held.status_code == 201, held.text
    seen = await follow(client, held.json()["receipt"])
    assert seen["state"] == "received"
    [listed] = (await get(client, f"{network.path}/receptions", network["kim"])).json()["items"]
    assert (listed["people"], listed["opinion_id"], listed["receipt"]) == (2, held.json()["opinion_id"], None)


async def test_sent_again_it_is_one_reception_and_one_opinion(
    client: httpx.AsyncClient, network: Network
) -> None:
    client_id = str(uuid4())
    first = await hold(client, network, "kim", client_id=client_id, opinion=SAID)
    again = await hold(client, network, "kim", client_id=client_id, opinion=SAID)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"receipt": None}
    async with network.database.unit(network.tenant, write=False) as tx:
        counts = text("SELECT (SELECT count(*) FROM receptions), (SELECT count(*) FROM opinions)")
        assert tuple((await sql(tx, counts)).one()) == (1, 1)


async def test_a_delegate_receives_from_a_seat_of_his_own(
    client: httpx.AsyncClient, network: Network
) -> None:
    seats = network.county.seats
    own = await hold(client, network, "alice")
    others = await hold(client, network, "alice", delegate_id=str(seats["dave"]))
    by_keeper = await hold(client, network, "kim", delegate_id=str(seats["dave"]))

    assert own.json()["delegate_id"] == str(seats["alice"])
    assert (others.status_code, others.json()["code"]) == (422, "seat-not-own")
    assert by_keeper.json()["delegate_id"] == str(seats["dave"])


async def test_each_reads_only_what_is_theirs(client: httpx.AsyncClient, network: Network) -> None:
    await hold(client, network, "kim")
    await hold(client, network, "alice")

    async def count(who: str) -> int:
        return len((await get(client, f"{network.path}/receptions", network[who])).json()["items"])

    assert [await count(who) for who in ("kim", "carol", "alice", "dave")] == [2, 2, 1, 0]
    assert (await get(client, f"{network.path}/receptions", network["kai"])).status_code == 404


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"received_at": "2026-11-26T10:00:00+08:00"}, "reception-in-future"),
        ({"received_at": "2025-01-01T10:00:00+08:00"}, "reception-too-long-ago"),
        ({"delegate_id": str(uuid4())}, "delegates-unknown"),
    ],
)
async def test_what_cannot_have_been_is_refused(
    client: httpx.AsyncClient, network: Network, facts: dict[str, Any], code: str
) -> None:
    refused = await hold(client, network, "kim", **facts)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize(("who", "status"), [("kai", 404), ("otto", 404), ("bob", 403), ("lena", 403)])
async def test_only_those_of_the_station_record(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    assert (await hold(client, network, who)).status_code == status
