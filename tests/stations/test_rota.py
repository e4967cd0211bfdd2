"""The rota: who receives voters when, published in time or shown as late."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.stations.rota import dispute_ends, published_late
from tests.people import get, post
from tests.queries import counted
from tests.stations.network import Network


def a_shift(
    network: Network, day: str = "2026-12-10", hours: str = "09-11", who: str = "alice"
) -> dict[str, Any]:
    start, end = hours.split("-")
    return {
        "delegate_id": str(network.county.seats[who]),
        "starts_at": f"{day}T{start}:00:00+08:00",
        "ends_at": f"{day}T{end}:00:00+08:00",
    }


@pytest.mark.parametrize(
    ("published", "late"),
    [
        (datetime(2026, 11, 25, 15, 59, tzinfo=UTC), False),  # 23:59 on the 25th in Shanghai
        (datetime(2026, 11, 25, 16, 0, tzinfo=UTC), True),  # 00:00 on the 26th
        (None, False),
    ],
)
def test_a_rota_is_late_when_published_fewer_than_three_local_days_before(
    published: datetime | None, late: bool
) -> None:
    starts_at = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)

    assert published_late(starts_at, published) == late


def test_a_record_may_be_disputed_till_the_end_of_the_seventh_day_after_it() -> None:
    assert dispute_ends(datetime(2026, 11, 25, 2, 0, tzinfo=UTC)) == datetime(2026, 12, 2, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "late"), [("2026-11-28", False), ("2026-11-27", True)])
async def test_late_publication_is_shown_and_not_refused(
    client: httpx.AsyncClient, network: Network, day: str, late: bool
) -> None:
    published = await post(client, f"{network.path}/duty-shifts", network["kim"], a_shift(network, day))

    assert (published.status_code, published.json()["published_late"]) == (201, late)
    assert published.json()["delegate_name"] == "alice"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("kim", 201),
        ("carol", 201),
        ("cora", 201),
        ("kai", 404),
        ("otto", 404),
        ("alice", 403),
        ("chen", 403),
        ("lena", 403),
        ("bob", 403),
    ],
)
async def test_who_may_publish_a_shift(
    client: httpx.AsyncClient, network: Network, who: str, status: int
) -> None:
    answer = await post(client, f"{network.path}/duty-shifts", network[who], a_shift(network))

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("hours", "who", "status"),
    [
        ("09-11", "alice", 409),
        ("10-12", "alice", 409),
        ("08-12", "alice", 409),
        ("11-12", "alice", 201),
        ("09-11", "dave", 201),
    ],
)
async def test_nobody_is_on_duty_twice_at_one_time(
    client: httpx.AsyncClient, network: Network, hours: str, who: str, status: int
) -> None:
    path = f"{network.path}/duty-shifts"
    await post(client, path, network["kim"], a_shift(network, hours="09-11"))

    second = await post(client, path, network["kim"], a_shift(network, hours=hours, who=who))

    assert second.status_code == status


async def test_a_shift_that_ends_before_it_begins_or_of_nobody_is_refused(
    client: httpx.AsyncClient, network: Network
) -> None:
    path = f"{network.path}/duty-shifts"
    backwards = await post(client, path, network["kim"], a_shift(network, hours="11-09"))
    nobody = a_shift(network) | {"delegate_id": str(network.station.id)}
    unknown = await post(client, path, network["kim"], nobody)
    far = a_shift(network) | {"ends_at": "9999-12-31T23:59:59-12:00"}

    assert (backwards.status_code, backwards.json()["code"]) == (422, "shift-backwards")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "delegates-unknown")
    assert (await post(client, path, network["kim"], far)).status_code == 422


async def test_the_rota_is_read_in_order_by_days_and_pages(
    client: httpx.AsyncClient, network: Network
) -> None:
    path = f"{network.path}/duty-shifts"
    for day in ("2026-12-12", "2026-12-10", "2026-12-11"):
        await post(client, path, network["kim"], a_shift(network, day))

    async def days(query: str) -> list[str]:
        answer = (await get(client, f"{path}?{query}", network["dave"])).json()
        return [shift["starts_at"][:10] for shift in answer["items"]]

    assert await days("") == ["2026-12-10", "2026-12-11", "2026-12-12"]
    assert await days("from=2026-12-11&to=2026-12-11") == ["2026-12-11"]
    first = (await get(client, f"{path}?limit=2", network["dave"])).json()
    assert await days(f"limit=2&cursor={first['next_cursor']}") == ["2026-12-12"]


async def test_a_rota_costs_the_same_for_one_and_three(client: httpx.AsyncClient, network: Network) -> None:
    path = f"{network.path}/duty-shifts"
    for hours in ("08-09", "09-10", "10-11"):
        await post(client, path, network["kim"], a_shift(network, hours=hours))
    counts = []
    for limit in (1, 3):
        with counted() as sent:
            shown = await get(client, f"{path}?limit={limit}", network["alice"])
        assert len(shown.json()["items"]) == limit
        counts.append(len(sent))

    assert counts[0] == counts[1]
