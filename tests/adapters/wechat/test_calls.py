"""What is tried again, and how answers are read."""

import asyncio

import httpx
import pytest

from app.adapters.http import make_client
from app.adapters.wechat.calls import App, Call, Caller
from app.adapters.wechat.errors import STABLE_TOKEN, Kind, WeChatError, kind_of, refused
from app.adapters.wechat.tokens import MemoryTokenStore
from app.fakes.wechat.faults import Fault
from tests.adapters.wechat.rig import HandClock, Rig, a_rig

WXACODE = "/wxa/getwxacodeunlimit"


async def a_code(rig: Rig) -> bytes:
    return await rig.wechat.get_wxacode_unlimit("s=1", "pages/index/index")


async def test_busy_backs_off_and_then_succeeds(rig: Rig) -> None:
    rig.world.refuse_next(WXACODE, -1, times=2)
    await a_code(rig)
    assert rig.pauses == [0.2, 0.4]


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.LOST_ANSWER])
async def test_a_call_that_may_be_repeated_is_made_four_times(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault, path=WXACODE)

    with pytest.raises(WeChatError) as caught:
        await a_code(rig)

    assert caught.value.kind is Kind.BUSY
    assert rig.calls(WXACODE) == 4
    assert rig.pauses == [0.2, 0.4, 0.8]


async def test_the_pause_has_jitter() -> None:
    pauses = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    busy = httpx.MockTransport(lambda request: httpx.Response(503))
    async with make_client("https://wechat.test", transport=busy) as http:
        caller = Caller(App("wxfake1", "s"), MemoryTokenStore(), http, HandClock(), pause, lambda: 0.5)
        with pytest.raises(WeChatError):
            await caller.answer(Call("GET", "/x"), with_token=False)

    assert pauses == pytest.approx([0.3, 0.6, 1.2])


async def test_the_days_quota_is_not_tried_again(rig: Rig) -> None:
    rig.world.faults.set(Fault.QUOTA, path=WXACODE)

    with pytest.raises(WeChatError) as caught:
        await a_code(rig)

    assert caught.value.kind is Kind.RATE_DAY
    assert rig.calls(WXACODE) == 1


async def test_a_server_that_never_answers_is_given_up_when_the_time_budget_is_spent() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with make_client("https://wechat.test", transport=httpx.MockTransport(never)) as http:
        caller = Caller(
            App("wxfake1", "s"),
            MemoryTokenStore(),
            http,
            HandClock(),
            asyncio.sleep,
            lambda: 0.0,
            budget_seconds=0.01,
        )
        with pytest.raises(WeChatError) as caught:
            await caller.answer(Call("GET", "/x"), with_token=False)

    assert (caught.value.kind, caught.value.errmsg) == (Kind.BUSY, "time budget spent")


def answering(content: bytes, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(status, content=content))


@pytest.mark.parametrize(
    "content",
    [b"<html>gateway</html>", b"", b"[]", b"null", b"{}", b'{"errcode":"x"}', b"\x89PNG"],
)
async def test_an_answer_that_is_not_wechats_is_no_answer(content: bytes) -> None:
    rig = a_rig(answering(content))
    with pytest.raises(WeChatError) as caught:
        await rig.wechat.code2session("c")
    assert caught.value.kind is Kind.BUSY


async def test_an_http_error_without_errcode_is_no_answer() -> None:
    rig = a_rig(answering(b'{"openid": "oX"}', 403))
    with pytest.raises(WeChatError) as caught:
        await rig.wechat.code2session("c")
    assert caught.value.kind is Kind.BUSY


async def test_control_characters_and_broken_utf8_in_the_answer_are_borne() -> None:
    rig = a_rig(answering(b'{"openid": "oX", "session_key": "k", "nick": "a\x01\nb\xff"}'))
    assert (await rig.wechat.code2session("c")).openid == "oX"


async def test_the_rid_is_kept_and_taken_off_the_text(rig: Rig) -> None:
    with pytest.raises(WeChatError) as caught:
        await rig.wechat.get_wxacode_unlimit("含中文", "")

    assert caught.value.errmsg == "invalid scene"
    assert caught.value.rid in rig.world.refusals


@pytest.mark.parametrize(
    ("errcode", "path", "kind"),
    [
        (40001, WXACODE, Kind.TOKEN),
        (40014, WXACODE, Kind.TOKEN),
        (42001, WXACODE, Kind.TOKEN),
        (40001, STABLE_TOKEN, Kind.CONFIG),
        (-1, WXACODE, Kind.BUSY),
        (45011, WXACODE, Kind.RATE_SHORT),
        (45009, WXACODE, Kind.RATE_DAY),
        (40164, WXACODE, Kind.CONFIG),
        (47003, WXACODE, Kind.TEMPLATE),
        (43101, WXACODE, Kind.USER_FINAL),
        (99999, WXACODE, Kind.TEMPLATE),
    ],
)
def test_codes_are_sorted_by_what_can_be_done(errcode: int, path: str, kind: Kind) -> None:
    assert kind_of(errcode, path) is kind


def test_secrets_repeated_by_wechat_are_blotted_out() -> None:
    error = refused(40001, "bad TOKEN1 rid: 6a-b", "/x", hide=["TOKEN1", ""])
    assert str(error) == "/x errcode=40001 bad *** rid=6a-b"
