import asyncio
import random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.infra import outbox
from app.infra.db import Database
from app.infra.jobs import Work
from app.infra.tenants import Tenant
from app.kernel.events import Event
from app.opinions.events import OpinionReceived
from app.suggestions.events import SuggestionEvaluated
from tests.conftest import NOW, MovableClock
from tests.partners.wired import Wired, wire_up
from tests.webhooks.happening import a_closed_suggestion, happen, run


@pytest.fixture
async def wired(client: httpx.AsyncClient, database: Database, tenant: Tenant) -> Wired:
    return await wire_up(client, database, tenant)


@pytest.fixture
def work(database: Database, tenant: Tenant, clock: MovableClock) -> Work:
    return Work(database, tenant, clock)


async def page(wired: Wired, after: int = 0, limit: int = 100) -> dict[str, Any]:
    answer = await wired.get("/events", after=after, limit=limit)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_an_event_is_told_with_ids_and_dates_only(
    wired: Wired, work: Work, database: Database, tenant: Tenant
) -> None:
    closed = a_closed_suggestion()
    await happen(database, tenant, closed)
    await run(work, "outbox.number")

    said = await page(wired)

    [item] = said["items"]
    assert item["type"] == "suggestion.closed"
    assert item["occurred_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert item["data"] == {"suggestion_id": str(closed.suggestion_id), "region_id": str(closed.region_id)}
    assert (said["next_after"], said["next_cursor"]) == (item["seq"], None)


def _hidden() -> list[Event]:
    return [
        a_closed_suggestion(confidential=True),
        SuggestionEvaluated(suggestion_id=uuid4(), region_id=uuid4(), confidential=False, reply_id=uuid4()),
        OpinionReceived(opinion_id=uuid4(), region_id=uuid4(), confidential=True),
    ]


async def test_confidential_and_internal_events_never_appear_and_leave_no_gap(
    wired: Wired, work: Work, database: Database, tenant: Tenant
) -> None:
    shown = [a_closed_suggestion(), a_closed_suggestion()]
    await happen(database, tenant, *_hidden(), shown[0], *_hidden(), shown[1], *_hidden())
    await run(work, "outbox.number")

    first = await page(wired, limit=1)
    second = await page(wired, first["next_after"], limit=1)
    third = await page(wired, second["next_after"], limit=1)

    told = [item["data"]["suggestion_id"] for part in (first, second, third) for item in part["items"]]
    assert told == [str(event.suggestion_id) for event in shown]
    assert third["items"] == []
    assert (third["next_after"], third["next_cursor"]) == (11, None)
    assert await page(wired, third["next_after"]) == {"items": [], "next_after": 11, "next_cursor": None}


async def test_the_cursor_of_every_list_works_here_too(
    wired: Wired, work: Work, database: Database, tenant: Tenant
) -> None:
    await happen(database, tenant, *[a_closed_suggestion() for _ in range(3)])
    await run(work, "outbox.number")

    first = await page(wired, limit=2)
    rest = (await wired.get("/events", cursor=first["next_cursor"])).json()

    assert [item["seq"] for item in first["items"] + rest["items"]] == [1, 2, 3]


async def test_history_is_marked(wired: Wired, work: Work, database: Database, tenant: Tenant) -> None:
    await happen(database, tenant, a_closed_suggestion(), history=True)
    await run(work, "outbox.number")

    assert [item["history"] for item in (await page(wired))["items"]] == [True]


async def test_an_event_that_commits_late_is_not_passed_over(
    wired: Wired, work: Work, database: Database, tenant: Tenant
) -> None:
    early, late = a_closed_suggestion(), a_closed_suggestion()
    async with database.unit(tenant) as tx:
        outbox.record(tx, late, now=NOW)
        await tx.flush()  # written before the other one, committed after it
        await happen(database, tenant, early)
        async with work.unit() as jobs:
            await outbox.number(jobs, NOW)
        before = await page(wired)
    await run(work, "outbox.number")
    after = await page(wired, before["next_after"])

    told = [item["data"]["suggestion_id"] for item in before["items"] + after["items"]]
    assert told == [str(early.suggestion_id), str(late.suggestion_id)]


async def test_a_reader_among_interleaved_writers_misses_nothing_and_sees_nothing_twice(
    wired: Wired, work: Work, database: Database, tenant: Tenant
) -> None:
    chance = random.Random(7)
    kept: list[str] = []

    async def write() -> None:
        event = a_closed_suggestion()
        lost = chance.random() < 0.2
        try:
            async with database.unit(tenant) as tx:
                outbox.record(tx, event, now=NOW)
                await tx.flush()
                await asyncio.sleep(chance.random() / 50)
                if lost:
                    raise RuntimeError
        except RuntimeError:
            return
        kept.append(str(event.suggestion_id))

    async def writing() -> None:
        for _ in range(25):
            await asyncio.gather(write(), write())

    seen: list[str] = []
    after = 0
    writers = asyncio.create_task(writing())
    while True:
        done = writers.done()
        if done:
            await run(work, "outbox.number")
        else:
            async with work.unit() as tx:
                await outbox.number(tx, NOW)
        said = await page(wired, after, limit=7)
        after = said["next_after"]
        seen += [item["data"]["suggestion_id"] for item in said["items"]]
        if done and said["next_cursor"] is None:
            break

    assert len(kept) > 30
    assert len(seen) == len(set(seen))
    assert set(seen) == set(kept)
