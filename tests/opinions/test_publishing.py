"""What hangs on the wall: by the office's decision, the township only, nobody's name."""

from typing import Any

import httpx
import pytest

from tests.opinions.desk import WORDS, act, done, follow, reply_to, speak
from tests.stations.network import Network

ANSWER = {"content": "路灯已于周二修好，有事请打 0766-1234567。"}


async def wall(client: httpx.AsyncClient, network: Network) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/public/v1/stations/{network.station.code}")
    return list(answer.json()["answers"])


async def test_nothing_is_public_till_the_office_says_so(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    await done(client, network, "carol", id, "answer", ANSWER)
    assert await wall(client, network) == []

    await done(client, network, "carol", id, "publication", {"public": True})

    [shown] = await wall(client, network)
    assert (shown["township"], shown["content"]) == ("甲镇", WORDS)
    page = await client.get(f"/s/{network.station.code}")
    assert "路灯已于周二修好" in page.text


async def test_names_phones_and_places_do_not_hang_there(client: httpx.AsyncClient, network: Network) -> None:
    contact = {"name": "王小明", "phone": "13800001234"}
    words = "我是王小明，电话138-0000-1234，路灯坏了。"
    id, _ = await speak(client, network, content=words, contact=contact, place="村东第三家", category="roads")
    await done(client, network, "carol", id, "answer", {"content": "王小明您好：已修好，电话0766-1234567。"})
    await done(client, network, "carol", id, "publication", {"public": True})

    station = (await client.get(f"/api/public/v1/stations/{network.station.code}")).text
    page = (await client.get(f"/s/{network.station.code}")).text

    for shown in (station, page):
        assert not any(one in shown for one in ("王小明", "0000-1234", "13800001234", "村东", "carol"))
    assert "道路交通" in page


async def test_the_office_may_choose_other_words(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    await done(client, network, "carol", id, "answer", ANSWER)
    words = {"public": True, "content": "有居民反映路灯不亮。", "result": "已修复。"}
    await done(client, network, "carol", id, "publication", words)

    [shown] = await wall(client, network)
    assert (shown["content"], shown["result"]) == ("有居民反映路灯不亮。", "已修复。")


async def test_posting_at_the_station_is_publishing(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    await done(client, network, "carol", id, "answer", ANSWER)
    told = await done(client, network, "carol", id, "told", {"how": "posted"})

    assert told["state"] == "told"
    assert len(await wall(client, network)) == 1


@pytest.mark.parametrize("more", [{"confidential": True}, {"content": "村支书把路灯款挪用了。"}])
async def test_what_is_confidential_or_accuses_never_hangs_there(
    client: httpx.AsyncClient, network: Network, more: dict[str, Any]
) -> None:
    id, _ = await speak(client, network, **more)
    await done(client, network, "carol", id, "answer", ANSWER)

    for path, body in (("publication", {"public": True}), ("told", {"how": "posted"})):
        refused = await act(client, network, "carol", id, path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-for-the-public")
    assert await wall(client, network) == []


async def test_it_is_taken_down_by_decision_and_when_the_resident_asks_again(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    await done(client, network, "carol", id, "answer", ANSWER)
    await done(client, network, "carol", id, "publication", {"public": True})
    await done(client, network, "carol", id, "publication", {"public": False})
    assert await wall(client, network) == []

    await done(client, network, "carol", id, "publication", {"public": True})
    await follow(client, receipt)
    assert (await reply_to(client, receipt, "reopening", {"reason": "还是不亮。"})).status_code == 200
    assert await wall(client, network) == []


async def test_keepers_and_delegates_do_not_publish(client: httpx.AsyncClient, network: Network) -> None:
    id, _ = await speak(client, network)
    await done(client, network, "carol", id, "answer", ANSWER)
    for who in ("kim", "alice", "lena"):
        refused = await act(client, network, who, id, "publication", {"public": True})
        assert refused.status_code == 403, who


@pytest.mark.parametrize(("who", "shown"), [("carol", "甲镇人大办"), ("alice", "人大代表alice")])
async def test_the_resident_reads_the_offices_name_never_the_clerks(
    client: httpx.AsyncClient, network: Network, who: str, shown: str
) -> None:
    id, receipt = await speak(client, network)
    await done(client, network, who, id, "answer", ANSWER)

    assert (await follow(client, receipt))["result"]["by"] == shown
