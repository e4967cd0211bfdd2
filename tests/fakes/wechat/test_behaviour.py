"""The fake answers as WeChat does where it matters."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.fakes.wechat.subscriptions import LONG_TERM, Template
from app.fakes.wechat.world import World
from tests.fakes.wechat.phone import Clock, Phone, a_message

SEND = "/cgi-bin/message/subscribe/send"
CHECK = "/wxa/msg_sec_check"


async def test_the_same_token_is_given_until_five_minutes_before_its_end(phone: Phone) -> None:
    first = await phone.token()
    phone.clock.now += timedelta(seconds=6899)
    assert await phone.token() == first
    phone.clock.now += timedelta(seconds=1)
    assert await phone.token() != first
    phone.world.tokens.check(first)  # both work for the last five minutes


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [({"appid": "wxother"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "x"}, 40002)],
)
async def test_the_token_is_for_the_owner(phone: Phone, changes: dict[str, str], errcode: int) -> None:
    right = {
        "grant_type": "client_credential",
        "appid": phone.world.appid,
        "secret": phone.world.secret,
    }
    answer = await phone.http.post("/cgi-bin/stable_token", json=right | changes)
    assert answer.json()["errcode"] == errcode


async def test_tokens_are_told_apart_by_what_is_wrong(phone: Phone) -> None:
    await phone.token()
    assert await phone.errcode(SEND, {}, access_token="") == 41001
    assert await phone.errcode(SEND, {}, access_token="made-up") == 40001
    old = await phone.token()
    phone.clock.now += timedelta(hours=2)
    assert await phone.errcode(SEND, {}, access_token=old) == 42001


async def test_log_in_answers_as_plain_text(phone: Phone) -> None:
    query = {
        "appid": phone.world.appid,
        "secret": phone.world.secret,
        "js_code": "demo:oBob",
        "grant_type": "authorization_code",
    }
    answer = await phone.http.get("/sns/jscode2session", params=query)
    assert answer.headers["content-type"].startswith("text/plain")
    assert json.loads(answer.content)["openid"] == "oBob"
    assert phone.world.knows("oBob")


async def test_escaped_chinese_is_refused_and_raw_is_taken(phone: Phone) -> None:
    phone.world.choose("oAlice", "T1", accept=True)
    assert await phone.errcode(SEND, json.dumps(a_message()).encode()) == 47001
    assert await phone.errcode(SEND, a_message()) == 0


async def test_an_escaped_backslash_is_no_escape(phone: Phone) -> None:
    phone.world.choose("oAlice", "T1", accept=True)
    message = a_message(data={"thing1": {"value": "C:\\users"}})
    assert await phone.errcode(SEND, message) == 0


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "oStranger"}, 40003),
        ({"template_id": "T9"}, 40037),
        ({"lang": ""}, 47003),
        ({"miniprogram_state": ""}, 47003),
        ({"data": {}}, 47003),
        ({"data": {"thing1": "bare"}}, 47003),
        ({"data": {"thing1": {"value": "长" * 21}}}, 47003),
        ({"data": {"thing1": {"value": "两\n行"}}}, 47003),
        ({"data": {"thing1": {"value": 7}}}, 47003),
        ({"data": {"thing1": {"value": "x"}, "thing2": {"value": "x"}}}, 47003),
    ],
)
async def test_a_wrong_message_is_refused_and_costs_no_credit(
    phone: Phone, changes: dict[str, Any], errcode: int
) -> None:
    phone.world.choose("oAlice", "T1", accept=True)
    assert await phone.errcode(SEND, a_message(**changes)) == errcode
    assert phone.world.credits.left("oAlice", "T1") == 1


async def test_without_acceptance_nothing_is_shown(phone: Phone) -> None:
    phone.world.choose("oAlice", "T1", accept=False)
    assert await phone.errcode(SEND, a_message()) == 43101
    assert phone.world.messages() == []


async def test_a_long_term_subscription_is_not_used_up(phone: Phone) -> None:
    phone.world.add_template(Template("T3", "提醒", "{{thing1.DATA}}", LONG_TERM))
    phone.world.choose("oAlice", "T3", accept=True)
    message = a_message(template_id="T3")
    assert [await phone.errcode(SEND, message) for _ in range(3)] == [0, 0, 0]
    phone.world.credits.drop("oAlice", "T3")
    assert await phone.errcode(SEND, message) == 43101


def test_a_demo_may_begin_with_credit_for_all() -> None:
    world = World(Clock(), default_credit=2, admit_strangers=True)
    assert world.knows("oNobody")
    assert world.credits.left("oNobody", "T1") == 2


@pytest.mark.parametrize(
    ("content", "suggest"),
    [("村道坏了", "pass"), ("时政测试", "review"), ("时政测试，违禁测试", "risky")],
)
async def test_texts_are_judged_by_the_gravest_word(phone: Phone, content: str, suggest: str) -> None:
    phone.world.visit("oAlice")
    body = {"version": 2, "scene": 2, "openid": "oAlice", "content": content}
    assert (await phone.post(CHECK, body))["result"]["suggest"] == suggest


async def test_texts_are_judged_only_for_two_hours_after_a_visit(phone: Phone) -> None:
    body = {"version": 2, "scene": 2, "openid": "oAlice", "content": "x"}
    assert await phone.errcode(CHECK, body) == 40003
    phone.world.add_user("oAlice")
    assert await phone.errcode(CHECK, body) == 61010
    phone.world.visit("oAlice")
    assert await phone.errcode(CHECK, body) == 0
    assert await phone.errcode(CHECK, body | {"content": "x" * 2501}) == 47001
    phone.clock.now += timedelta(hours=2, seconds=1)
    assert await phone.errcode(CHECK, body) == 61010


async def test_templates_are_listed(phone: Phone) -> None:
    query = {"access_token": await phone.token()}
    answer = (await phone.http.get("/wxaapi/newtmpl/gettemplate", params=query)).json()
    assert [(t["priTmplId"], t["type"]) for t in answer["data"]] == [("T1", 2)]


async def test_the_quota_counts_calls(phone: Phone) -> None:
    await phone.errcode(SEND, a_message())
    quota = (await phone.post("/cgi-bin/openapi/quota/get", {"cgi_path": SEND}))["quota"]
    assert (quota["used"], quota["daily_limit"] - quota["remain"]) == (1, 1)


async def test_a_rid_is_explained_without_its_token(phone: Phone) -> None:
    refusal = await phone.post(SEND, a_message())
    rid = refusal["errmsg"].rpartition("rid: ")[2]
    explained = (await phone.post("/cgi-bin/openapi/rid/get", {"rid": rid}))["request"]
    assert explained["request_url"] == SEND
    assert await phone.errcode("/cgi-bin/openapi/rid/get", {"rid": "6-6-6"}) == 76001
