"""Jobs: declared once, rung by many, done by one, and on till nothing is left."""

import ast
import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import worker
from app.infra import jobs
from app.infra.crypto import Keyring
from app.infra.db import Database, sql
from app.infra.jobs import (
    REGISTRY,
    Job,
    JobSlot,
    Work,
    errand,
    finish_slot,
    job,
    savepoint,
    slot_of,
    take_slot,
)
from app.infra.outbox import FeedCursor
from app.infra.tenants import Tenant
from app.kernel.clock import SHANGHAI, machine_now
from app.settings import Settings
from app.worker import trigger_of
from tests.conftest import KEYS, NOW

APP = Path(worker.__file__).parent
SLOT = datetime(2026, 11, 25, 2, 0, 0, tzinfo=UTC)


async def _nothing(work: Work) -> int:
    return 0


RINGING = Job("test.ringing", "* * * * * *", _nothing)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """What a test declares is forgotten after it."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


async def the_slot(database: Database) -> JobSlot:
    async with database.platform() as tx:
        return (await tx.exec(select(JobSlot).where(JobSlot.job == RINGING.name))).one()


async def test_of_five_schedulers_ringing_at_once_one_takes_the_slot(
    database: Database, tenant: Tenant
) -> None:
    for second in range(5):
        slot = SLOT + timedelta(seconds=second)
        took = await asyncio.gather(*(take_slot(database, RINGING, tenant, slot) for _ in range(5)))
        assert Counter(took) == {True: 1, False: 4}


async def test_slots_only_grow(database: Database, tenant: Tenant) -> None:
    assert await take_slot(database, RINGING, tenant, SLOT)
    assert not await take_slot(database, RINGING, tenant, SLOT - timedelta(seconds=1))
    assert not await take_slot(database, RINGING, tenant, SLOT)
    assert await take_slot(database, RINGING, tenant, SLOT + timedelta(seconds=1))
    assert (await the_slot(database)).slot == SLOT + timedelta(seconds=1)


async def test_two_counties_take_the_same_slot_each(database: Database) -> None:
    for county in (await database.tenants()).all():
        assert await take_slot(database, RINGING, county, SLOT)


def test_every_scheduler_computes_the_same_slot() -> None:
    late = datetime(2026, 11, 25, 10, 0, 0, 987_654, tzinfo=SHANGHAI)
    assert slot_of(late) == SLOT


async def test_failures_in_a_row_are_counted_and_a_success_clears_them(
    database: Database, tenant: Tenant
) -> None:
    await take_slot(database, RINGING, tenant, SLOT)
    for error, failures in (("KeyError", 1), ("KeyError", 2), (None, 0), ("OSError", 1)):
        await finish_slot(database, RINGING, tenant, SLOT, at=NOW, error=error)
        slot = await the_slot(database)
        assert (slot.failures, slot.last_error, slot.finished_at) == (failures, error, NOW)


async def test_a_worker_that_ends_an_overtaken_slot_does_not_speak_for_the_newest(
    database: Database, tenant: Tenant
) -> None:
    later, minute = SLOT + timedelta(seconds=1), timedelta(minutes=1)
    await take_slot(database, RINGING, tenant, SLOT)
    await take_slot(database, RINGING, tenant, later)
    await finish_slot(database, RINGING, tenant, later, at=NOW, error="KeyError")
    await finish_slot(database, RINGING, tenant, SLOT, at=NOW + minute, error=None)
    slot = await the_slot(database)
    assert (slot.failures, slot.last_error, slot.finished_at) == (1, "KeyError", NOW)
    assert slot.succeeded_at == NOW + minute  # the work itself did end well


async def test_the_last_success_never_goes_back(database: Database, tenant: Tenant) -> None:
    await take_slot(database, RINGING, tenant, SLOT)
    for seconds, error in ((2, None), (1, None), (3, "KeyError")):
        at = NOW + timedelta(seconds=seconds)
        await finish_slot(database, RINGING, tenant, SLOT, at=at, error=error)
    assert (await the_slot(database)).succeeded_at == NOW + timedelta(seconds=2)


def test_the_sweep_that_is_watched_is_declared() -> None:
    assert jobs.WATCHED in REGISTRY


async def test_a_sweep_that_stops_raises_the_alarm_and_leaves_the_web_ready(
    database: Database, client: httpx.AsyncClient, settings: Settings
) -> None:
    sweep = Job(jobs.WATCHED, "* * * * * *", _nothing)

    async def swept(slug: str, ago: int) -> None:
        county = (await database.tenants()).choose(f"{slug}.test", None)
        at = machine_now() - timedelta(seconds=ago)
        await take_slot(database, sweep, county, at)
        await finish_slot(database, sweep, county, at, at=at, error=None)

    async def shown() -> tuple[bool, int]:
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        sweep = answer.json()["sweep"]
        metrics = (await client.get("/metrics")).text
        assert f"lianluo_sweep_alarm {float(sweep['alarm'])}" in metrics
        return sweep["alarm"], sweep["age_seconds"]

    for slug in ("alpha", "beta"):
        await swept(slug, ago=5)
    assert (await shown())[0] is False

    async with database.platform() as tx:  # one county's sweep has stood still
        await sql(tx, text("UPDATE job_slots SET succeeded_at = succeeded_at - interval '1 hour'"))
    await swept("alpha", ago=1)
    alarm, age = await shown()
    assert alarm is True
    assert 3600 <= age < 7200

    settings.sweep_alarm_seconds = 7200
    assert (await shown())[0] is False


def work_on(database: Database, tenant: Tenant) -> Work:
    async def now() -> datetime:
        return NOW

    return Work(database, tenant, now)


async def test_while_the_database_is_away_the_figures_are_served_and_the_age_grows_on(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    app.state.database = Database("postgresql://nobody@127.0.0.1:1/none", keyring=Keyring(**KEYS))
    app.state.last_sweep = machine_now() - timedelta(hours=1)
    assert (await client.get("/health/ready")).status_code == 503
    figures = await client.get("/metrics")
    assert figures.status_code == 200
    assert "lianluo_sweep_alarm 1.0" in figures.text


async def test_a_job_goes_on_till_a_batch_is_empty_each_in_its_own_transaction(
    database: Database, tenant: Tenant
) -> None:
    left, transactions = [3, 2, 0, 9], set()

    @job("test.batches", cron="0 * * * * *")
    async def body(tx: AsyncSession, now: datetime) -> int:
        transactions.add((await sql(tx, text("SELECT pg_current_xact_id()::text"))).scalar_one())
        assert now == NOW
        return left.pop(0)

    assert await REGISTRY["test.batches"].run(work_on(database, tenant)) == 5
    assert left == [9]
    assert len(transactions) == 3


async def test_what_earlier_batches_did_stays_when_a_later_one_fails(
    database: Database, tenant: Tenant
) -> None:
    done: list[str] = []

    @job("test.failing", cron="0 * * * * *")
    async def body(tx: AsyncSession, now: datetime) -> int:
        done.append("batch")
        tx.add(FeedCursor(consumer=f"batch {len(done)}", seq=0))
        await tx.flush()
        if len(done) == 2:
            raise ZeroDivisionError
        return 1

    with pytest.raises(ZeroDivisionError):
        await REGISTRY["test.failing"].run(work_on(database, tenant))
    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(FeedCursor.consumer))).all() == ["batch 1"]


async def test_an_endless_job_is_stopped(database: Database, tenant: Tenant) -> None:
    rung = 0

    @job("test.endless", cron="0 * * * * *")
    async def body(tx: AsyncSession, now: datetime) -> int:
        nonlocal rung
        rung += 1
        return 1

    await REGISTRY["test.endless"].run(work_on(database, tenant))
    assert rung == jobs.BATCHES


async def test_one_bad_item_of_a_batch_undoes_itself_only(database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as tx:
        for item in ("good", "bad", "good too"):
            try:
                async with savepoint(tx):
                    tx.add(FeedCursor(consumer=item, seq=0))
                    await tx.flush()
                    if item == "bad":
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue
    async with database.unit(tenant) as tx:
        names = (await tx.exec(select(FeedCursor.consumer).order_by("consumer"))).all()
    assert names == ["good", "good too"]


def test_a_name_is_declared_once() -> None:
    errand("test.twice", cron="0 * * * * *")(_nothing)
    with pytest.raises(ValueError, match="declared twice"):
        errand("test.twice", cron="0 * * * * *")(_nothing)


def declaring() -> set[str]:
    """The modules in which a decorator `@job(…)` or `@errand(…)` stands."""
    found = set()
    for path in APP.rglob("*.py"):
        tree = ast.parse(path.read_text())
        decorators = [d for node in ast.walk(tree) for d in getattr(node, "decorator_list", [])]
        names = {d.func.id for d in decorators if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)}
        if names & {"job", "errand"}:
            found.add(".".join(path.relative_to(APP.parent).with_suffix("").parts))
    return found


def test_the_worker_knows_every_module_that_declares_jobs() -> None:
    assert declaring() == {module.__name__ for module in worker.DECLARING}


@pytest.mark.parametrize("declared", REGISTRY.values(), ids=REGISTRY.keys())
def test_every_cron_parses_and_rings_within_a_year(declared: Job) -> None:
    at = trigger_of(declared).get_next_fire_time(None, NOW)
    assert at is not None
    assert at - NOW < timedelta(days=367)
    # APScheduler counts from Monday = 0, cron from Sunday = 0: names only.
    assert not any(letter.isdigit() for letter in declared.cron.split()[5])


@pytest.mark.parametrize("cron", ["* * * * *", "0 0 25 * * *", "x * * * * *"])
def test_a_cron_that_is_none_is_found(cron: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (any refusal will do)
        trigger_of(Job("test.none", cron, _nothing))
