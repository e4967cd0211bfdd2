"""Who is told what, and that nobody is told twice."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import select

from app.alerts.models import Alert
from app.alerts.service import record_history
from app.deadlines.lines import Kind
from app.infra import outbox
from app.infra.db import sql
from app.infra.outbox import ParkedEvent
from app.notifications.models import Delivery, InboxItem
from app.suggestions.events import SuggestionSentBack, SuggestionSubmitted
from tests.alerts.clocks import a_clock
from tests.notifications.rig import EIGHT, MIDNIGHT, TITLE, Rig, id_of
from tests.people import get, post


async def inbox(rig: Rig, who: str) -> list[str]:
    return [item["line"] for item in (await rig.get("/api/v1/inbox?limit=100", who))["items"]]


async def test_each_step_is_told_to_whom_it_concerns(rig: Rig) -> None:
    path = await rig.assigned()
    await rig.act(f"{path}/acceptance", "bob")
    await rig.read_feed()

    assert await inbox(rig, "carol") == ["suggestion.submitted"]
    assert await inbox(rig, "bob") == ["suggestion.assigned"]
    assert sorted(await inbox(rig, "alice")) == ["suggestion.accepted", "suggestion.taken_up"]
    for stranger in ("bruno", "dave", "lena"):
        assert await inbox(rig, stranger) == []
    assert rig.world.messages() == []  # steps are told in the inbox alone


async def test_pressure_on_a_delegate_is_told_to_the_chair_in_person_and_to_nobody_else(rig: Rig) -> None:
    path = await rig.assigned()
    away = {"from": "2026-11-25", "until": "2026-12-05", "stand_in_id": str(rig.county["carol"].account_id)}
    left = await rig.client.put("/api/v1/me/absence", json=away, headers=rig.county["chen"].headers)
    assert left.status_code == 200, left.text
    for to in ("chair", "county"):  # the county's chair is not appointed yet: its leader is told
        told = {"content": "有人打电话要我改成满意", "to": to}
        sent = await post(rig.client, f"{path}/pressure-report", rig.county["alice"], told)
        assert sent.status_code == 204, sent.text
    await rig.read_feed()
    line = "internal.pressure_reported"
    async with rig.database.unit(rig.tenant) as tx:
        told_to = (await tx.exec(select(InboxItem.account_id).where(InboxItem.line == line))).all()
    assert told_to == [rig.county["chen"].account_id, rig.county["lena"].account_id]
    [item] = [one for one in (await rig.get("/api/v1/inbox", "chen"))["items"] if one["line"] == line]
    assert TITLE not in item["title"] + item["body"]


async def test_pressure_is_told_to_no_office_while_the_chair_is_vacant(rig: Rig) -> None:
    path = await rig.assigned()
    told = {"content": "有人打电话要我改成满意", "to": "chair"}
    assert (await post(rig.client, f"{path}/pressure-report", rig.county["alice"], told)).status_code == 204
    async with rig.database.unit(rig.tenant) as tx:
        vacant = text("UPDATE accounts SET disabled_at = now() WHERE id = :id")
        await sql(tx, vacant, {"id": rig.county["chen"].account_id})
    await rig.read_feed()
    assert "internal.pressure_reported" not in await inbox(rig, "carol")


async def test_sent_back_and_handed_in_again_is_told_again(rig: Rig) -> None:
    path = await rig.assigned()
    town = rig.county.town_id
    async with rig.database.unit(rig.tenant) as tx:
        for again in (SuggestionSentBack, SuggestionSubmitted):
            event = again(suggestion_id=id_of(path), region_id=town, confidential=False)
            outbox.record(tx, event, now=rig.clock.now)
    await rig.read_feed()
    assert (await inbox(rig, "carol")).count("suggestion.submitted") == 2
    assert (await inbox(rig, "alice")).count("suggestion.sent_back") == 1


async def test_the_ladder_decides_who_hears_of_a_line(rig: Rig) -> None:
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    for name in ("bob", "bella", "carol"):
        assert (await inbox(rig, name)).count("overdue") == 1, name
    for name in ("chen", "lena", "alice", "bruno"):
        assert "overdue" not in await inbox(rig, name), name


async def test_the_meeting_agenda_is_an_inbox_and_never_a_phone(rig: Rig) -> None:
    await rig.assigned()
    await rig.notice(MIDNIGHT + timedelta(days=16))
    assert len(await rig.deliveries("carol", line="overdue_10", channel="inbox")) == 1
    assert await rig.deliveries("carol", line="overdue_10", channel="wechat") == []
    assert len(await rig.deliveries("chen", line="overdue_10", channel="wechat")) == 1


async def test_who_has_not_bound_wechat_has_the_inbox(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("DELETE FROM wechat_bindings"))
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    assert len(await rig.deliveries("bob", line="overdue", channel="inbox")) == 1
    assert await rig.deliveries("bob", line="overdue", channel="wechat") == []


async def test_a_line_that_nobody_would_hear_goes_to_the_office(rig: Rig) -> None:
    await rig.assigned()
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("DELETE FROM memberships WHERE role IN ('unit_officer', 'unit_head')"))
    await rig.notice((await rig.clock_of(Kind.ACCEPTANCE)).due_at - timedelta(days=1))
    assert len(await rig.deliveries("carol", line="last_day", channel="inbox")) >= 1


async def test_due_soon_is_not_told_of_what_is_overdue_already(rig: Rig) -> None:
    await rig.assigned()
    await rig.notice(MIDNIGHT)
    acceptance = await rig.clock_of(Kind.ACCEPTANCE)
    async with rig.database.unit(rig.tenant) as tx:
        rows = await tx.exec(select(Delivery).where(Delivery.subject_id == acceptance.id))
        told = {(row.line, row.channel): row.state for row in rows}
    assert {told["due_soon", "inbox"], told["due_soon", "wechat"], told["last_day", "inbox"]} == {
        "superseded"
    }
    assert (told["overdue", "inbox"], told["overdue", "wechat"]) == ("delivered", "pending")


async def test_reading_the_feed_a_second_time_tells_nobody_twice(rig: Rig) -> None:
    await rig.assigned()
    await rig.notice(MIDNIGHT)

    async def counted() -> tuple[int, int]:
        async with rig.database.unit(rig.tenant) as tx:
            return (
                len((await tx.exec(select(Delivery))).all()),
                len((await tx.exec(select(InboxItem))).all()),
            )

    before = await counted()
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE feed_cursors SET seq = 0"))
    await rig.read_feed()
    assert await counted() == before
    async with rig.database.unit(rig.tenant) as tx:
        assert (await tx.exec(select(ParkedEvent))).all() == []


async def test_history_is_told_to_nobody(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        clock = await a_clock(tx, rig.county, historic=True)
        await record_history(tx, [clock], now=EIGHT)
    await rig.notice(EIGHT)
    await rig.deliver()
    async with rig.database.unit(rig.tenant) as tx:
        assert len((await tx.exec(select(Alert))).all()) == 3
        assert (await tx.exec(select(Delivery))).all() == []
    assert rig.world.messages() == []


async def test_a_confidential_suggestion_is_not_named(rig: Rig) -> None:
    await rig.assigned(confidential=True)
    await rig.notice(EIGHT)
    await rig.deliver()
    [push] = rig.pushed("bob")
    assert push["title"] == "一件不公开的建议"
    items = (await rig.get("/api/v1/inbox", "bob"))["items"]
    assert not [item for item in items if TITLE in item["title"] + item["body"]]


async def test_my_inbox_is_mine(rig: Rig) -> None:
    path = await rig.assigned()
    await rig.read_feed()
    [item] = (await rig.get("/api/v1/inbox", "bob"))["items"]
    assert (item["subject_kind"], item["subject_id"]) == ("suggestion", str(id_of(path)))
    assert (item["title"], item["read_at"]) == ("交来一件建议，待签收", None)

    refused = await post(rig.client, f"/api/v1/inbox/{item['id']}/read", rig.county["bella"])
    assert (refused.status_code, refused.json()["code"]) == (404, "inbox-item-unknown")
    first = await rig.act(f"/api/v1/inbox/{item['id']}/read", "bob")
    rig.clock.pass_(days=1)
    again = await rig.act(f"/api/v1/inbox/{item['id']}/read", "bob")
    assert first["read_at"] is not None
    assert again["read_at"] == first["read_at"]
    assert (await get(rig.client, "/api/v1/inbox?limit=0", rig.county["bob"])).status_code == 422


async def test_the_inbox_pages_newest_first_without_a_gap(rig: Rig) -> None:
    for _ in range(3):
        await rig.assigned()
        await rig.read_feed()
        rig.clock.pass_(minutes=1)
    whole = (await rig.get("/api/v1/inbox", "bob"))["items"]
    assert [item["created_at"] for item in whole] == sorted((i["created_at"] for i in whole), reverse=True)
    first = await rig.get("/api/v1/inbox?limit=2", "bob")
    rest = await rig.get(f"/api/v1/inbox?limit=2&cursor={first['next_cursor']}", "bob")
    assert (first["items"] + rest["items"], rest["next_cursor"]) == (whole, None)
