"""The control plane does by HTTP what a test does to the world."""

import pytest

from app.fakes.wechat.faults import Fault, Faults, fair_chance
from tests.fakes.wechat.phone import Phone, a_message

SEND = "/cgi-bin/message/subscribe/send"


async def test_a_persons_message_is_shown_by_openid(phone: Phone) -> None:
    choice = {"openid": "oAlice", "template_id": "T1", "accept": True}
    assert (await phone.http.post("/_fake/subscription-choices", json=choice)).status_code == 204
    await phone.errcode(SEND, a_message())

    alice = (await phone.http.get("/_fake/messages", params={"openid": "oAlice"})).json()
    bob = (await phone.http.get("/_fake/messages", params={"openid": "oBob"})).json()

    assert [item["title"] for item in alice["items"]] == ["村道"]
    assert bob["items"] == []


async def test_codes_are_minted(phone: Phone) -> None:
    login = await phone.http.post("/_fake/login-codes", json={"openid": "oBob"})
    assert phone.world.login_codes.redeem(login.json()["code"]).openid == "oBob"
    mint = {"openid": "oBob", "phone": "13800000001"}
    code = (await phone.http.post("/_fake/phone-codes", json=mint)).json()["code"]
    assert phone.world.phone_codes.redeem(code).phone == "13800000001"


async def test_pushes_are_fetched_once(phone: Phone) -> None:
    phone.world.choose("oAlice", "T1", accept=True)
    first = (await phone.http.get("/_fake/pushes")).json()["items"]
    assert [push["Event"] for push in first] == ["subscribe_msg_popup_event"]
    assert (await phone.http.get("/_fake/pushes")).json()["items"] == []


async def test_templates_users_faults_dead_tokens_and_reset(phone: Phone) -> None:
    template = {"id": "T2", "title": "x", "content": "{{thing1.DATA}}", "type": 3}
    await phone.http.post("/_fake/templates", json=template)
    await phone.http.post("/_fake/users", json={"openid": "oBob"})
    token = await phone.token()
    await phone.http.post("/_fake/dead-tokens", json={})
    await phone.http.post("/_fake/faults", json={"kind": "busy", "rate": 0.3, "path": SEND})

    assert phone.world.templates["T2"].type == 3
    assert phone.world.knows("oBob")
    assert token in phone.world.tokens.killed
    assert (phone.world.faults.kind, phone.world.faults.rate) == (Fault.BUSY, 0.3)
    assert (await phone.http.get("/_fake/calls")).json() == {"/cgi-bin/stable_token": 1}

    await phone.http.post("/_fake/reset", json={})
    assert not phone.world.knows("oBob")


@pytest.mark.parametrize("body", [{}, {"kind": "earthquake"}, {"kind": "busy", "rate": 3}])
async def test_a_wrong_order_is_told(phone: Phone, body: dict[str, object]) -> None:
    assert (await phone.http.post("/_fake/faults", json=body)).status_code == 400


async def test_faults_do_not_touch_the_control_plane(phone: Phone) -> None:
    phone.world.faults.set("5xx")
    assert (await phone.http.get("/_fake/calls")).status_code == 200


async def test_a_code_leads_to_a_page_that_shows_its_scene_unharmed(phone: Phone) -> None:
    page = await phone.http.get("/_fake/open", params={"scene": "<b>", "page": ""})
    assert "首页" in page.text
    assert "&lt;b&gt;" in page.text


def test_faults_come_at_their_rate_and_the_same_on_every_start() -> None:
    def run() -> list[Fault]:
        faults = Faults(chance=fair_chance(7))
        faults.set("busy", 0.3)
        return [faults.draw("/x") for _ in range(1000)]

    assert run() == run()
    assert 250 < run().count(Fault.BUSY) < 350


def test_a_fault_of_one_path_leaves_the_others() -> None:
    faults = Faults(chance=lambda: 0.0)
    faults.set("busy", path="/x")
    assert (faults.draw("/x"), faults.draw("/y")) == (Fault.BUSY, Fault.NONE)
    faults.set("busy", 0.0)
    assert faults.draw("/x") is Fault.NONE
