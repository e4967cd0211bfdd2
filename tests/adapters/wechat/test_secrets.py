"""No secret, token, code or phone reaches a log or an error's text, not even at DEBUG."""

import logging
import traceback

import httpx
import pytest

from app.adapters.wechat.errors import WeChatError
from app.fakes.wechat.faults import Fault
from tests.adapters.wechat.rig import ALICE, DATA, TEMPLATE, Rig, a_rig

PHONE = "13800000001"


async def everything(rig: Rig, code: str) -> list[BaseException]:
    """Each call once; the errors that came of it."""
    wechat, caught = rig.wechat, list[BaseException]()
    for work in (
        wechat.code2session(code),
        wechat.get_user_phone_number(code, openid=ALICE),
        wechat.send_subscribe_message(ALICE, TEMPLATE.id, "pages/index", DATA),
        wechat.get_wxacode_unlimit("s=1", ""),
    ):
        try:
            await work
        except WeChatError as error:
            caught.append(error)
    return caught


def told(caplog: pytest.LogCaptureFixture, errors: list[BaseException]) -> str:
    shown = ["".join(traceback.format_exception(error)) for error in errors]
    return "\n".join([caplog.text, *shown, *map(repr, errors)])


@pytest.mark.parametrize("fault", list(Fault))
async def test_under_every_fault(rig: Rig, caplog: pytest.LogCaptureFixture, fault: Fault) -> None:
    caplog.set_level(logging.DEBUG)
    await rig.wechat.get_wxacode_unlimit("s=1", "")
    rig.world.faults.set(fault)

    errors = await everything(rig, f"demo:{PHONE}")

    token = await rig.tokens.current()
    assert token is not None
    text = told(caplog, errors)
    for secret in (rig.world.secret, token.value, PHONE, DATA["thing1"]):
        assert secret not in text
    assert bool(errors) is (fault is not Fault.NONE)


async def test_when_wechat_repeats_what_it_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def parrot(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("stable_token"):
            return httpx.Response(200, json={"access_token": "TOKEN-1", "expires_in": 7200})
        errmsg = f"bad {request.url.query.decode()} {request.content.decode()}"
        return httpx.Response(200, json={"errcode": 40029, "errmsg": errmsg})

    rig = a_rig(httpx.MockTransport(parrot))
    errors = await everything(rig, "CODE-1")

    text = told(caplog, errors)
    assert len(errors) == 3
    for secret in (rig.world.secret, "TOKEN-1", "CODE-1"):
        assert secret not in text
