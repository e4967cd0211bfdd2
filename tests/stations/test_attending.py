"""Presence by HTTP: one verdict, never a place; sent twice, kept once; disputable."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.tables import tenant_metadata
from tests.conftest import MovableClock
from tests.people import get, post
from tests.queries import counted
from tests.stations.network import LNG, Network, a_check_in, at, log_in, put

TELLING_LAT = 22.768987654321  # 75 m north of the station, and found nowhere else


async def every_value(database: Database, tenant: Tenant, needle: str) -> list[str]:
    """The tables in which some row, written out whole, holds the needle."""
    found = []
    async with database.unit(tenant) as tx:
        for table in tenant_metadata.sorted_tables:
            query = f'SELECT count(*) FROM "{table.name}" t WHERE t::text LIKE :needle'
            if (await sql(tx, text(query), {"needle": f"%{needle}%"})).scalar_one():
                found.append(table.name)
    return sorted(found)


async def rows(network: Network, table: str, where: str = "true") -> Sequence[Any]:
    async with network.database.unit(network.tenant) as tx:
        return (await sql(tx, text(f"SELECT * FROM {table} WHERE {where}"))).all()


@pytest.mark.parametrize(
    ("coordinate", "verdict", "distance", "method"),
    [
        (at(0), "inside", 0, "coordinate"),
        (at(205), "inside", 205, "coordinate"),  # 10 m of inaccuracy count in favour
        (at(400), "outside", 400, "coordinate"),
        (at(50, accuracy=None), "unknown", 50, "coordinate"),
        (None, "unknown", None, "none"),
    ],
)
async def test_a_position_becomes_a_verdict(
    client: httpx.AsyncClient,
    network: Network,
    coordinate: dict[str, Any] | None,
    verdict: str,
    distance: int | None,
    method: str,
) -> None:
    body = a_check_in(coordinate=coordinate)

    answer = await post(client, f"{network.path}/check-ins", network["alice"], body)

    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["verdict"], shown["distance"], shown["method"]) == (verdict, distance, method)


async def test_without_a_place_of_its_own_a_station_proves_nothing(
    client: httpx.AsyncClient, network: Network
) -> None:
    path = f"/api/v1/stations/{network.other.id}/check-ins"

    shown = (await post(client, path, network["alice"], a_check_in(coordinate=at(0)))).json()

    assert (shown["verdict"], shown["distance"]) == ("unknown", None)


async def test_the_printed_code_is_accepted_in_any_case_and_another_refused(
    client: httpx.AsyncClient, network: Network
) -> None:
    path, alice = f"{network.path}/check-ins", network["alice"]

    right = await post(client, path, alice, a_check_in(code=network.station.code.lower(), coordinate=at(0)))
    wrong = await post(client, path, alice, a_check_in(code=network.other.code))

    assert (right.status_code, right.json()["method"], right.json()["verdict"]) == (201, "code", "inside")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "station-code-wrong")
    assert len(await rows(network, "check_ins")) == 1


async def test_no_position_is_kept_anywhere(
    client: httpx.AsyncClient, network: Network, database: Database, tenant: Tenant
) -> None:
    place = {"lat": TELLING_LAT, "lng": LNG, "accuracy": 5, "system": "wgs84"}

    answer = await post(client, f"{network.path}/check-ins", network["alice"], a_check_in(coordinate=place))

    assert answer.json()["distance"] == 75
    assert str(TELLING_LAT) not in answer.text
    assert await every_value(database, tenant, str(TELLING_LAT)) == []
    assert await every_value(database, tenant, str(network.station.lat)) == ["stations"]  # it can find one


async def test_both_times_are_kept_and_days_offline_are_normal(
    client: httpx.AsyncClient, network: Network
) -> None:
    path, alice = f"{network.path}/check-ins", network["alice"]

    recent = (await post(client, path, alice, a_check_in(occurred_at="2026-11-20T09:00:00+08:00"))).json()
    late = (await post(client, path, alice, a_check_in(occurred_at="2026-11-10T09:00:00+08:00"))).json()

    assert (recent["occurred_at"], recent["received_at"]) == ("2026-11-20T01:00:00Z", "2026-11-25T02:00:00Z")
    assert (recent["late"], late["late"]) == (False, True)


@pytest.mark.parametrize(
    ("occurred_at", "code"),
    [
        ("2026-11-25T10:03:00+08:00", "occurred-in-future"),
        ("2025-11-20T10:00:00+08:00", "occurred-too-long-ago"),
        ("0001-01-01T00:00:00+14:00", "invalid"),
        ("9999-12-31T23:59:59-12:00", "invalid"),
        ("2026-11-25T10:00:00", "invalid"),
    ],
)
async def test_a_clock_that_cannot_be_right_is_refused(
    client: httpx.AsyncClient, network: Network, occurred_at: str, code: str
) -> None:
    body = a_check_in(occurred_at=occurred_at)

    refused = await post(client, f"{network.path}/check-ins", network["alice"], body)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_the_same_client_id_is_answered_by_the_first_record(
    client: httpx.AsyncClient, network: Network
) -> None:
    path, alice, key = f"{network.path}/check-ins", network["alice"], str(uuid4())
    body = a_check_in(coordinate=at(0), occurred_at="2026-11-25T09:00:00+08:00")

    first = await post(client, path, alice, body, key=key)
    replayed = await post(client, path, alice, body, key=key)
    resent = await post(client, path, alice, body)
    moved = await post(client, path, alice, body | {"coordinate": at(5_000), "code": "WRONG"})

    assert [a.status_code for a in (first, replayed, resent, moved)] == [201, 201, 200, 200]
    assert first.json() == replayed.json() == resent.json() == moved.json()
    assert len(await rows(network, "check_ins")) == 1
    assert len(await rows(network, "outbox", "name = 'station.checked_in'")) == 1
    assert len(await rows(network, "audit", "action = 'check_in.create'")) == 1


async def test_ten_at_once_leave_one_record(client: httpx.AsyncClient, network: Network) -> None:
    body = a_check_in()

    answers = await asyncio.gather(
        *(post(client, f"{network.path}/check-ins", network["alice"], body) for _ in range(10))
    )

    assert sorted(a.status_code for a in answers) == [200] * 9 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    assert len(await rows(network, "outbox", "name = 'station.checked_in'")) == 1


async def test_two_delegates_may_use_one_client_id(client: httpx.AsyncClient, network: Network) -> None:
    body = a_check_in()

    for who in ("alice", "dave"):
        assert (await post(client, f"{network.path}/check-ins", network[who], body)).status_code == 201


async def test_the_event_names_ids_only(client: httpx.AsyncClient, network: Network) -> None:
    shown = (await post(client, f"{network.path}/check-ins", network["alice"], a_check_in())).json()

    [event] = await rows(network, "outbox", "name = 'station.checked_in'")
    assert event.body == {
        "check_in_id": shown["id"],
        "station_id": str(network.station.id),
        "delegate_id": str(network.county.seats["alice"]),
    }


async def test_a_closed_or_an_unknown_station_takes_no_check_in(
    client: httpx.AsyncClient, network: Network
) -> None:
    alice, earlier = network["alice"], a_check_in()
    assert (await post(client, f"{network.path}/check-ins", alice, earlier)).status_code == 201
    body = {"name": "甲镇中心联络站", "tier": "center", "closed": True}
    assert (await put(client, network.path, network["carol"], body, etag='"r1"')).status_code == 200

    closed = await post(client, f"{network.path}/check-ins", alice, a_check_in())
    resent = await post(client, f"{network.path}/check-ins", alice, earlier)
    unknown = await post(client, f"/api/v1/stations/{uuid4()}/check-ins", alice, a_check_in())

    assert (closed.status_code, closed.json()["code"]) == (409, "station-closed")
    assert resent.status_code == 200
    assert (unknown.status_code, unknown.json()["code"]) == (404, "station-unknown")


@pytest.mark.parametrize("client_id", ["short", "attendance:12345678", "有中文的编号啊啊", "x" * 65])
async def test_a_client_id_is_plain(client: httpx.AsyncClient, network: Network, client_id: str) -> None:
    body = {"client_id": client_id}

    assert (await post(client, f"{network.path}/check-ins", network["alice"], body)).status_code == 422


async def test_only_a_seat_of_ones_own_checks_in(client: httpx.AsyncClient, network: Network) -> None:
    county, path = network.county, f"{network.path}/check-ins"
    posts = [
        Post(Role.DELEGATE, ScopeKind.CONGRESS, county.congress_id, "", county.seats[name], "township")
        for name in ("dave", "alice")
    ]
    both = await log_in(network.database, network.tenant, "both", *posts)

    unnamed = await post(client, path, both, a_check_in())
    named = await post(client, path, both, a_check_in(delegate_id=str(county.seats["dave"])))
    foreign = await post(client, path, network["alice"], a_check_in(delegate_id=str(county.seats["dave"])))

    assert unnamed.json()["delegate_id"] == str(county.seats["alice"])
    assert named.json()["delegate_id"] == str(county.seats["dave"])
    assert (foreign.status_code, foreign.json()["code"]) == (422, "seat-not-own")


@pytest.mark.parametrize("who", ["kim", "carol", "cora", "chen", "lena", "bob", "sam"])
async def test_nobody_but_a_delegate_checks_in(client: httpx.AsyncClient, network: Network, who: str) -> None:
    answer = await post(client, f"{network.path}/check-ins", network[who], a_check_in())

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("who", "status", "shown"),
    [
        ("alice", 200, ["alice"]),
        ("dave", 200, ["dave"]),
        ("kim", 200, ["dave", "alice"]),
        ("carol", 200, ["dave", "alice"]),
        ("cora", 200, ["dave", "alice"]),
        ("kai", 404, None),
        ("otto", 404, None),
        ("chen", 403, None),
        ("lena", 403, None),
        ("bob", 403, None),
        ("gina", 403, None),
        ("sam", 403, None),
    ],
)
async def test_who_sees_which_check_ins(
    client: httpx.AsyncClient,
    network: Network,
    clock: MovableClock,
    who: str,
    status: int,
    shown: list[str] | None,
) -> None:
    for name in ("alice", "dave"):
        await post(client, f"{network.path}/check-ins", network[name], a_check_in())
        clock.pass_(minutes=1)

    answer = await get(client, f"{network.path}/check-ins", network[who])

    assert answer.status_code == status
    if shown is not None:
        assert [record["delegate_name"] for record in answer.json()["items"]] == shown


async def test_check_ins_are_paged_and_cost_the_same_for_one_and_three(
    client: httpx.AsyncClient, network: Network
) -> None:
    path = f"{network.path}/check-ins"
    made = [
        (await post(client, path, network[who], a_check_in())).json()["id"]
        for who in ("alice", "dave", "alice")
    ]
    counts = []
    for limit in (1, 3):
        with counted() as sent:
            shown = (await get(client, f"{path}?limit={limit}", network["kim"])).json()
        assert len(shown["items"]) == limit
        counts.append(len(sent))
    assert counts[0] == counts[1]

    first = (await get(client, f"{path}?limit=2", network["kim"])).json()
    rest = (await get(client, f"{path}?limit=2&cursor={first['next_cursor']}", network["kim"])).json()
    assert [r["id"] for r in first["items"] + rest["items"]] == made[::-1]
