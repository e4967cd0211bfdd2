"""An alert's trail, undertakings, signed links: who was told, how, and what they said."""

from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy import text

from app.alerts.jobs import read_feed
from app.infra.crypto import vault_of
from app.infra.db import sql
from app.infra.outbox import ParkedEvent
from app.kernel.clock import machine_now
from app.notifications import links
from tests.notifications.rig import EIGHT, MIDNIGHT, Rig
from tests.notifications.settings import administrator
from tests.people import post

OVERDUE = "/api/v1/alerts?open=true&limit=100"


async def overdue(rig: Rig) -> str:
    """The id of bob's alert: not signed for in time."""
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    rig.clock.now = EIGHT
    listed = (await rig.get(OVERDUE, "carol"))["items"]
    [id] = [alert["id"] for alert in listed if (alert["kind"], alert["line"]) == ("acceptance", "overdue")]
    return str(id)


async def undertake(rig: Rig, alert: str, who: str, until: str) -> httpx.Response:
    body = {"until": until, "reason": "现场勘查后签收"}
    return await post(rig.client, f"/api/v1/alerts/{alert}/undertaking", rig.county[who], body)


async def test_an_undertaking_is_bounded_seen_by_the_office_and_stops_nothing(rig: Rig) -> None:
    alert = await overdue(rig)
    for until in ("2026-11-30", "2026-12-09"):
        refused = await undertake(rig, alert, "bob", until)
        assert (refused.status_code, refused.json()["code"]) == (422, "undertaking-too-long"), until
        assert refused.json()["latest"] == "2026-12-08"
    assert (await undertake(rig, alert, "bruno", "2026-12-04")).status_code == 404
    assert (await undertake(rig, alert, "bob", "2026-12-04")).status_code == 201

    trail = await rig.get(f"/api/v1/alerts/{alert}", "carol")
    assert [(said["name"], said["until"]) for said in trail["undertakings"]] == [("bob", "2026-12-04")]
    assert (trail["open"], trail["overdue"]) == (True, True)

    await rig.notice(MIDNIGHT + timedelta(days=4))  # the third working day after: escalated
    items = (await rig.get("/api/v1/inbox?limit=100", "chen"))["items"]
    bodies = [item["body"] for item in items if item["line"] == "overdue_3"]
    assert any(body.endswith("承办方说明将于2026年12月4日前办结。") for body in bodies)


async def test_the_trail_of_a_confidential_matter_names_no_delegate_to_the_unit(rig: Rig) -> None:
    path = await rig.assigned(confidential=True)
    await rig.act(f"{path}/acceptance", "bob")
    await rig.act(
        f"{path}/contacts", "bob", {"how": "phone", "at": "2026-11-24T10:00:00+08:00", "note": "谈过"}
    )
    promise = {"content": "清淤", "due_on": "2027-03-31", "owner": "张工"}
    reply = {"content": "列入计划。", "outcome": "planned", "disclosure": "no", "commitments": [promise]}
    await rig.act(f"{path}/reply-draft", "bob", {**reply, "disclosure_reason": "涉及个人"})
    answered = await rig.act(f"{path}/reply", "bella")
    cid = answered["replies"][0]["commitments"][0]["id"]
    await rig.act(f"{path}/commitments/{cid}/slip", "bob", {"new_due_on": "2027-05-31", "reason": "雨季"})
    await rig.read_feed()
    async with rig.database.unit(rig.tenant) as tx:
        await read_feed(tx, rig.clock.now)
    await rig.read_feed()

    listed = (await rig.get("/api/v1/alerts?limit=100", "bob"))["items"]
    [id] = [alert["id"] for alert in listed if alert["line"] == "slipped"]
    told = {who: await rig.get(f"/api/v1/alerts/{id}", who) for who in ("carol", "bob")}
    assert "alice" in {one["person"] for one in told["carol"]["deliveries"]}
    assert "alice" not in {one["person"] for one in told["bob"]["deliveries"]}


async def test_nothing_is_undertaken_about_what_is_done(rig: Rig) -> None:
    alert = await overdue(rig)
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE deadlines SET stopped_at = :at"), {"at": EIGHT})
    refused = await undertake(rig, alert, "bob", "2026-12-04")
    assert (refused.status_code, refused.json()["code"]) == (409, "alert-settled")


