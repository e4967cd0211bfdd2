"""One push for one line, whatever happens to the worker, to WeChat or to the matter meanwhile."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.outcomes import SEND
from app.adapters.wechat.tokens import MemoryTokenStore
from app.deadlines.lines import Kind
from app.fakes.wechat.app import make_app
from app.infra.db import sql
from app.infra.jobs import Work
from app.kernel.clock import machine_now
from app.notifications import delivering, jobs, queries
from tests.notifications.rig import EIGHT, MIDNIGHT, OPENING, TITLE, Rig, id_of

MOST_DEATHS = 40
AT_ONCE = timedelta(0)  # a lease that is over as soon as it began: its holder counts as dead


@pytest.fixture
async def path(rig: Rig) -> str:
    """A suggestion that the unit has not signed for in time; the push waits for eight o'clock."""
    made = await rig.assigned()
    await rig.notice(MIDNIGHT)
    return made


async def test_overdue_is_pushed_once_and_not_before_eight(rig: Rig, path: str) -> None:
    assert await rig.deliver() == 0
    rig.clock.now = EIGHT
    await rig.deliver()
    await rig.machine_time_passes()
    await rig.deliver()

    [push] = rig.pushed("bob")
    assert (push["title"], push["subject_id"]) == (TITLE, str(id_of(path)))
    assert push["page"] == f"pages/suggestion/detail?id={id_of(path)}&line=overdue&subject_id={id_of(path)}"
    assert push["data"]["date2"] == "2026年11月30日"
    assert push["data"]["thing3"] == "建议签收已逾期，请尽快办理"
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts, delivery.delivered_at) == ("delivered", 1, EIGHT)
    assert delivery.reference == str(push["msgid"])


