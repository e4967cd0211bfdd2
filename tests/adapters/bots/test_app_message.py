"""Application messages to members: one token for all, one showing for a repeated send."""

import asyncio
import logging
from dataclasses import replace

import httpx
import pytest

from app.adapters.bots.app_message import GETTOKEN, SEND
from app.adapters.bots.console import ConsoleAppMessages
from app.adapters.bots.wecom import cut
from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.fakes.faults import Fault
from tests.adapters.bots.rig import BOB, LINK, MESSAGE, Rig, a_rig


def verdict(outcome: Outcome) -> tuple[str, Stands]:
    assert isinstance(outcome, Rejected)
    return outcome.reason, outcome.stands


async def test_a_message_arrives_with_all_the_demo_shows(rig: Rig) -> None:
    outcome = await rig.app.send(MESSAGE)

    [item] = rig.world.messages(BOB)
    assert outcome == Delivered(item["msgid"])
    assert (item["channel"], item["line"], item["subject_id"]) == ("wecom", "due_soon", "0192")
    assert item["title"] == "建议办理即将到期"


async def test_twenty_senders_at_once_ask_for_one_token(rig: Rig) -> None:
    app = rig.app
    outcomes = await asyncio.gather(*(app.send(replace(MESSAGE, title=f"第{n}件")) for n in range(20)))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert (rig.world.calls[GETTOKEN], rig.world.calls[SEND]) == (1, 20)


async def test_a_dead_token_is_renewed_once_and_the_message_arrives(rig: Rig) -> None:
    app = rig.app
    await app.send(MESSAGE)
    rig.world.kill_token()
    assert isinstance(await app.send(replace(MESSAGE, title="另一件")), Delivered)
    assert (rig.world.calls[GETTOKEN], len(rig.world.outbox)) == (2, 2)


async def test_a_token_refused_again_after_renewal_waits() -> None:
    sends = 0

    def refuse(request: httpx.Request) -> httpx.Response:
        nonlocal sends
        if request.url.path == GETTOKEN:
            return httpx.Response(200, json={"errcode": 0, "access_token": "t", "expires_in": 7200})
        sends += 1
        return httpx.Response(200, json={"errcode": 40014, "errmsg": "invalid access_token t"})

    assert await a_rig(httpx.MockTransport(refuse)).app.send(MESSAGE) == Retry(60, "token-refused")
    assert sends == 2


async def test_a_repeated_send_is_shown_once(rig: Rig) -> None:
    app = rig.app
    rig.world.faults.set(Fault.LOST_ANSWER, path=SEND)
    assert isinstance(await app.send(MESSAGE), Ambiguous)
    rig.world.faults.set(Fault.NONE)
    rig.clock.advance(hours=3)
    assert isinstance(await app.send(MESSAGE), Delivered)
    assert len(rig.world.outbox) == 1


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY])
async def test_silence_is_ambiguous_after_one_attempt(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault, path=SEND)
    assert isinstance(await rig.app.send(MESSAGE), Ambiguous)
    assert rig.world.calls[SEND] == 1


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY, Fault.LOST_ANSWER])
async def test_without_a_token_the_message_certainly_did_not_leave(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault, path=GETTOKEN)
    assert isinstance(await rig.app.send(MESSAGE), Retry)
    assert rig.world.calls[SEND] == 0


async def test_a_wrong_secret_stops_the_channel_and_is_not_shown(rig: Rig) -> None:
    app, secret = rig.app, rig.world.secret
    rig.world.secret = "another"
    outcome = await app.send(MESSAGE)
    assert verdict(outcome) == ("refused", Stands.CHANNEL)
    assert secret not in repr(outcome)


async def test_the_quota_returns_with_the_next_minute(rig: Rig) -> None:
    rig.world.faults.set(Fault.QUOTA, path=SEND)
    assert await rig.app.send(MESSAGE) == Retry(60, "rate")


async def test_a_stranger_is_not_reached(rig: Rig) -> None:
    assert verdict(await rig.app.send(replace(MESSAGE, member="eve"))) == ("member-unknown", Stands.PERSON)


async def test_one_of_several_left_out_is_not_told(rig: Rig) -> None:
    outcome = await rig.app.send(replace(MESSAGE, member=f"{BOB}|eve"))
    assert verdict(outcome) == ("member-unknown", Stands.PERSON)


async def test_a_long_text_is_cut_by_bytes_and_its_link_stays_whole(rig: Rig) -> None:
    assert isinstance(await rig.app.send(replace(MESSAGE, text="很长" * 1000)), Delivered)
    [item] = rig.world.messages(BOB)
    assert len(item["content"].encode()) <= 2048
    assert item["content"].endswith(f"…\n{MESSAGE.link}")


@pytest.mark.parametrize("longest", range(4, 12))
def test_no_character_is_torn_apart(longest: int) -> None:
    assert len(cut("村村村村", longest).encode()) <= longest
    assert cut("村村村村", 12) == "村村村村"


async def test_the_console_twin_logs_neither_member_nor_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await ConsoleAppMessages().send(MESSAGE) == Delivered("console")
    assert "console only" in caplog.text
    assert not any(word in caplog.text for word in (BOB, "修缮", LINK))