async def test_a_signed_link_opens_one_message_for_three_days_and_looking_is_not_reading(rig: Rig) -> None:
    await overdue(rig)
    item = (await rig.get("/api/v1/inbox", "bob"))["items"][0]
    async with rig.database.unit(rig.tenant) as tx:
        assert links.signed(tx, "", UUID(item["id"]), machine_now()) == ""
        path = links.signed(tx, "http://alpha.test", UUID(item["id"]), machine_now())
        old = links.token(vault_of(tx), UUID(item["id"]), machine_now() - timedelta(seconds=1))
    token = path.rpartition("/")[2]
    path = path.removeprefix("http://alpha.test")

    opened = await rig.client.get(path)
    assert (opened.json()["title"], opened.json()["read_at"]) == (item["title"], None)
    for wrong in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), old, "", "x" * 50):
        refused = await rig.client.get(f"/api/public/v1/alert-links/{wrong}")
        assert refused.status_code == 404, wrong
    read = await rig.client.post(f"{path}/read", headers={"Idempotency-Key": token[:32]})
    assert read.is_success, read.text
    assert (await rig.get("/api/v1/inbox", "bob"))["items"][0]["read_at"] is not None


async def test_another_countys_link_opens_nothing(rig: Rig) -> None:
    await overdue(rig)
    item = (await rig.get("/api/v1/inbox", "bob"))["items"][0]
    async with rig.database.unit(rig.tenant) as tx:
        path = links.signed(tx, "http://beta.test", UUID(item["id"]), machine_now())
    elsewhere = await rig.client.get(path)
    assert elsewhere.status_code == 404


async def test_what_is_stuck_is_seen_and_sent_anew_by_the_operator_alone(rig: Rig) -> None:
    await overdue(rig)
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE deliveries SET state = 'parked', attempts = 5 WHERE channel = 'wechat'"))
    operator = await administrator(rig, "sysadmin")
    assert (
        await rig.client.get("/api/v1/stuck-deliveries", headers=rig.county["bob"].headers)
    ).status_code == 403
    listed = (await rig.client.get("/api/v1/stuck-deliveries?limit=100", headers=operator.headers)).json()
    [mine] = [row for row in listed["items"] if (row["person"], row["line"]) == ("bob", "overdue")]
    replayed = await post(rig.client, f"/api/v1/stuck-deliveries/{mine['id']}/replay", operator)
    assert replayed.status_code == 204
    again = await post(rig.client, f"/api/v1/stuck-deliveries/{mine['id']}/replay", operator)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-replay")
    await rig.deliver()
    assert len(rig.pushed("bob")) == 1


async def test_a_parked_event_is_told_once_more_by_hand(rig: Rig) -> None:
    await rig.assigned()
    await rig.read_feed()
    async with rig.database.unit(rig.tenant) as tx:
        seq = (await sql(tx, text("SELECT seq FROM outbox WHERE name = 'suggestion.assigned'"))).scalar_one()
        await sql(tx, text("DELETE FROM inbox_items"))
        await sql(tx, text("DELETE FROM deliveries"))
        tx.add(ParkedEvent(consumer="notifications", seq=seq, error="KeyError", parked_at=machine_now()))
    operator = await administrator(rig, "sysadmin")
    listed = (await rig.client.get("/api/v1/parked-events", headers=operator.headers)).json()["items"]
    assert [row["seq"] for row in listed] == [seq]
    assert (await post(rig.client, f"/api/v1/parked-events/{seq}/replay", operator)).status_code == 204
    assert len(await rig.deliveries("bob", line="suggestion.assigned", channel="inbox")) == 1
    assert (await rig.client.get("/api/v1/parked-events", headers=operator.headers)).json()["items"] == []


async def test_the_routing_is_changed_entry_by_entry_and_nonsense_is_refused(rig: Rig) -> None:
    keeper = await administrator(rig, "secadmin")
    path = "/api/v1/notification-routing"
    changes = {"steps": {"suggestion.assigned": ["unit_head"]}, "hours": {"opens": "09:00"}}
    put = await rig.client.put(path, json={"changes": changes}, headers=keeper.headers)
    assert put.is_success, put.text
    found = (await rig.client.get(path, headers=keeper.headers)).json()["routing"]
    assert (found["hours"]["opens"], found["hours"]["closes"]) == ("09:00:00", "20:00:00")
    await rig.assigned()
    await rig.read_feed()
    assert len(await rig.deliveries("bella", line="suggestion.assigned", channel="inbox")) == 1
    assert await rig.deliveries("bob", line="suggestion.assigned", channel="inbox") == []
    for nonsense in ({"channels": ["bot"]}, {"lines": {"stalled": ["mayor"]}}, {"colour": "red"}):
        refused = await rig.client.put(path, json={"changes": nonsense}, headers=keeper.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "routing-unreadable"), nonsense
