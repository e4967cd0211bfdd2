"""Calm: an outage, a moved clock and a busy day end in few messages; nobody is missed or told twice."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.adapters.wechat.outcomes import SEND
from app.alerts.jobs import cross_lines
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.infra.db import sql
from app.notifications import delivering, jobs, subscribing
from app.notifications.delivering import WechatChannel
from app.notifications.models import Delivery, RoutingChoice
from tests.conftest import NOW
from tests.notifications.rig import EIGHT, MIDNIGHT, Rig

WEEK = timedelta(days=7)
MANY = 40


async def start_clocks(rig: Rig, count: int, *, on: date = date(2026, 11, 25)) -> None:
    """So many matters of bob's unit, each with a sign-for clock till Monday the 30th."""
    async with rig.database.unit(rig.tenant) as tx:
        for _ in range(count):
            subject = Subject(
                kind=SubjectKind.ASSIGNMENT,
                id=uuid4(),
                root_id=uuid4(),
                region_id=rig.county.town_id,
                level=Level.TOWNSHIP,
                unit_id=rig.county.unit_id,
            )
            await clocks.start(tx, Kind.ACCEPTANCE, subject, Start(on=on, now=NOW))


async def deliver_all(rig: Rig) -> None:
    while await rig.deliver():
        pass


async def states(rig: Rig, who: str, line: str) -> dict[str, int]:
    rows = await rig.deliveries(who, line=line, channel="wechat")
    found: dict[str, int] = {}
    for row in rows:
        found[row.state] = found.get(row.state, 0) + 1
    return found


async def test_a_weeks_outage_ends_in_one_message_a_person(rig: Rig) -> None:
    await start_clocks(rig, MANY)
    await rig.notice(EIGHT + WEEK)
    await deliver_all(rig)
    await rig.machine_time_passes()
    await deliver_all(rig)

    [digest] = rig.world.messages("obob")
    assert digest["title"].endswith(f"等{MANY}件")
    assert digest["line"] == "overdue"
    assert await states(rig, "bob", "overdue") == {"delivered": 1, "merged": MANY - 1}
    assert await states(rig, "bob", "due_soon") == {"superseded": MANY}
    assert len((await rig.get("/api/v1/inbox?limit=100", "bob"))["items"]) == MANY
    for who in ("bella", "carol", "chen"):
        assert len(rig.world.messages(f"o{who}")) <= 1, who


async def test_the_time_of_a_breach_is_the_lines_own_and_not_that_of_its_discovery(rig: Rig) -> None:
    await start_clocks(rig, 1)
    await rig.notice(EIGHT + WEEK)
    alerts = (await rig.get("/api/v1/alerts?open=true", "carol"))["items"]
    [overdue] = [alert for alert in alerts if alert["line"] == "overdue"]
    assert overdue["crossed_at"] == "2026-11-30T16:00:00Z"
    assert overdue["noticed_at"] > overdue["crossed_at"]


async def test_a_clock_moved_forward_and_back_uncrosses_nothing_and_tells_nobody_again(rig: Rig) -> None:
    await start_clocks(rig, MANY)
    await rig.notice(EIGHT + WEEK)
    await deliver_all(rig)
    told = len(rig.world.messages("obob"))
    for at in (NOW, EIGHT, EIGHT + WEEK):
        await rig.notice(at)
        await deliver_all(rig)
    assert len(rig.world.messages("obob")) == told == 1


async def test_three_matters_are_three_messages_and_four_are_one(rig: Rig) -> None:
    await start_clocks(rig, 3)
    await rig.notice(EIGHT)
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == 3
    await start_clocks(rig, 4)
    await rig.notice(EIGHT + timedelta(hours=1))
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == 4


