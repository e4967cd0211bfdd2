"""Figures of opinions, stations, check-ins and visits: silence is no praise, and the lists agree."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import MovableClock
from tests.opinions import desk
from tests.opinions.desk import WORDS, done, follow, reply_to
from tests.people import get, post
from tests.reports.reading import OVERVIEW, by_key, left_out, share
from tests.stations.network import Network, a_check_in

ALL = "?from=2026-01-01&to=2027-12-31"
CONTACT = {"name": "王五", "phone": "13700000009"}
UNTOLD = {"content": "已修好。"}


async def figures(
    client: httpx.AsyncClient, network: Network, who: str, query: str = ALL
) -> dict[str, dict[str, Any]]:
    answer = await get(client, f"{OVERVIEW}{query}", network[who])
    assert answer.status_code == 200, answer.text
    return by_key(answer.json()["figures"])


async def listed(client: httpx.AsyncClient, network: Network, who: str, path: str) -> int:
    answer = await get(client, f"{path}{'&' if '?' in path else '?'}limit=100", network[who])
    assert answer.status_code == 200, answer.text
    return len(answer.json()["items"])


async def speak(client: httpx.AsyncClient, network: Network, **more: Any) -> tuple[str, str]:
    """Each in words of its own: a station's budget is for repetitions."""
    return await desk.speak(client, network, **{"content": f"{WORDS}（{uuid4()}）", **more})


async def referred(client: httpx.AsyncClient, network: Network, **more: Any) -> tuple[str, str]:
    """A micro-matter that the unit has answered."""
    id, receipt = await speak(client, network, **more)
    await done(client, network, "carol", id, "referral", {"unit_id": str(network.county.unit_id)})
    await done(client, network, "bob", id, "referral/acceptance")
    await done(client, network, "bob", id, "referral/reply", UNTOLD)
    return id, receipt


async def some_opinions(client: httpx.AsyncClient, network: Network) -> None:
    await speak(client, network, category="roads")  # waits
    _, read = await referred(client, network)
    await follow(client, read)
    await reply_to(client, read, "rating", {"satisfied": "satisfied"})
    _, unhappy = await referred(client, network)
    await follow(client, unhappy)
    await reply_to(client, unhappy, "rating", {"satisfied": "unsatisfied"})
    phoned, _ = await referred(client, network, contact=CONTACT)
    await done(client, network, "carol", phoned, "told", {"how": "phone", "note": "已电话告知"})
    await referred(client, network)  # nobody has looked, and nobody can be told
    moved, _ = await speak(client, network)
    await done(client, network, "carol", moved, "transfer", {"to": "hotline", "reason": "属热线事项"})


async def test_a_micro_matter_is_solved_when_the_resident_says_so(
    client: httpx.AsyncClient, network: Network, clock: MovableClock
) -> None:
    await some_opinions(client, network)
    found = await figures(client, network, "carol")
    assert share(found["opinions.received"]) == (6, None)
    assert share(found["opinions.answered"]) == (4, 6)
    assert left_out(found["opinions.answered"]) == {"已移送": 1}
    assert share(found["opinions.micro_answered"]) == (4, 4)
    assert share(found["opinions.micro_solved"]) == (1, 2)
    assert left_out(found["opinions.micro_solved"]) == {"群众未评价": 2}
    assert share(found["opinions.satisfied"]) == (None, None)
    told = {key: share(f)[0] for key, f in found.items() if ".told." in key}
    assert told == {
        "opinions.told.read": 2,
        "opinions.told.phoned": 1,
        "opinions.told.visited": 0,
        "opinions.told.posted": 0,
    }
    assert share(found["opinions.available"]) == (0, 5)
    clock.pass_(days=15)  # the one answered and the one moved out
    assert share((await figures(client, network, "carol"))["opinions.available"]) == (2, 5)


@pytest.mark.parametrize("who", ["carol", "chen", "cora", "lena", "bob", "otto"])
async def test_opinions_in_card_and_list_agree(client: httpx.AsyncClient, network: Network, who: str) -> None:
    await some_opinions(client, network)
    await speak(client, network, confidential=True)
    await speak(client, network, route="county")
    found = await figures(client, network, who)
    assert share(found["opinions.received"])[0] == await listed(client, network, who, "/api/v1/opinions")


async def test_a_unit_does_not_read_how_residents_rated_it(
    client: httpx.AsyncClient, network: Network
) -> None:
    for _ in range(5):
        _, receipt = await referred(client, network)
        await follow(client, receipt)
        await reply_to(client, receipt, "rating", {"satisfied": "satisfied"})
    assert share((await figures(client, network, "carol"))["opinions.satisfied"]) == (5, 5)
    assert "opinions.satisfied" not in await figures(client, network, "bob")


async def a_visit(client: httpx.AsyncClient, network: Network, who: str, people: int) -> None:
    body = {
        "client_id": str(uuid4()),
        "visited_on": "2026-11-24",
        "place": "甲镇一村",
        "people_met": people,
        "summary": "走访",
        "issues": [],
    }
    assert (await post(client, "/api/v1/visits", network[who], body)).status_code == 201


@pytest.mark.parametrize(("who", "stations", "visits"), [("carol", 1, 2), ("cora", 2, 3), ("lena", 2, 3)])
async def test_presence_is_counted_in_ones_own_place(
    client: httpx.AsyncClient, network: Network, who: str, stations: int, visits: int
) -> None:
    await a_visit(client, network, "alice", 3)
    await a_visit(client, network, "alice", 4)
    await a_visit(client, network, "dave", 5)
    present = a_check_in(code=network.station.code)
    checked = await post(client, f"{network.path}/check-ins", network["alice"], present)
    assert checked.status_code == 201, checked.text
    found = await figures(client, network, who)
    tiers = [share(found[f"presence.stations_{tier}"])[0] or 0 for tier in ("center", "station", "point")]
    assert sum(tiers) == stations
    assert share(found["presence.visits"])[0] == visits
    assert visits == await listed(client, network, who, "/api/v1/visits")
    assert share(found["presence.check_ins"])[0] == 1
    assert (found["presence.voters_met"]["numerator"], found["presence.voters_met"]["unit"]) == (
        7 if who == "carol" else 12,
        "人次",
    )
    rows = (await get(client, f"{OVERVIEW}{ALL}&by=township", network[who])).json()["breakdown"]["rows"]
    by_town = {row["name"]: by_key(row["figures"])["presence.visits"]["numerator"] for row in rows}
    assert sum(by_town.values()) == visits


async def test_the_government_side_reads_nobodys_presence(
    client: httpx.AsyncClient, network: Network
) -> None:
    for who in ("bob", "gina"):
        assert not [key for key in await figures(client, network, who) if key.startswith("presence")], who
