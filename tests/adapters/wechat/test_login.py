"""Log-in and phone codes work once and are never replayed."""

import pytest

from app.adapters.wechat.client import PhoneNumber
from app.adapters.wechat.errors import Kind, WeChatError
from app.fakes.wechat.faults import Fault
from tests.adapters.wechat.rig import ALICE, Rig

SESSION = "/sns/jscode2session"
PHONE = "/wxa/business/getuserphonenumber"


async def test_a_code_tells_who_logged_in(rig: Rig) -> None:
    session = await rig.wechat.code2session(rig.world.login_codes.mint(ALICE))
    assert session.openid == ALICE
    assert session.session_key not in repr(session)


async def test_a_demo_code_tells_its_openid_each_time(rig: Rig) -> None:
    first = await rig.wechat.code2session("demo:oBob")
    second = await rig.wechat.code2session("demo:oBob")
    assert first == second
    assert first.openid == "oBob"


async def test_a_used_code_is_refused_for_good(rig: Rig) -> None:
    code = rig.world.login_codes.mint(ALICE)
    await rig.wechat.code2session(code)

    with pytest.raises(WeChatError) as caught:
        await rig.wechat.code2session(code)

    assert (caught.value.errcode, caught.value.kind) == (40163, Kind.USER_FINAL)


async def test_a_code_lives_five_minutes(rig: Rig) -> None:
    code = rig.world.login_codes.mint(ALICE)
    rig.clock.advance(minutes=5)

    with pytest.raises(WeChatError) as caught:
        await rig.wechat.code2session(code)

    assert (caught.value.errcode, caught.value.kind) == (40029, Kind.USER_FINAL)


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.TIMEOUT, Fault.SERVER_ERROR, Fault.BUSY])
async def test_after_silence_a_code_is_not_sent_again(rig: Rig, fault: Fault) -> None:
    rig.world.faults.set(fault, path=SESSION)

    with pytest.raises(WeChatError) as caught:
        await rig.wechat.code2session(rig.world.login_codes.mint(ALICE))

    assert caught.value.kind is Kind.BUSY
    assert rig.calls(SESSION) == 1


async def test_log_in_needs_no_access_token(rig: Rig) -> None:
    await rig.wechat.code2session("demo:oBob")
    assert list(rig.world.calls) == [SESSION]


async def test_a_phone_code_tells_the_phone_of_its_owner(rig: Rig) -> None:
    code = rig.world.phone_codes.mint(ALICE, "13800000001")
    phone = await rig.wechat.get_user_phone_number(code, openid=ALICE)
    assert phone == PhoneNumber("13800000001", "86")
    assert "13800000001" not in repr(phone)


async def test_a_phone_code_of_someone_else_is_refused(rig: Rig) -> None:
    code = rig.world.phone_codes.mint(ALICE, "13800000001")
    with pytest.raises(WeChatError) as caught:
        await rig.wechat.get_user_phone_number(code, openid="oBob")
    assert caught.value.kind is Kind.USER_FINAL


async def test_a_demo_phone_code_tells_its_phone(rig: Rig) -> None:
    phone = await rig.wechat.get_user_phone_number("demo:13800000002", openid=ALICE)
    assert phone.number == "13800000002"


async def test_a_phone_code_is_not_sent_again_after_silence(rig: Rig) -> None:
    rig.world.faults.set(Fault.LOST_ANSWER, path=PHONE)
    with pytest.raises(WeChatError):
        await rig.wechat.get_user_phone_number("demo:13800000002", openid=ALICE)
    assert rig.calls(PHONE) == 1
