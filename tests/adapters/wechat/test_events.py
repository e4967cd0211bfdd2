"""WeChat's loose JSON becomes facts; repeats are known by their key."""

import json
from typing import Any

import pytest

from app.adapters.wechat.events import (
    ConsentWithdrawn,
    MessageReported,
    SubscriptionChosen,
    dedupe_key,
    events_of,
)
from app.adapters.wechat.push import parse
from tests.adapters.wechat.rig import ALICE, DATA, TEMPLATE, Rig


def a_push(event: str, **fields: Any) -> dict[str, Any]:
    return {
        "ToUserName": "gh_1",
        "FromUserName": ALICE,
        "CreateTime": "1620973045",
        "MsgType": "event",
        "Event": event,
        **fields,
    }


ACCEPTED = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "0"}
REJECTED = {"TemplateId": "T2", "SubscribeStatusString": "reject", "PopupScene": "0"}


def test_a_list_of_one_may_be_an_object() -> None:
    chosen = [SubscriptionChosen(ALICE, "T1", accepted=True, prompted=True)]
    assert events_of(a_push("subscribe_msg_popup_event", List=ACCEPTED)) == chosen
    assert events_of(a_push("subscribe_msg_popup_event", List=[ACCEPTED])) == chosen


def test_each_entry_of_a_list_is_a_fact() -> None:
    assert events_of(a_push("subscribe_msg_popup_event", List=[ACCEPTED, REJECTED])) == [
        SubscriptionChosen(ALICE, "T1", accepted=True, prompted=True),
        SubscriptionChosen(ALICE, "T2", accepted=False, prompted=True),
    ]


def test_a_change_in_the_settings_gives_no_credit() -> None:
    [event] = events_of(a_push("subscribe_msg_change_event", List=ACCEPTED))
    assert event == SubscriptionChosen(ALICE, "T1", accepted=True, prompted=False)


@pytest.mark.parametrize(("code", "errcode"), [("0", 0), (0, 0), ("43101", 43101), (None, -1)])
def test_numbers_may_be_strings(code: object, errcode: int) -> None:
    entry = {"TemplateId": "T1", "MsgID": 186, "ErrorCode": code, "ErrorStatus": "x"}
    [event] = events_of(a_push("subscribe_msg_sent_event", List=entry))
    assert event == MessageReported(ALICE, "T1", "186", errcode, "x")


def test_stray_spaces_in_keys_and_values_are_stripped() -> None:
    body = json.dumps({"Event": "user_authorization_revoke ", " OpenID": " oA", "RevokeInfo": "8, 13"})
    assert events_of(parse(body.encode())) == [ConsentWithdrawn("oA", ("8", "13"))]


def test_a_closed_account_withdraws_everything() -> None:
    assert events_of(a_push("user_authorization_cancellation", OpenID="oA")) == [ConsentWithdrawn("oA", ())]


@pytest.mark.parametrize("listed", ["", None, [None], 7])
def test_a_strange_list_yields_nothing(listed: object) -> None:
    assert events_of(a_push("subscribe_msg_popup_event", List=listed)) == []


def test_an_unknown_event_yields_nothing() -> None:
    assert events_of(a_push("debug_demo")) == []


def test_a_replayed_push_has_the_same_key_whatever_its_order_of_fields() -> None:
    push = a_push("subscribe_msg_sent_event", List={"MsgID": "1", "TemplateId": "T1"})
    replay = dict(reversed(push.items()))
    assert dedupe_key(push) == dedupe_key(replay)
    assert {dedupe_key(p) for p in [push] * 3} == {dedupe_key(push)}


def test_two_reports_of_one_second_have_two_keys() -> None:
    first = a_push("subscribe_msg_sent_event", List={"MsgID": "1"})
    second = a_push("subscribe_msg_sent_event", List={"MsgID": "2"})
    assert dedupe_key(first) != dedupe_key(second)


def test_a_message_is_known_by_its_id() -> None:
    assert dedupe_key({"MsgId": 77, "CreateTime": 1}) == dedupe_key({"MsgId": "77"}) == "77"


async def test_the_fakes_own_pushes_are_understood(rig: Rig) -> None:
    rig.world.choose(ALICE, TEMPLATE.id, accept=True)
    await rig.wechat.send_subscribe_message(ALICE, TEMPLATE.id, "pages/index", DATA)

    chosen, reported = [event for push in rig.world.pushes for event in events_of(push)]

    assert chosen == SubscriptionChosen(ALICE, TEMPLATE.id, accepted=True, prompted=True)
    reference = str(rig.world.outbox[0].msgid)
    assert reported == MessageReported(ALICE, TEMPLATE.id, reference, 0, "success")