async def test_what_was_not_sent_by_day_waits_for_the_next_one(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT + timedelta(hours=12)  # no worker was there till 20:00
    await rig.deliver()
    assert rig.pushed("bob") == []
    rig.clock.now = EIGHT + timedelta(days=1)
    await rig.machine_time_passes()
    await rig.deliver()
    assert len(rig.pushed("bob")) == 1


async def test_a_worker_killed_between_claim_and_send_costs_no_push(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    claimed = set()
    while (bobs := (await rig.delivery("bob")).id) not in claimed:
        claim = await delivering.claim(rig.work, lease=AT_ONCE)
        assert claim is not None
        claimed.add(claim.id)
    assert rig.pushed("bob") == []
    await rig.deliver()
    assert bobs in claimed
    assert len(rig.pushed("bob")) == 1
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts, delivery.in_doubt) == ("delivered", 2, 0)


async def test_a_claimed_push_is_nobody_elses_while_the_lease_runs(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    held = 0
    while await delivering.claim(rig.work, lease=timedelta(minutes=1)):
        held += 1
    assert held > 0
    assert await rig.deliver() == 0
    assert rig.world.messages() == []


async def test_two_workers_at_once_push_once(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    await asyncio.gather(*(rig.deliver() for _ in range(4)))
    assert len(rig.pushed("bob")) == len(rig.pushed("bella")) == 1
    assert {(await rig.delivery(who)).attempts for who in ("bob", "bella", "carol")} == {1}


class Deadly(httpx.AsyncBaseTransport):
    """The message arrives, and the worker dies before it hears so."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.url.path == SEND:
            raise asyncio.CancelledError
        return answer


async def deaths(work: Work) -> int:
    """How many workers die, one after the other, until there is nothing more to send."""
    for dead in range(MOST_DEATHS):
        try:
            await delivering.deliver(work, lease=AT_ONCE)
        except asyncio.CancelledError:
            continue
        return dead
    return MOST_DEATHS


async def test_a_worker_killed_while_sending_is_followed_by_one_more_send_and_no_third(
    rig: Rig, path: str
) -> None:
    rig.clock.now = EIGHT
    world = rig.world
    async with make_client(
        "https://wechat.test", transport=Deadly(httpx.ASGITransport(make_app(world)))
    ) as http:
        deadly = WeChat(App(world.appid, world.secret), MemoryTokenStore(), http)
        work = Work(rig.database, rig.tenant, rig.clock, {**rig.outside, WeChat: deadly})
        assert await deaths(work) == len(world.messages())
    await rig.machine_time_passes()
    await rig.deliver()
    assert len(rig.pushed("bob")) == 2
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.fell_back) == ("unknown", True)


async def test_who_has_not_subscribed_has_the_inbox_and_is_not_tried_again(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.credits.drop("obob", "tpl-overdue")
    await rig.deliver()
    await rig.machine_time_passes()
    await rig.deliver()
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.reason, delivery.fell_back) == ("rejected", "not-subscribed", True)
    assert (delivery.attempts, rig.pushed("bob")) == (1, [])
    assert (await rig.delivery("bob", channel="inbox")).state == "delivered"
    assert len(rig.pushed("bella")) == 1  # one refusal holds up nobody else


async def test_a_lost_answer_is_followed_by_one_more_attempt_and_then_unknown(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.faults.set("lost_answer", path=SEND)
    await rig.deliver()
    assert (await rig.delivery("bob")).state == "pending"
    for _ in range(3):
        await rig.machine_time_passes()
        await rig.deliver()
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts, delivery.fell_back) == ("unknown", 2, True)
    assert len(rig.pushed("bob")) == 2


async def test_after_a_lost_answer_the_second_attempt_may_succeed(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.faults.set("timeout", path=SEND)
    await rig.deliver()
    rig.world.faults.set("none")
    await rig.machine_time_passes()
    await rig.deliver()
    assert (await rig.delivery("bob")).state == "delivered"
    assert len(rig.pushed("bob")) == 1


async def test_a_quota_is_waited_for(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.faults.set("quota", path=SEND)
    await rig.deliver()
    assert await rig.deliver() == 0
    waiting = await rig.delivery("bob")
    assert (waiting.state, waiting.reason, waiting.in_doubt) == ("pending", "daily-quota", 0)
    rig.world.faults.set("none")
    await rig.machine_time_passes()
    await rig.deliver()
    assert len(rig.pushed("bob")) == 1


async def test_what_fails_five_times_is_parked_for_a_person_to_see(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.faults.set("quota", path=SEND)
    for _ in range(7 * 3):  # a channel that is down is tried by one message at a time
        await rig.deliver()
        await rig.machine_time_passes()
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts, delivery.fell_back) == ("parked", 5, True)


async def test_what_kills_its_worker_five_times_is_parked(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    for _ in range(MOST_DEATHS):
        await delivering.claim(rig.work, lease=AT_ONCE)
    assert await rig.deliver() == 0
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts, rig.pushed("bob")) == ("parked", 5, [])


async def test_a_slow_worker_whose_claim_has_passed_on_sends_nothing(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    slow = await delivering.claim(rig.work, lease=AT_ONCE)
    assert slow is not None
    while quick := await delivering.claim(rig.work, lease=timedelta(minutes=1)):
        if quick.id == slow.id:
            break
    assert quick is not None  # and is about to send
    ways = delivering.ways_of(rig.work)
    await delivering.deliver_one(rig.work, slow, ways, AT_ONCE)
    assert rig.world.messages() == []
    await delivering.deliver_one(rig.work, quick, ways, AT_ONCE)
    assert len(rig.world.messages()) == 1


async def test_two_open_claims_never_meet_in_one_delivery(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    machine = machine_now()
    facts = {"now": EIGHT, "machine": machine, "until": machine + timedelta(minutes=1)}
    async with rig.database.unit(rig.tenant) as one, rig.database.unit(rig.tenant) as two:
        first, second = await queries.claim(one, **facts), await queries.claim(two, **facts)
    assert first is not None
    assert second is not None
    assert first[0] != second[0]


async def test_one_claim_leases_one_delivery_whatever_the_planner_chooses(rig: Rig, path: str) -> None:
    """A limit inside a plain subquery is looked up anew for each row of a nested loop."""
    rig.clock.now = EIGHT
    machine = machine_now()
    facts = {"now": EIGHT, "machine": machine, "until": machine + timedelta(minutes=1)}
    async with rig.database.unit(rig.tenant) as tx:
        for way in ("hashjoin", "mergejoin", "material", "memoize", "sort", "hashagg"):
            await sql(tx, text(f"SET LOCAL enable_{way} = off"))
        assert await queries.claim(tx, **facts) is not None
        leased = await sql(tx, text("SELECT count(*) FROM deliveries WHERE state = 'leased'"))
        assert leased.scalar_one() == 1


async def test_signed_for_before_eight_is_not_pushed(rig: Rig, path: str) -> None:
    rig.clock.now = OPENING - timedelta(minutes=1)
    await rig.act(f"{path}/acceptance", "bob")
    rig.clock.now = EIGHT
    await rig.deliver()
    assert rig.pushed("bob") == []
    assert (await rig.delivery("bob")).state == "superseded"


async def test_a_reply_issued_in_between_supersedes_the_push(rig: Rig) -> None:
    path = await rig.assigned()
    await rig.act(f"{path}/acceptance", "bob")
    talk = {"how": "meeting", "at": "2026-11-25T10:00:00+08:00", "note": "现场查看了东片水渠"}
    await rig.act(f"{path}/contacts", "bob", talk)
    draft = {"content": "一、已列入春修计划。二、三月底前完工。", "outcome": "solved", "disclosure": "full"}
    await rig.act(f"{path}/reply-draft", "bob", draft)
    due_at = (await rig.clock_of(Kind.REPLY)).due_at
    await rig.notice(due_at)
    assert (await rig.delivery("bob")).state == "pending"

    await rig.act(f"{path}/reply", "bella")
    rig.clock.now = due_at + timedelta(hours=9)
    await rig.deliver()
    assert ((await rig.delivery("bob")).state, rig.pushed("bob")) == ("superseded", [])


async def test_a_new_due_date_supersedes_the_push_of_the_old_one(rig: Rig, path: str) -> None:
    async with rig.database.unit(rig.tenant) as tx:
        clock = await rig.clock_of(Kind.ACCEPTANCE)
        clock.due_revision += 1
        await tx.merge(clock)
    rig.clock.now = EIGHT
    await rig.deliver()
    assert ((await rig.delivery("bob")).state, rig.pushed("bob")) == ("superseded", [])


async def test_without_a_template_nothing_is_sent(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    channel = delivering.WechatChannel(rig.world.appid, "", "")
    work = Work(rig.database, rig.tenant, rig.clock, {**rig.outside, delivering.WechatChannel: channel})
    await delivering.deliver(work)
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.reason, rig.world.calls[SEND]) == ("rejected", "template-missing", 0)


async def test_without_wechat_pushes_wait(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    assert await jobs.deliver(Work(rig.database, rig.tenant, rig.clock, {})) == 0
    assert (await rig.delivery("bob")).state == "pending"


async def test_wechat_without_its_templates_is_a_fault_of_ours_and_costs_no_attempt(
    rig: Rig, path: str
) -> None:
    rig.clock.now = EIGHT
    work = Work(rig.database, rig.tenant, rig.clock, {WeChat: rig.outside[WeChat]})
    with pytest.raises(KeyError):
        await jobs.deliver(work)
    delivery = await rig.delivery("bob")
    assert (delivery.state, delivery.attempts) == ("pending", 0)


async def test_the_trail_shows_every_delivery_and_who_read_it(rig: Rig, path: str) -> None:
    rig.clock.now = EIGHT
    rig.world.credits.drop("obella", "tpl-overdue")
    await rig.deliver()
    listed = (await rig.get("/api/v1/alerts?open=true", "carol"))["items"]
    [alert] = [a for a in listed if (a["kind"], a["line"]) == ("acceptance", "overdue")]
    assert (alert["subject_id"], alert["title"]) == (str(id_of(path)), TITLE)
    for item in (await rig.get("/api/v1/inbox", "bob"))["items"]:
        await rig.act(f"/api/v1/inbox/{item['id']}/read", "bob")

    trail = await rig.get(f"/api/v1/alerts/{alert['id']}", "carol")
    found = {(d["person"], d["channel"]): d for d in trail["deliveries"]}
    assert len(found) == len(trail["deliveries"]) == 6
    assert (found["bob", "wechat"]["state"], found["bob", "wechat"]["attempts"]) == ("delivered", 1)
    assert (found["bella", "wechat"]["state"], found["bella", "wechat"]["fell_back"]) == ("rejected", True)
    assert found["bob", "inbox"]["read_at"] is not None
    assert found["carol", "inbox"]["read_at"] is None
