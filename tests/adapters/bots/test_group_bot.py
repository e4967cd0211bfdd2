"""A group's bot: a count and an address, twenty a minute, nothing personal."""

import inspect
from dataclasses import replace

import httpx
import pytest

from app.adapters.bots.console import ConsoleGroupBot
from app.adapters.bots.group_bot import WEBHOOK, GroupBot, GroupNotice, News
from app.adapters.delivery import Ambiguous, Delivered, Rejected, Retry, Stands
from app.fakes.faults import Fault
from tests.adapters.bots.rig import LINK, NOTICE, Rig, a_rig


async def test_a_group_reads_how_many_of_what_and_where_to_look(rig: Rig) -> None:
    assert await rig.bot.send(NOTICE) == Delivered(None)
    [item] = rig.world.messages("group")
    assert (item["channel"], item["content"]) == ("bot", f"【联络】已逾期，请协助 3 件\n{LINK}")


def test_no_text_of_anybody_can_be_handed_in() -> None:
    annotations = inspect.get_annotations(GroupNotice)
    assert annotations == {"news": News, "count": int, "link": str}


@pytest.mark.parametrize(
    "link", [f"{LINK}?phone=13800138000", f"{LINK}#张三", "https://张三@npc.test/", "张三"]
)
def test_an_address_carries_nothing_either(link: str) -> None:
    with pytest.raises(ValueError, match="plain address"):
        replace(NOTICE, link=link)


async def test_the_twenty_first_of_a_minute_waits_for_the_next(rig: Rig) -> None:
    for _ in range(20):
        assert isinstance(await rig.bot.send(NOTICE), Delivered)
    assert await rig.bot.send(NOTICE) == Retry(60, "rate")
    rig.clock.advance(seconds=60)
    assert isinstance(await rig.bot.send(NOTICE), Delivered)


async def test_a_lost_answer_is_ambiguous_and_the_message_is_not_sent_twice(rig: Rig) -> None:
    rig.world.faults.set(Fault.LOST_ANSWER)
    assert await rig.bot.send(NOTICE) == Ambiguous("RemoteProtocolError")
    assert len(rig.world.outbox) == 1


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY])
async def test_silence_is_ambiguous_after_one_attempt(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault)
    assert isinstance(await rig.bot.send(NOTICE), Ambiguous)
    assert rig.world.calls[WEBHOOK] == 1


async def test_a_wrong_key_stops_the_channel_and_is_not_shown(rig: Rig) -> None:
    outcome = await GroupBot("wrong-key", rig.http).send(NOTICE)
    assert isinstance(outcome, Rejected)
    assert outcome.stands is Stands.CHANNEL
    assert "wrong-key" not in repr(outcome)


async def test_a_connection_that_never_opened_is_tried_again_later() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    assert await a_rig(httpx.MockTransport(refuse)).bot.send(NOTICE) == Retry(60, "unreachable")


async def test_the_console_twin_says_what_would_have_left(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        assert await ConsoleGroupBot().send(NOTICE) == Delivered("console")
    assert "news=OVERDUE count=3" in caplog.text