async def test_the_daily_cap_leaves_the_rest_to_one_digest_in_the_afternoon(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        calm = {"calm": {"daily_pushes": 3}}
        tx.add(RoutingChoice(changes=calm, chosen_at=NOW, chosen_by="system"))
    for n in range(6):  # one matter after another, each message alone
        await start_clocks(rig, 1)
        await rig.notice(EIGHT + timedelta(minutes=10 * n))
        await deliver_all(rig)
    assert len(rig.pushed("bob")) == 2
    rig.clock.now = EIGHT.replace(hour=9, minute=50)  # 17:50 in Shanghai
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == 3
    assert rig.pushed("bob")[-1]["title"].endswith("等4件")
    await start_clocks(rig, 1)
    await rig.notice(rig.clock.now)
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == 3  # the day is over
    rig.clock.now += timedelta(hours=15)
    await rig.machine_time_passes()
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == 4


async def test_who_has_just_acted_on_the_matter_is_not_pushed_about_it(rig: Rig) -> None:
    path = await rig.assigned()
    await rig.notice(EIGHT)
    await rig.act(f"{path}/acceptance", "bob")  # first contact and reply go on running
    due = (await rig.clock_of(Kind.FIRST_CONTACT)).due_at
    await rig.notice(due + timedelta(hours=8, minutes=20))
    rig.clock.now += timedelta(minutes=10)
    talk = {"how": "phone", "at": rig.clock.now.isoformat(), "note": "电话说明了办理安排"}
    before = len(rig.pushed("bob"))
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE deadlines SET stopped_at = NULL WHERE kind = 'first_contact'"))
    await rig.act(f"{path}/contacts", "bob", talk)
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE deadlines SET stopped_at = NULL WHERE kind = 'first_contact'"))
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == before
    rows = await rig.deliveries("bob", line="overdue", channel="wechat")
    assert "just-acted" in {row.reason for row in rows}


async def test_a_digest_whose_own_matter_is_done_gives_the_others_back(rig: Rig) -> None:
    await start_clocks(rig, 5)
    await rig.notice(EIGHT)
    rig.world.faults.set("lost_answer", path=SEND)
    await rig.deliver()
    rig.world.faults.set("none")
    async with rig.database.unit(rig.tenant) as tx:
        rows = await tx.exec(
            select(Delivery).where(
                Delivery.state == "pending", Delivery.account_id == rig.county["bob"].account_id
            )
        )
        [teller] = [row for row in rows if row.in_doubt]
        done = text("UPDATE deadlines SET stopped_at = now() WHERE id = :id")
        await sql(tx, done, {"id": teller.subject_id})
    await rig.machine_time_passes()
    await deliver_all(rig)
    found = await states(rig, "bob", "overdue")
    assert found == {"superseded": 1, "delivered": 1, "merged": 3}


@pytest.mark.parametrize("people", [("bob", "bella", "carol")])
async def test_one_line_many_people_two_channels_and_double_runs_is_once_each(
    rig: Rig, people: tuple[str, ...]
) -> None:
    await start_clocks(rig, 2)
    for _ in range(2):
        await rig.notice(EIGHT)
        async with rig.database.unit(rig.tenant) as tx:
            await sql(tx, text("UPDATE feed_cursors SET seq = 0"))
            await cross_lines(tx, EIGHT)
        await rig.read_feed()
        await deliver_all(rig)
    async with rig.database.unit(rig.tenant) as tx:
        rows = (await tx.exec(select(Delivery).where(col(Delivery.line) == "overdue"))).all()
    keys = [(row.subject_id, row.account_id, row.channel) for row in rows]
    assert len(keys) == len(set(keys)) == 2 * len(people) * 2
    for who in people:
        assert len(rig.pushed(who)) == 2, who
    assert await delivering.deliver(rig.work) == 0


async def test_urgent_lines_ring_at_night_each_by_itself_and_beyond_the_daily_cap(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        tx.add(RoutingChoice(changes={"urgent": ["overdue"]}, chosen_at=NOW, chosen_by="system"))
    await start_clocks(rig, MANY // 4)
    await rig.notice(MIDNIGHT + timedelta(hours=1))
    await deliver_all(rig)
    told = rig.pushed("bob")
    assert len({push["subject_id"] for push in told}) == len(told) == MANY // 4
    assert rig.pushed("bob", "last_day") == []


async def test_one_ring_sends_in_several_lanes_each_message_once(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        tx.add(RoutingChoice(changes={"urgent": ["overdue"]}, chosen_at=NOW, chosen_by="system"))
    await start_clocks(rig, MANY)
    await rig.notice(MIDNIGHT + timedelta(hours=1))
    assert await jobs.deliver(rig.work) > delivering.BATCH
    while await jobs.deliver(rig.work):
        pass
    told = rig.pushed("bob")
    assert len({push["subject_id"] for push in told}) == len(told)
    assert await states(rig, "bob", "overdue") == {"delivered": len(told), "rejected": MANY - len(told)}


async def test_a_digest_leaves_urgent_lines_alone(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        tx.add(RoutingChoice(changes={"urgent": ["overdue"]}, chosen_at=NOW, chosen_by="system"))
    await start_clocks(rig, 2)
    await start_clocks(rig, 4, on=date(2026, 11, 26))  # their last day is the day the first are late
    await rig.notice(EIGHT)
    await deliver_all(rig)
    assert (len(rig.pushed("bob")), len(rig.pushed("bob", "last_day"))) == (2, 1)


async def test_who_has_just_acted_hears_of_an_urgent_line_all_the_same(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        tx.add(RoutingChoice(changes={"urgent": ["overdue"]}, chosen_at=NOW, chosen_by="system"))
    path = await rig.assigned()
    rig.clock.now = MIDNIGHT + timedelta(hours=9)
    talk = {"how": "phone", "at": rig.clock.now.isoformat(), "note": "电话说明了办理安排"}
    await rig.act(f"{path}/acceptance", "bob")
    await rig.act(f"{path}/contacts", "bob", talk)
    due = (await rig.clock_of(Kind.REPLY)).due_at
    rig.clock.now = due - timedelta(minutes=5)
    await rig.act(f"{path}/contacts", "bob", {**talk, "at": rig.clock.now.isoformat()})
    before = len(rig.pushed("bob"))
    await rig.notice(due)
    await deliver_all(rig)
    assert len(rig.pushed("bob")) == before + 1


async def test_that_pushes_run_out_is_said_in_the_inbox_and_spends_no_push(rig: Rig) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        channel: WechatChannel = rig.outside[WechatChannel]
        assert await subscribing.warn_of_low_credit(tx, channel, now=EIGHT) > 0
    await rig.notice(EIGHT)
    await deliver_all(rig)
    assert rig.pushed("bob", "credit_low") == []
    lines = [item["line"] for item in (await rig.get("/api/v1/inbox", "bob"))["items"]]
    assert lines.count("credit_low") == 1
