"""The keeper's record of who was there, and the delegate's word against it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import NOW, MovableClock
from tests.people import get, post
from tests.stations.network import Network, a_photo
from tests.stations.test_attending import rows


def attendance(network: Network, *who: str, date: str = "2026-11-24") -> dict[str, Any]:
    return {"date": date, "delegate_ids": [str(network.county.seats[name]) for name in who]}


@pytest.mark.parametrize(
    ("who", "status"),
    [("kim", 201), ("kai", 404), ("carol", 403), ("alice", 403), ("chen", 403), ("bob", 403)],
)
async def test_who_may_record_attendance(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    answer = await post(client, f"{network.path}/attendance", network[who], attendance(network, "alice"))

    assert answer.status_code == status


async def test_the_keepers_record_is_made_once_a_delegate_and_day(
    client: httpx.AsyncClient, network: Network
) -> None:
    path, kim = f"{network.path}/attendance", network["kim"]

    first = (await post(client, path, kim, attendance(network, "alice"))).json()["items"]
    both = (await post(client, path, kim, attendance(network, "dave", "alice", "alice"))).json()["items"]
    today = attendance(network, "alice", date="2026-11-25")
    next_day = (await post(client, path, kim, today)).json()["items"]

    [seen] = first
    assert (seen["delegate_name"], seen["method"], seen["verdict"]) == ("alice", "keeper", "unknown")
    assert {r["delegate_name"]: r["id"] for r in both}["alice"] == seen["id"]
    assert len(both) == 2
    assert next_day[0]["id"] != seen["id"]
    assert len(await rows(network, "outbox", "name = 'station.checked_in'")) == 3


@pytest.mark.parametrize(
    ("date", "status"), [("2026-11-26", 422), ("2026-11-25", 201), ("2025-11-20", 422), ("2026-11-18", 201)]
)
async def test_attendance_is_of_today_or_before(
    client: httpx.AsyncClient, network: Network, date: str, status: int
) -> None:
    body = attendance(network, "alice", date=date)

    assert (await post(client, f"{network.path}/attendance", network["kim"], body)).status_code == status


async def test_the_signed_sheet_is_claimed_by_the_first_record_and_may_be_named_again(
    client: httpx.AsyncClient, network: Network
) -> None:
    path, kim = f"{network.path}/attendance", network["kim"]
    sheet = await a_photo(network.database, network.tenant, f"account:{kim.account_id}")
    body = attendance(network, "alice") | {"sheet_upload_id": str(sheet)}

    first = await post(client, path, kim, body)
    again = await post(client, path, kim, body)
    spent = await post(client, path, kim, body | {"date": "2026-11-23"})

    assert first.json()["items"][0]["sheet_upload_id"] == str(sheet)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (spent.status_code, spent.json()["code"]) == (422, "upload-unknown")


async def test_attendance_of_nobody_known_is_refused_whole(
    client: httpx.AsyncClient, network: Network
) -> None:
    body = attendance(network, "alice")
    body["delegate_ids"].append(str(uuid4()))

    refused = await post(client, f"{network.path}/attendance", network["kim"], body)

    assert (refused.status_code, refused.json()["code"]) == (422, "delegates-unknown")
    assert await rows(network, "check_ins") == []


async def test_a_disputed_record_stays_as_it_was_and_says_so(
    client: httpx.AsyncClient, network: Network
) -> None:
    made = await post(client, f"{network.path}/attendance", network["kim"], attendance(network, "alice"))
    [record] = made.json()["items"]
    path, reason = f"/api/v1/check-ins/{record['id']}/dispute", {"reason": "当天我在县里开会"}

    assert (await post(client, path, network["dave"], reason)).status_code == 404
    assert (await post(client, path, network["kim"], reason)).status_code == 403
    assert (await post(client, path, network["alice"], {"reason": " "})).status_code == 422
    disputed = await post(client, path, network["alice"], reason)
    assert disputed.status_code == 200, disputed.text
    again = await post(client, path, network["alice"], reason)
    assert (again.status_code, again.json()["code"]) == (409, "disputed-already")

    [seen] = (await get(client, f"{network.path}/check-ins", network["kim"])).json()["items"]
    assert seen == record | {"disputed_at": "2026-11-25T02:00:00Z", "dispute_reason": "当天我在县里开会"}


@pytest.mark.parametrize(
    ("passed", "status"),
    [(timedelta(days=7, hours=13, minutes=59), 200), (timedelta(days=7, hours=14), 409)],
)
async def test_a_dispute_comes_by_the_end_of_the_seventh_day(
    client: httpx.AsyncClient, network: Network, clock: MovableClock, passed: timedelta, status: int
) -> None:
    made = await post(client, f"{network.path}/attendance", network["kim"], attendance(network, "alice"))
    [record] = made.json()["items"]
    clock.now = NOW + passed

    answer = await post(
        client, f"/api/v1/check-ins/{record['id']}/dispute", network["alice"], {"reason": "当天不在"}
    )

    assert answer.status_code == status
