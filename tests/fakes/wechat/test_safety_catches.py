"""The fake can't be mistaken for WeChat, nor reached from outside."""

import httpx
import pytest

from app.fakes.wechat.app import make_app
from app.fakes.wechat.world import World
from tests.fakes.wechat.phone import Clock, Phone


def test_it_is_not_built_in_production() -> None:
    with pytest.raises(RuntimeError):
        make_app(World(Clock()), environment="production")


def test_its_appid_can_not_be_a_real_one() -> None:
    with pytest.raises(ValueError, match="wxfake"):
        World(Clock(), appid="wx4f4bc4dec97d474b")


async def test_the_control_plane_is_for_this_machine_only() -> None:
    app = make_app(World(Clock()))
    outside = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(base_url="http://wechat.test", transport=outside) as http:
        answer = await http.get("/_fake/messages")
    assert answer.status_code == 404


async def test_the_control_plane_is_not_reached_through_a_proxy(phone: Phone) -> None:
    through = await phone.http.get("/_fake/messages", headers={"X-Forwarded-For": "192.0.2.7"})
    assert through.status_code == 404
    assert (await phone.http.get("/_fake/messages")).status_code == 200


async def test_the_legacy_token_is_answered_with_a_failure_that_says_so(phone: Phone) -> None:
    answer = (await phone.http.get("/cgi-bin/token")).json()
    assert "access_token" not in answer
    assert answer["errmsg"].startswith("legacy token used")
