"""One short message: at most one attempt, and an outcome that says what to do next."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.adapters.sms.console import ConsoleSms
from app.adapters.sms.message import clip
from app.fakes.faults import Fault
from app.fakes.sms.app import make_app
from app.fakes.sms.world import SmsWorld
from tests.adapters.sms.rig import PHONE, SMS, Rig, a_rig
from tests.adapters.wechat.rig import HandClock

NO_ANSWERS = [
    "",
    "[]",
    "null",
    '"x"',
    '{"Response": 1}',
    '{"Response": {"SendStatusSet": {}}}',
    '{"Code": ""}',
]


@pytest.fixture(params=["tencent", "aliyun"])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    made = a_rig(request.param)
    yield made
    for client in made.clients:
        await client.aclose()


def verdict(outcome: Outcome) -> tuple[str, Stands]:
    assert isinstance(outcome, Rejected)
    return outcome.reason, outcome.stands


async def test_a_message_arrives_with_all_the_demo_shows(rig: Rig) -> None:
    outcome = await rig.sms.send(SMS)

    [item] = rig.world.messages(PHONE)
    assert outcome == Delivered(item["serial"])
    assert (item["channel"], item["line"], item["subject_id"]) == ("sms", "overdue", "0192")
    assert item["title"] == "您办理的“关于修缮村道的建议”期限到11月30日为止，请协助。"
    assert item["at"] == "2026-11-25T12:00:00+08:00"


@pytest.mark.parametrize("written", ["+8613800138000", "138 0013 8000", "0086138-0013-8000"])
async def test_a_phone_is_read_however_it_is_written(rig: Rig, written: str) -> None:
    assert isinstance(await rig.sms.send(replace(SMS, phone=written)), Delivered)
    assert len(rig.world.messages(PHONE)) == 1


@pytest.mark.parametrize("phone", ["", "0760-1234567", "+85291234567", "138001380001"])
async def test_what_is_no_mobile_phone_is_not_paid_for(rig: Rig, phone: str) -> None:
    assert verdict(await rig.sms.send(replace(SMS, phone=phone))) == ("phone-unfit", Stands.PERSON)
    assert await rig.sms.find(replace(SMS, phone=phone)) is None
    assert not rig.world.calls


async def test_a_lost_answer_is_ambiguous_and_the_message_is_not_sent_twice(rig: Rig) -> None:
    rig.world.faults.set(Fault.LOST_ANSWER)
    assert await rig.sms.send(SMS) == Ambiguous("RemoteProtocolError")
    assert len(rig.world.outbox) == 1
    assert rig.world.outbox[0].reference == SMS.reference  # what a receipt is matched by


async def test_a_send_in_doubt_is_found_by_its_reference_not_sent_again(rig: Rig) -> None:
    other = replace(SMS, reference="line=overdue&subject_id=0200")
    rig.world.faults.set(Fault.LOST_ANSWER)
    assert isinstance(await rig.sms.send(SMS), Ambiguous)
    rig.world.faults.set(Fault.NONE)
    rig.clock.advance(hours=13)  # past midnight in Beijing
    assert isinstance(await rig.sms.find(SMS), Delivered)
    assert await rig.sms.find(other) is None
    assert len(rig.world.outbox) == 1


async def test_a_receipt_may_say_that_the_phone_did_not_get_it(rig: Rig) -> None:
    rig.world.switched_off.add(PHONE)
    await rig.sms.send(SMS)
    found = await rig.sms.find(SMS)
    assert found is not None
    assert verdict(found) == ("not-received", Stands.PERSON)


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY])
async def test_a_provider_that_cannot_say_is_asked_again_later(rig: Rig, fault: Fault) -> None:
    await rig.sms.send(SMS)
    rig.world.faults.set(fault)
    assert await rig.sms.find(SMS) is None


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.SERVER_ERROR])
async def test_silence_is_ambiguous_after_one_attempt(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault)
    assert isinstance(await rig.sms.send(SMS), Ambiguous)
    assert rig.world.calls.total() == 1


async def test_a_busy_provider_has_not_sent_it(rig: Rig) -> None:
    rig.world.faults.set(Fault.BUSY)
    assert await rig.sms.send(SMS) == Retry(60, "rate")


async def test_the_days_quota_returns_at_midnight_in_beijing(rig: Rig) -> None:
    rig.world.faults.set(Fault.QUOTA)
    assert await rig.sms.send(SMS) == Retry(12 * 3600 + 1, "rate")


async def test_a_second_message_within_the_minute_waits(rig: Rig) -> None:
    await rig.sms.send(SMS)
    waits = {"tencent": 30, "aliyun": 60}
    assert await rig.sms.send(SMS) == Retry(waits[rig.provider], "rate")
    rig.clock.advance(minutes=1)
    assert isinstance(await rig.sms.send(SMS), Delivered)


async def test_the_sixth_within_the_hour_and_the_eleventh_of_the_day_wait_longer(rig: Rig) -> None:
    for _ in range(5):
        await rig.sms.send(SMS)
        rig.clock.advance(minutes=2)
    assert await rig.sms.send(SMS) == Retry(3600, "rate")
    rig.clock.advance(hours=1)
    for _ in range(5):
        assert isinstance(await rig.sms.send(SMS), Delivered)
        rig.clock.advance(minutes=30)
    outcome = await rig.sms.send(SMS)
    assert isinstance(outcome, Retry)
    assert outcome.after > 3600
    rig.clock.advance(seconds=outcome.after)
    assert isinstance(await rig.sms.send(SMS), Delivered)


async def test_refusals_say_how_far_they_reach(rig: Rig) -> None:
    rig.world.blacklist.add(PHONE)
    assert verdict(await rig.sms.send(SMS))[1] is Stands.PERSON
    rig.world.blacklist.clear()
    unknown = replace(SMS, template="tpl-none")
    assert verdict(await rig.sms.send(unknown)) == ("template-unknown", Stands.CHANNEL)
    assert verdict(await rig.sms.send(replace(SMS, values={})))[1] is Stands.MESSAGE


async def test_another_signature_name_stops_the_channel(rig: Rig) -> None:
    sms = rig.sms
    rig.world.sign_name = "另一个县"
    assert verdict(await sms.send(SMS)) == ("signature-unknown", Stands.CHANNEL)


async def test_a_wrong_secret_a_wrong_key_and_a_wrong_clock_stop_the_channel(rig: Rig) -> None:
    sms = rig.sms
    secret, rig.world.key_secret = rig.world.key_secret, "changed"
    assert verdict(await sms.send(SMS)) == ("refused", Stands.CHANNEL)
    rig.world.key_secret, rig.world.key_id = secret, "changed"
    assert verdict(await sms.send(SMS)) == ("refused", Stands.CHANNEL)
    rig.world.key_id = "fake-key-id"
    rig.world.clock = HandClock()
    rig.clock.advance(minutes=16)
    assert verdict(await sms.send(SMS)) == ("refused", Stands.CHANNEL)
    assert not rig.world.outbox


async def test_a_note_for_the_operator_never_holds_the_phone(rig: Rig) -> None:
    rig.world.blacklist.add(PHONE)
    outcome = await rig.sms.send(SMS)
    assert isinstance(outcome, Rejected)
    assert outcome.note
    assert PHONE not in repr(outcome) + repr(SMS)


@pytest.mark.parametrize("provider", ["tencent", "aliyun"])
async def test_a_connection_that_never_opened_is_tried_again_later(provider: str) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    rig = a_rig(provider, httpx.MockTransport(refuse))
    assert await rig.sms.send(SMS) == Retry(60, "unreachable")


@pytest.mark.parametrize("provider", ["tencent", "aliyun"])
@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", '{"Response": 1}', '{"Response": {"SendStatusSet": {}}}', '{"Code": ""}'],
)
async def test_an_answer_that_is_none_is_ambiguous(provider: str, body: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=body)

    rig = a_rig(provider, httpx.MockTransport(answer))
    assert isinstance(await rig.sms.send(SMS), Ambiguous)


@pytest.mark.parametrize("provider", ["tencent", "aliyun"])
async def test_a_provider_s_inner_error_may_have_sent_it(provider: str) -> None:
    bodies = {
        "tencent": '{"Response": {"Error": {"Code": "InternalError.SendAndRecvFail", "Message": ""}}}',
        "aliyun": '{"Code": "isp.SYSTEM_ERROR", "Message": ""}',
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=bodies[provider])

    assert isinstance(await a_rig(provider, httpx.MockTransport(answer)).sms.send(SMS), Ambiguous)


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("关于\n修缮", "关于 修缮"),
        ("【仿冒】见 https://bad.test/x 链接", "仿冒见 链接"),
        ("很" * 40, "很" * 34 + "…"),
        ("\u200b", "无"),
    ],
)
def test_a_value_is_cut_to_what_a_provider_takes(text: str, fit: str) -> None:
    assert clip(text) == fit


async def test_the_console_twin_logs_that_it_would_have_sent_and_nothing_personal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await ConsoleSms().send(SMS) == Delivered("console")
    assert SMS.template in caplog.text
    assert not any(word in caplog.text for word in (PHONE, "修缮", SMS.reference))


def test_the_fake_refuses_production() -> None:
    with pytest.raises(RuntimeError, match="not for production"):
        make_app(SmsWorld(HandClock()), environment="production")
