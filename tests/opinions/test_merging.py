"""What reads alike is found, handled as one, and everybody is told."""

import httpx
import pytest

from tests.opinions.desk import OPINIONS, act, done, follow, look, speak
from tests.people import get
from tests.stations.network import Network

ALIKE = "村口的路灯坏了三个月了，晚上没法走路，请修。"
ANSWER = {"content": "路灯已修好。"}


async def alike(client: httpx.AsyncClient, network: Network, who: str, id: str) -> list[str]:
    answer = await get(client, f"{OPINIONS}/{id}/similar", network[who])
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_what_reads_alike_comes_first_and_what_does_not_is_absent(
    client: httpx.AsyncClient, network: Network
) -> None:
    first, _ = await speak(client, network)
    again, _ = await speak(client, network, content=ALIKE)
    await speak(client, network, content="卫生院周末没有医生值班。")

    assert await alike(client, network, "carol", first) == [again]
    assert await alike(client, network, "alice", again) == [first]


async def test_what_one_may_not_read_is_not_alike_either(client: httpx.AsyncClient, network: Network) -> None:
    first, _ = await speak(client, network)
    hidden, _ = await speak(client, network, content=ALIKE, confidential=True)

    assert await alike(client, network, "carol", first) == [hidden]
    assert await alike(client, network, "alice", first) == []
    assert await alike(client, network, "kim", first) == []


async def test_everybody_merged_gets_the_result_on_the_own_receipt(
    client: httpx.AsyncClient, network: Network
) -> None:
    first, receipt = await speak(client, network)
    second, other_receipt = await speak(client, network, content=ALIKE)
    third, third_receipt = await speak(client, network, content=f"{ALIKE}谢谢。")
    await done(client, network, "carol", third, "merge", {"into_id": second})
    merged = await done(client, network, "carol", second, "merge", {"into_id": first})
    assert (merged["state"], merged["merged_into_id"]) == ("merged", first)

    await done(client, network, "carol", first, "answer", ANSWER)

    for one in (receipt, other_receipt, third_receipt):
        seen = await follow(client, one)
        assert (seen["state"], seen["result"]["content"]) == ("told", ANSWER["content"]), one


async def test_a_suggestion_is_of_its_opinions_category_unless_the_delegate_says_otherwise(
    client: httpx.AsyncClient, network: Network
) -> None:
    words = {"title": "关于路灯的建议", "analysis": "经走访，十盏坏三盏。", "proposal": "建议更换。"}
    for said, expected in (({}, "roads"), ({"category": "safety"}, "safety")):
        id, _ = await speak(client, network, category="roads")
        draft = await done(client, network, "alice", id, "adoption", {**words, **said})
        shown = await get(client, f"/api/v1/suggestions/{draft['id']}", network["alice"])
        assert shown.json()["category"] == expected


async def test_merged_ones_are_behind_the_suggestion_too(client: httpx.AsyncClient, network: Network) -> None:
    first, _ = await speak(client, network)
    second, _ = await speak(client, network, content=ALIKE)
    third, _ = await speak(client, network, content=f"{ALIKE}谢谢。")
    await done(client, network, "carol", second, "merge", {"into_id": first})
    adoption = {
        "title": "关于路灯的建议",
        "analysis": "经走访，全村路灯十盏坏三盏。",
        "proposal": "建议更换。",
    }
    draft = await done(client, network, "alice", first, "adoption", adoption)
    await done(client, network, "carol", third, "merge", {"into_id": first})

    behind = (await get(client, f"/api/v1/suggestions/{draft['id']}", network["alice"])).json()["opinion_ids"]
    assert sorted(behind) == sorted([first, second, third])


@pytest.mark.parametrize("wrong", ["itself", "answered"])
async def test_only_into_another_one_that_is_still_open(
    client: httpx.AsyncClient, network: Network, wrong: str
) -> None:
    first, _ = await speak(client, network)
    second, _ = await speak(client, network, content=ALIKE)
    if wrong == "answered":
        await done(client, network, "carol", second, "answer", ANSWER)

    into = first if wrong == "itself" else second
    refused = await act(client, network, "carol", first, "merge", {"into_id": into})
    assert (refused.status_code, refused.json()["code"]) == (422, "merge-unfit")


async def test_keepers_and_delegates_do_not_merge(client: httpx.AsyncClient, network: Network) -> None:
    first, _ = await speak(client, network)
    second, _ = await speak(client, network, content=ALIKE)
    for who in ("kim", "alice"):
        refused = await act(client, network, who, second, "merge", {"into_id": first})
        assert refused.status_code == 403
    assert (await look(client, network, "carol", second)).json()["state"] == "received"
