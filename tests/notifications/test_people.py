"""Absence and stand-ins, own wishes, and delegates whom nobody reached."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from app.adapters.delivery import Delivered
from app.infra import outbox
from app.infra.db import sql
from app.infra.jobs import Work
from app.notifications import calling, delivering
from app.notifications.channels import Channel, Senders
from app.suggestions.events import SuggestionSentBack
from tests.notifications.channels import Telephone
from tests.notifications.rig import EIGHT, MIDNIGHT, Rig, id_of
from tests.people import get, post

WEEK_AWAY = {"from": "2026-11-28", "until": "2026-12-06"}


async def put(rig: Rig, path: str, who: str, body: Mapping[str, object]) -> httpx.Response:
    return await rig.client.put(path, json=body, headers=rig.county[who].headers)


async def away(rig: Rig, who: str, *, stand_in: str | None = None, **days: str) -> httpx.Response:
    body: dict[str, object] = {**WEEK_AWAY, **days}
    if stand_in:
        body["stand_in_id"] = str(rig.county[stand_in].account_id)
    return await put(rig, "/api/v1/me/absence", who, body)


async def test_the_stand_in_hears_and_the_one_who_is_away_finds_it_in_the_inbox(rig: Rig) -> None:
    assert (await away(rig, "bob", stand_in="bella")).json()["from"] == "2026-11-28"
    await rig.assigned()
    await rig.notice(MIDNIGHT - timedelta(days=1))  # the last day: bob and bella; due soon: bob alone
    assert await rig.deliveries("bob", line="last_day", channel="wechat") == []
    assert len(await rig.deliveries("bob", line="last_day", channel="inbox")) == 1
    assert len(await rig.deliveries("bella", line="last_day", channel="wechat")) == 1

    listed = (await rig.get("/api/v1/alerts?open=true&limit=100", "carol"))["items"]
    [alert] = [a for a in listed if (a["kind"], a["line"]) == ("acceptance", "last_day")]
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("DELETE FROM memberships WHERE role = 'unit_head'"))
    trail = await rig.get(f"/api/v1/alerts/{alert['id']}", "carol")
    assert {row["person"] for row in trail["deliveries"]} == {"bob", "bella"}


async def test_the_trail_says_for_whom_somebody_stands_in(rig: Rig) -> None:
    path = await rig.assigned()
    await away(rig, "bob", stand_in="bella", **{"from": "2026-11-25"})
    again = await rig.assigned(title="关于硬化乙村道路的建议")
    await rig.read_feed()
    # 交办 is told to the officer alone; the second one while bob is away.
    told = await rig.deliveries("bella", line="suggestion.assigned", channel="inbox")
    assert {row.subject_id for row in told} == {id_of(path), id_of(again)}
    assert {row.stands_in_for for row in told} == {rig.county["bob"].account_id}


async def test_back_again_one_hears_oneself(rig: Rig) -> None:
    await away(rig, "bob", stand_in="bella", **{"from": "2026-11-25"})
    assert (await put(rig, "/api/v1/me/absence", "bob", {})).status_code == 200
    await rig.assigned()
    await rig.read_feed()
    assert len(await rig.deliveries("bob", line="suggestion.assigned", channel="inbox")) == 1
    assert await rig.deliveries("bella", line="suggestion.assigned", channel="inbox") == []


async def test_a_standing_arrangement_serves_whoever_names_nobody(rig: Rig) -> None:
    bob, bella = (str(rig.county[name].account_id) for name in ("bob", "bella"))
    body = {"account_id": bob, "stand_in_id": bella}
    made = await post(rig.client, "/api/v1/stand-ins", rig.county["bella"], body)
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["stand_in_name"]) == ("bob", "bella")
    assert [row["id"] for row in (await rig.get("/api/v1/stand-ins", "bob"))["items"]] == [made.json()["id"]]
    assert (await rig.get("/api/v1/stand-ins", "bruno"))["items"] == []
    await away(rig, "bob", **{"from": "2026-11-25"})
    await rig.assigned()
    await rig.read_feed()
    assert len(await rig.deliveries("bella", line="suggestion.assigned", channel="inbox")) == 1


async def test_with_nobody_to_stand_in_the_one_who_is_away_is_told_after_all(rig: Rig) -> None:
    await away(rig, "bob")
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    assert len(await rig.deliveries("bob", line="overdue", channel="wechat")) == 1


@pytest.mark.parametrize("stand_in", ["bruno", "carol", "alice", "bob"])
async def test_only_a_colleague_who_may_read_the_same_stands_in(rig: Rig, stand_in: str) -> None:
    refused = await away(rig, "bob", stand_in=stand_in)
    assert (refused.status_code, refused.json()["code"]) == (422, "stand-in-unsuitable")


async def test_days_the_wrong_way_round_are_refused(rig: Rig) -> None:
    refused = await away(rig, "bob", until="2026-11-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "absence-invalid")
    assert (await put(rig, "/api/v1/me/absence", "bob", {"from": "2026-11-01"})).status_code == 422


async def test_own_order_inbox_alone_and_a_digest_are_wishes_that_are_kept(rig: Rig) -> None:
    path = "/api/v1/me/notification-preferences"
    assert (await rig.get(path, "bob"))["ways"] == ["wechat"]
    wish = {"channels": ["mail", "wechat"], "addresses": {"mail": "bob@unit.example"}}
    assert (await put(rig, path, "bob", wish)).json()["ways"] == ["mail", "wechat"]
    assert (await put(rig, path, "bella", {"channels": []})).json()["ways"] == []
    assert (await put(rig, path, "carol", {"digest_only": True})).json()["digest_only"] is True
    for nonsense in ({"channels": ["bot"]}, {"channels": ["inbox"]}, {"addresses": {"sms": "110"}}):
        assert (await put(rig, path, "bob", nonsense)).status_code == 422, nonsense

    await rig.assigned()
    await rig.notice(MIDNIGHT)
    assert len(await rig.deliveries("bob", line="overdue", channel="mail")) == 1
    for channel in ("wechat", "sms", "mail"):
        assert await rig.deliveries("bella", line="overdue", channel=channel) == []
    [carols] = await rig.deliveries("carol", line="overdue", channel="wechat")
    digest_from = MIDNIGHT + timedelta(hours=17, minutes=10)
    assert digest_from <= carols.send_after < digest_from + timedelta(minutes=25)


# Wednesday 10:00 a suggestion is sent back; Alice's phone is silent.

FRIDAY = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


@pytest.fixture
async def unread(rig: Rig) -> str:
    """A suggestion sent back to alice, who has not looked."""
    made = await rig.act(
        "/api/v1/suggestions",
        "alice",
        {
            "title": "关于增设甲镇路灯的建议",
            "situation": "甲镇东街夜间无灯，居民出行不便。",
            "proposal": "建议沿街增设太阳能路灯。",
        },
    )
    path = f"/api/v1/suggestions/{made['id']}"
    await rig.act(f"{path}/submission", "alice")
    await rig.read_feed()
    async with rig.database.unit(rig.tenant) as tx:
        town = rig.county.town_id
        event = SuggestionSentBack(suggestion_id=id_of(path), region_id=town, confidential=False)
        outbox.record(tx, event, now=rig.clock.now)
    await rig.read_feed()
    return path


async def list_calls(rig: Rig, at: datetime) -> list[dict[str, object]]:
    rig.clock.now = at
    async with rig.database.unit(rig.tenant) as tx:
        await calling.list_calls(tx, now=at, limit=200)
    return list((await rig.get("/api/v1/call-list", "carol"))["items"])


async def test_whom_nothing_reached_for_a_working_day_is_phoned(rig: Rig, unread: str) -> None:
    assert await list_calls(rig, FRIDAY - timedelta(days=1)) == []
    [call] = await list_calls(rig, FRIDAY)
    assert (call["name"], call["phone"], call["subject_id"]) == ("alice", "138****0001", str(id_of(unread)))
    assert len(await list_calls(rig, FRIDAY)) == 1
    for stranger in ("bob", "alice", "dave"):
        assert (await get(rig.client, "/api/v1/call-list", rig.county[stranger])).status_code == 403

    path = f"/api/v1/call-list/{call['id']}"
    assert (await rig.act(f"{path}/phone", "carol"))["phone"] == "13800000001"
    done = await post(rig.client, f"{path}/done", rig.county["carol"], {"result": "已电话告知本人"})
    assert done.status_code == 204
    assert await list_calls(rig, FRIDAY) == []
    async with rig.database.unit(rig.tenant) as tx:
        acts = (await sql(tx, text("SELECT action FROM audit WHERE action LIKE 'call.%' ORDER BY id"))).all()
    assert [row.action for row in acts] == ["call.reveal_phone", "call.done"]


async def test_who_reads_it_meanwhile_need_not_be_phoned(rig: Rig, unread: str) -> None:
    assert len(await list_calls(rig, FRIDAY)) == 1
    [item] = [i for i in (await rig.get("/api/v1/inbox", "alice"))["items"] if "sent_back" in i["line"]]
    await rig.act(f"/api/v1/inbox/{item['id']}/read", "alice")
    assert await list_calls(rig, FRIDAY) == []


async def test_an_office_that_does_not_phone_is_told_one_step_up_once_a_day(rig: Rig, unread: str) -> None:
    await list_calls(rig, FRIDAY)
    later = FRIDAY + timedelta(days=7)
    for at, raised in ((FRIDAY, 0), (later, 1), (later, 0), (later + timedelta(days=3), 1)):
        async with rig.database.unit(rig.tenant) as tx:
            assert await calling.escalate(tx, now=at) == raised, at
    rig.clock.now = later
    await rig.read_feed()
    assert len(await rig.deliveries("chen", line="unreached", channel="inbox")) == 2


async def test_whom_a_message_reached_outside_is_on_no_list(rig: Rig) -> None:
    """A clock of alice's own (评价): told by text message, unread, and yet reached."""
    phone = Telephone()
    phone.answers.append(Delivered("ok"))
    await put(rig, "/api/v1/me/notification-preferences", "alice", {"channels": ["sms"]})
    path = await rig.assigned()
    async with rig.database.unit(rig.tenant) as tx:
        changes = text("UPDATE deadlines SET ladder = jsonb_set(ladder, '{last_day}', '[\"delegate\"]')")
        await sql(tx, changes)
    await rig.notice(MIDNIGHT - timedelta(days=1))
    rig.clock.now = MIDNIGHT - timedelta(hours=14)
    work = Work(rig.database, rig.tenant, rig.clock, {Senders: Senders({Channel.SMS: phone})})
    while await delivering.deliver(work):
        pass
    assert [push.address for push in phone.sent] == ["13800000001"]
    about = str(id_of(path))
    listed = await list_calls(rig, EIGHT + timedelta(days=4))
    assert [call for call in listed if call["subject_id"] == about and call["line"] == "last_day"] == []


async def test_what_the_mini_program_reports_is_credit_for_our_templates_alone(rig: Rig) -> None:
    settings = rig.client._transport.app.state.settings  # type: ignore[attr-defined]
    settings.wechat_appid, settings.wechat_template_overdue = rig.world.appid, "tpl-overdue"
    body = {"templates": {"tpl-overdue": "accept", "tpl-of-others": "accept"}}
    for left in (1, 2):
        answer = await put(rig, "/api/v1/me/subscriptions", "bob", body)
        assert answer.json() == {"left": {"tpl-overdue": left}}
    refused = {"templates": {"tpl-overdue": "reject"}}
    assert (await put(rig, "/api/v1/me/subscriptions", "bob", refused)).json() == {"left": {"tpl-overdue": 2}}
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    rig.clock.now = EIGHT
    await rig.deliver()
    assert (await put(rig, "/api/v1/me/subscriptions", "bob", {"templates": {}})).json() == {
        "left": {"tpl-overdue": 1}
    }
