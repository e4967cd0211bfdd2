import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.infra.crypto import Keyring
from app.infra.db import Database, sql
from app.infra.jobs import Work
from app.infra.outbox import OutboxRow, ParkedEvent
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.webhooks import jobs
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.retrying import ATTEMPTS
from tests.conftest import KEYS, NOW, MovableClock
from tests.partners.wired import Wired, wire_up
from tests.webhooks.happening import (
    a_closed_suggestion,
    carry_on,
    happen,
    ids_of,
    run,
    time_passes,
    work_of,
)
from tests.webhooks.receiver import ADDRESS, Receiver

URL = "https://hooks.example.org/in"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def wired(client: httpx.AsyncClient, database: Database, tenant: Tenant) -> Wired:
    return await wire_up(client, database, tenant)


@pytest.fixture
def work(database: Database, tenant: Tenant, clock: MovableClock, receiver: Receiver) -> Work:
    return work_of(database, tenant, clock, httpx.ASGITransport(receiver))


@pytest.fixture
async def endpoint(wired: Wired, receiver: Receiver) -> str:
    """The path of a registered endpoint that the receiver stands behind."""
    made = await wired.post("/webhook-endpoints", {"url": URL, "events": ["suggestion.*"]})
    assert made.status_code == 201, made.text
    receiver.secret = made.json()["secret"]
    return f"/webhook-endpoints/{made.json()['id']}"


async def deliveries(work: Work) -> list[WebhookDelivery]:
    async with work.unit() as tx:
        return list((await tx.exec(select(WebhookDelivery).order_by(col(WebhookDelivery.written_at)))).all())


async def shown(wired: Wired, endpoint: str) -> dict[str, Any]:
    said: dict[str, Any] = (await wired.get(endpoint)).json()
    return said


