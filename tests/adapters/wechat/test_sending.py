"""One message: at most one attempt, and an outcome that says what to do next."""

import httpx
import pytest

from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.adapters.wechat.errors import STABLE_TOKEN
from app.adapters.wechat.outcomes import SEND
from app.fakes.wechat.faults import Fault
from tests.adapters.wechat.rig import ALICE, DATA, TEMPLATE, Rig, a_rig

PAGE = "pages/suggestion/index?id=0192&line=due_soon"


@pytest.fixture
def willing(rig: Rig) -> Rig:
    """Alice accepted one message."""
    rig.world.choose(ALICE, TEMPLATE.id, accept=True)
    return rig


async def send(rig: Rig, openid: str = ALICE, data: dict[str, str] = DATA) -> Outcome:
    return await rig.wechat.send_subscribe_message(openid, TEMPLATE.id, PAGE, data)


def verdict(outcome: Outcome) -> tuple[str, Stands]:
    assert isinstance(outcome, Rejected)
    return outcome.reason, outcome.stands


async def test_a_message_arrives_with_all_the_demo_shows(willing: Rig) -> None:
    outcome = await send(willing)

    [item] = willing.world.messages(ALICE)
    assert outcome == Delivered(str(item["msgid"]))
    assert item["at"] == "2026-11-25T12:00:00+08:00"
    assert (item["channel"], item["line"], item["subject_id"]) == ("wechat", "due_soon", "0192")
    assert item["title"] == "关于修缮村道的建议"
    assert item["data"] == DATA


async def test_one_acceptance_is_one_message(willing: Rig) -> None:
    await send(willing)
    assert verdict(await send(willing)) == ("not-subscribed", Stands.PERSON)
    assert len(willing.world.outbox) == 1


async def test_a_lost_answer_is_ambiguous_and_the_message_is_not_sent_twice(willing: Rig) -> None:
    willing.world.credits.grant(ALICE, TEMPLATE.id)
    willing.world.faults.set(Fault.LOST_ANSWER, path=SEND)

    outcome = await send(willing)

    assert outcome == Ambiguous("RemoteProtocolError")
    assert willing.calls(SEND) == 1
    assert len(willing.world.outbox) == 1


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY])
async def test_silence_is_ambiguous_after_one_attempt(willing: Rig, fault: Fault) -> None:
    willing.world.faults.set(fault, path=SEND)
    assert isinstance(await send(willing), Ambiguous)
    assert willing.calls(SEND) == 1


async def test_without_a_token_the_message_certainly_did_not_leave(willing: Rig) -> None:
    willing.world.faults.set(Fault.TIMEOUT, path=STABLE_TOKEN)
    assert await send(willing) == Retry(60, "unreachable")
    assert willing.calls(SEND) == 0


async def test_a_connection_that_never_opened_is_tried_again_later() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path == SEND:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})

    assert await send(a_rig(httpx.MockTransport(refuse))) == Retry(60, "unreachable")


async def test_a_dead_token_costs_neither_the_message_nor_a_second_one(willing: Rig) -> None:
    willing.world.credits.grant(ALICE, TEMPLATE.id, 2)
    await send(willing)
    willing.world.tokens.kill()

    assert isinstance(await send(willing), Delivered)
    assert len(willing.world.outbox) == 2


async def test_the_days_quota_returns_at_midnight_in_beijing(willing: Rig) -> None:
    willing.world.faults.set(Fault.QUOTA, path=SEND)
    assert await send(willing) == Retry(12 * 3600 + 1, "daily-quota")


async def test_two_at_once_to_one_person_are_a_second_apart(willing: Rig) -> None:
    willing.world.refuse_next(SEND, 43108)
    assert await send(willing) == Retry(1, "rate")


async def test_a_token_refused_again_after_renewal_waits(willing: Rig) -> None:
    willing.world.refuse_next(SEND, 40001, times=2)
    assert await send(willing) == Retry(60, "token-refused")


@pytest.mark.parametrize(
    ("errcode", "expected"),
    [
        (40037, ("template-unknown", Stands.CHANNEL)),
        (43107, ("banned", Stands.CHANNEL)),
        (45168, ("sensitive-word", Stands.MESSAGE)),
        (41030, ("refused", Stands.MESSAGE)),
        (40164, ("refused", Stands.CHANNEL)),
        (43104, ("refused", Stands.PERSON)),
    ],
)
async def test_a_refusal_says_how_far_it_reaches(
    willing: Rig, errcode: int, expected: tuple[str, Stands]
) -> None:
    willing.world.refuse_next(SEND, errcode)
    assert verdict(await send(willing)) == expected


async def test_a_stranger_is_not_reached(rig: Rig) -> None:
    assert verdict(await send(rig, "oStranger")) == ("openid-unknown", Stands.PERSON)


async def test_a_field_missing_from_the_template_is_named_for_the_operator(willing: Rig) -> None:
    outcome = await send(willing, data={"thing1": "x"})

    assert verdict(outcome) == ("value-refused", Stands.MESSAGE)
    assert isinstance(outcome, Rejected)
    assert "data.time2.value is emtpy" in outcome.note


async def test_a_date_that_is_none_is_not_sent_and_not_shown(willing: Rig) -> None:
    outcome = await send(willing, data={"thing1": "x", "time2": "张三 尽快"})
    assert outcome == Rejected("value-unfit", Stands.MESSAGE, "not a value of type time")
    assert willing.calls(SEND) == 0


async def test_long_texts_are_cut_before_they_are_sent(willing: Rig) -> None:
    await send(willing, data={**DATA, "thing1": "关于\n" + "很长" * 30})
    [item] = willing.world.messages(ALICE)
    assert item["title"] == "关于 " + "很长" * 8 + "…"
