"""Closed is only what was told, or lay there for fifteen days; reopened is only once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import MovableClock
from tests.opinions.desk import act, done, follow, reply_to, speak
from tests.stations.network import Network

ANSWER = {"content": "路灯已修好。"}
CONTACT = {"name": "王小明", "phone": "13800001234"}


@pytest.mark.parametrize(
    ("contact", "days", "status"), [(None, 14, 409), (None, 15, 200), (CONTACT, 15, 409), (CONTACT, 90, 409)]
)
async def test_unread_it_is_closed_after_fifteen_days_only_where_nobody_can_be_told(
    client: httpx.AsyncClient,
    network: Network,
    clock: MovableClock,
    contact: dict[str, Any] | None,
    days: int,
    status: int,
) -> None:
    id, _ = await speak(client, network, contact=contact)
    await done(client, network, "carol", id, "answer", ANSWER)
    clock.now += timedelta(days=days)

    closed = await act(client, network, "carol", id, "closure")

    assert closed.status_code == status, closed.text
    assert status == 200 or closed.json()["code"] == "not-told-yet"


async def test_told_it_is_closed_and_reopened_once(client: httpx.AsyncClient, network: Network) -> None:
    id, receipt = await speak(client, network, contact=CONTACT)
    await done(client, network, "carol", id, "answer", ANSWER)
    told = await done(client, network, "carol", id, "told", {"how": "phone", "note": "本人接听"})
    assert (told["state"], told["told_how"]) == ("told", "phone")
    assert (await done(client, network, "carol", id, "closure"))["state"] == "closed"

    again = await reply_to(client, receipt, "reopening", {"reason": "还是不亮。"})
    assert again.json()["state"] == "reopened"
    await done(client, network, "carol", id, "answer", {"content": "已换新灯。"})
    assert (await follow(client, receipt))["state"] == "told"
    twice = await reply_to(client, receipt, "reopening", {"reason": "又坏了。"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already-reopened")


async def test_asked_back_and_answered_it_waits_for_the_office_again(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    asked = await done(client, network, "carol", id, "messages", {"content": "请问是哪一盏？"})
    assert asked["state"] == "awaiting_resident"

    answered = await reply_to(client, receipt, "messages", {"content": "村口第二盏。"})

    assert answered.json()["state"] == "received"
    assert [message["by"] for message in answered.json()["messages"]] == ["office", "resident"]


async def test_the_keeper_recommends_and_the_office_decides(
    client: httpx.AsyncClient, network: Network
) -> None:
    id, receipt = await speak(client, network)
    word = {"what": "refer", "note": "住建局能修"}
    recommended = await done(client, network, "kim", id, "recommendation", word)

    assert recommended["state"] == "received"
    for path, body in (("transfer", {"to": "hotline", "reason": "x"}), ("closure", None)):
        assert (await act(client, network, "kim", id, path, body)).status_code == 403
    assert "recommendation" not in [entry["act"] for entry in (await follow(client, receipt))["timeline"]]