async def test_a_receiver_verifies_what_it_got_and_knows_the_events_id(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    closed = a_closed_suggestion()
    await happen(database, tenant, closed)

    await carry_on(work)

    [got] = receiver.got
    [told] = (await wired.get("/events")).json()["items"]
    assert got.said == {
        "type": "suggestion.closed",
        "timestamp": NOW.isoformat(),
        "data": {"suggestion_id": str(closed.suggestion_id), "region_id": str(closed.region_id)},
    }
    assert got.id == told["id"]
    assert (got.host, got.connected_to) == ("hooks.example.org", ADDRESS)
    [delivery] = (await wired.get(f"{endpoint}/deliveries")).json()["items"]
    assert (delivery["state"], delivery["status"], delivery["attempts"]) == ("delivered", 204, 1)


@pytest.mark.usefixtures("endpoint")
async def test_nothing_confidential_internal_unwanted_or_historic_is_sent(
    wired: Wired, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await wired.post("/webhook-endpoints", {"url": URL, "events": ["opinion.*"]})
    await happen(database, tenant, a_closed_suggestion(confidential=True))
    await happen(database, tenant, a_closed_suggestion(), history=True)
    await happen(database, tenant, a_closed_suggestion())

    await carry_on(work)

    assert len(receiver.got) == 1
    assert len(await deliveries(work)) == 1


@pytest.mark.usefixtures("endpoint")
async def test_after_a_failure_the_same_message_comes_again_freshly_stamped(
    receiver: Receiver,
    work: Work,
    database: Database,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.statuses = [500, 302, 204]
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    [failed] = await deliveries(work)
    assert timedelta(seconds=3) < failed.due_at - machine_now() < timedelta(seconds=6)

    await run(work, "webhooks.deliver")
    assert len(receiver.got) == 1  # not yet due
    later = machine_now() + timedelta(seconds=2)
    monkeypatch.setattr("app.webhooks.delivering.machine_now", lambda: later)
    for _ in range(3):
        await time_passes(work)
        await run(work, "webhooks.deliver")

    assert len(receiver.got) == 3
    assert len({got.id for got in receiver.got}) == 1
    assert receiver.got[0].timestamp != receiver.got[1].timestamp
    assert [d.state for d in await deliveries(work)] == ["delivered"]


async def test_after_ten_attempts_it_is_parked_and_the_endpoint_disabled_with_its_reason(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    receiver.statuses = [500]
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    for _ in range(ATTEMPTS + 2):
        await time_passes(work)
        await run(work, "webhooks.deliver")

    assert len(receiver.got) == ATTEMPTS == 10
    said = await shown(wired, endpoint)
    assert (said["enabled"], said["disabled_reason"], said["failures"]) == (False, "failing", 10)
    parked = (await wired.get(f"{endpoint}/deliveries", state="parked")).json()["items"]
    assert [(p["attempts"], p["status"]) for p in parked] == [(10, 500)]
    async with work.unit() as tx:
        told = (await tx.exec(select(OutboxRow).where(OutboxRow.name == "internal.webhook_disabled"))).all()
    assert [row.body["reason"] for row in told] == ["failing"]


async def test_gone_disables_at_once_and_parks_what_waited(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    receiver.statuses = [500, 410]
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    await time_passes(work)
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)

    assert len(receiver.got) == 2
    assert (await shown(wired, endpoint))["disabled_reason"] == "gone"
    assert [d.state for d in await deliveries(work)] == ["parked", "parked"]


async def test_a_replay_enables_again_and_sends_everything_since_under_the_same_ids(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, a_closed_suggestion(), at=NOW - timedelta(hours=2))
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    receiver.statuses = [410]
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    await happen(database, tenant, a_closed_suggestion())  # while it is off
    await happen(database, tenant, a_closed_suggestion(confidential=True))
    await happen(database, tenant, a_closed_suggestion(), history=True)
    await carry_on(work)
    recent = {got.id for got in receiver.got if got.said["timestamp"] == NOW.isoformat()}
    assert (len(receiver.got), len(recent)) == (3, 2)

    receiver.statuses, receiver.got = [204], []
    answer = await wired.post(f"{endpoint}/replay", {"since": (NOW - timedelta(hours=1)).isoformat()})
    await carry_on(work)

    assert (answer.status_code, answer.json()["enabled"]) == (202, True)
    again = {got.id for got in receiver.got}
    assert recent < again
    assert len(receiver.got) == len(again) == 3
    assert {d.state for d in await deliveries(work)} == {"delivered"}
    await carry_on(work)
    assert len(receiver.got) == 3  # a replay ends


@pytest.mark.usefixtures("endpoint")
async def test_who_dies_between_sending_and_writing_causes_a_repetition_with_the_same_id(
    receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        arrived.set()
        await never.wait()

    async def answer() -> None:
        return None

    receiver.meanwhile = hang
    await happen(database, tenant, a_closed_suggestion())
    await run(work, "outbox.number", "webhooks.spread")
    dying = asyncio.create_task(run(work, "webhooks.deliver"))
    await arrived.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    receiver.meanwhile = answer

    await run(work, "webhooks.deliver")
    assert len(receiver.got) == 1  # the dead worker's lease still stands
    await time_passes(work)
    await run(work, "webhooks.deliver")

    assert [got.id for got in receiver.got] == [receiver.got[0].id] * 2
    [delivery] = await deliveries(work)
    assert (delivery.state, delivery.attempts) == ("delivered", 2)


@pytest.mark.usefixtures("endpoint")
async def test_a_worker_whose_lease_ran_out_can_no_longer_write_the_outcome(
    receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    async def overtaken() -> None:
        if len(receiver.got) == 1:  # while the first attempt is under way, another worker takes over
            await time_passes(work)
            await run(work, "webhooks.deliver")

    receiver.statuses = [204, 500]  # the second attempt answers first, and is the one that counts
    receiver.meanwhile = overtaken
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)

    [delivery] = await deliveries(work)
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 2)


@pytest.mark.usefixtures("endpoint")
async def test_an_outcome_is_written_while_new_deliveries_are_being_written(
    receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, a_closed_suggestion())
    await run(work, "outbox.number", "webhooks.spread")
    await happen(database, tenant, a_closed_suggestion())
    await run(work, "outbox.number")

    async with work.unit() as tx:
        assert await jobs.spread_events(tx, NOW) == 1  # not yet committed
        await run(work, "webhooks.deliver")

    assert [d.state for d in await deliveries(work)] == ["delivered", "pending"]


@pytest.mark.usefixtures("endpoint")
async def test_two_workers_at_once_send_each_event_once(
    receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, *[a_closed_suggestion() for _ in range(12)])
    await run(work, "outbox.number", "webhooks.spread")

    await asyncio.gather(*(run(work, "webhooks.deliver") for _ in range(3)))

    assert len(receiver.got) == len(set(ids_of(receiver))) == 12


@pytest.mark.usefixtures("endpoint")
async def test_digesting_an_event_a_second_time_writes_no_second_delivery(
    receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    async with work.unit() as tx:
        await sql(tx, text("DELETE FROM feed_cursors"))

    await carry_on(work)

    assert len(receiver.got) == 1
    async with work.unit() as tx:
        assert (await tx.exec(select(ParkedEvent))).all() == []


@pytest.mark.parametrize("status", [429, 503])
async def test_a_receiver_that_is_overrun_is_left_alone_as_long_as_it_asks(
    status: int,
    wired: Wired,
    endpoint: str,
    receiver: Receiver,
    work: Work,
    database: Database,
    tenant: Tenant,
) -> None:
    receiver.statuses, receiver.headers = [status], {"Retry-After": "3600"}
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)
    await happen(database, tenant, a_closed_suggestion())
    await carry_on(work)

    assert len(receiver.got) == 1
    assert (await shown(wired, endpoint))["paused_until"] is not None
    first, _ = await deliveries(work)
    assert timedelta(minutes=59) < first.due_at - machine_now() <= timedelta(minutes=60)


async def test_no_connection_is_held_while_the_receiver_answers(
    wired: Wired, endpoint: str, receiver: Receiver, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    narrow = Database(database.dsn, keyring=Keyring(**KEYS), pool_size=1)
    work = work_of(narrow, tenant, clock, httpx.ASGITransport(receiver))

    async def use_the_only_connection() -> None:
        async with narrow.unit(tenant) as tx:
            assert len((await tx.exec(select(WebhookEndpoint))).all()) == 1

    receiver.meanwhile = use_the_only_connection
    await happen(narrow, tenant, a_closed_suggestion())
    await carry_on(work)
    await narrow.close()

    [delivery] = (await wired.get(f"{endpoint}/deliveries")).json()["items"]
    assert (delivery["state"], delivery["error"]) == ("delivered", None)


async def test_a_disabled_partner_is_told_nothing_more(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, a_closed_suggestion())
    await run(work, "outbox.number", "webhooks.spread")
    async with work.unit() as tx:
        await sql(tx, text("UPDATE partner_clients SET disabled_at = now()"))

    await carry_on(work)

    assert receiver.got == []


async def test_a_test_event_arrives_signed_and_empty(
    wired: Wired, endpoint: str, receiver: Receiver, work: Work
) -> None:
    answer = await wired.post(f"{endpoint}/test")
    await run(work, "webhooks.deliver")

    assert answer.status_code == 202
    [got] = receiver.got
    assert (got.id, got.said["type"], got.said["data"]) == (answer.json()["event_id"], "webhook.test", {})


async def test_what_was_delivered_is_forgotten_after_thirty_days_but_not_what_is_parked(
    endpoint: str, receiver: Receiver, work: Work, database: Database, tenant: Tenant
) -> None:
    receiver.statuses = [204, 204, 410]
    for _ in range(3):
        await happen(database, tenant, a_closed_suggestion())
        await carry_on(work)
    async with work.unit() as tx:
        await sql(tx, text("UPDATE webhook_deliveries SET done_at = now() - interval '31 days'"))
    await happen(database, tenant, a_closed_suggestion())

    await run(work, "webhooks.forget")

    assert [d.state for d in await deliveries(work)] == ["parked"]
