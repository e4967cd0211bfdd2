"""Any number of workers: every slot is acted on once, whoever dies or stands still. No leader is needed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import text
from sqlmodel import select

from app.infra.audit import alone
from app.infra.db import Database, sql
from app.infra.outbox import FeedCursor
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from tests.conftest import ROOT, Dsns

SOON = timedelta(seconds=0.5)
SLOTS = 1000 if os.environ.get("LIANLUO_WHOLE_FILES") else 250  # 50 a second


@dataclass
class Worker:
    """A process of ringer.py."""

    process: Process

    async def hear(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    def signal(self, kind: signal.Signals) -> None:
        os.kill(self.process.pid, kind)


@asynccontextmanager
async def workers(number: int, *arguments: str) -> AsyncIterator[list[Worker]]:
    command = (sys.executable, "-m", "tests.infra.ringer", *arguments)
    processes = [
        await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=ROOT)
        for _ in range(number)
    ]
    try:
        yield [Worker(process) for process in processes]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def started(crew: list[Worker]) -> datetime:
    """All stand ready, and are told when slot 0 rings."""
    assert [await worker.hear() for worker in crew] == ["ready"] * len(crew)
    start = machine_now() + SOON
    for worker in crew:
        worker.tell(start.isoformat())
    return start


async def ledger(database: Database, tenant: Tenant) -> list[tuple[int, int]]:
    """(slot, process) of everything done, in no order."""
    async with database.unit(tenant) as tx:
        lines = (await tx.exec(select(FeedCursor.consumer))).all()
    return [(int(slot), int(pid)) for slot, pid, _ in (line.split(":") for line in lines)]


async def until_done_by(worker: Worker, database: Database, tenant: Tenant) -> None:
    """Till a process has done a slot: it is then in the middle of its work."""
    while worker.process.pid not in {pid for _, pid in await ledger(database, tenant)}:
        continue  # each look is a question to the database, which paces it


async def test_eight_schedulers_ringing_every_20_ms_do_each_slot_once(
    database: Database, tenant: Tenant, dsns: Dsns
) -> None:
    async with workers(4, "ring", dsns.app, str(SLOTS)) as crew:
        await started(crew)
        assert [await worker.hear() for worker in crew] == ["done"] * 4
    done = await ledger(database, tenant)
    assert Counter(slot for slot, _ in done) == dict.fromkeys(range(SLOTS), 1)
    assert len({pid for _, pid in done}) > 1  # else one process would have done it all anyway


async def test_when_a_worker_is_killed_the_others_do_the_slots_it_would_have_done(
    database: Database, tenant: Tenant, dsns: Dsns
) -> None:
    async with workers(2, "ring", dsns.app, "200") as (killed, left):
        await started([killed, left])
        await until_done_by(killed, database, tenant)
        killed.signal(signal.SIGKILL)
        await killed.process.wait()
        assert await left.hear() == "done"
    counts = Counter(slot for slot, _ in await ledger(database, tenant))
    assert set(counts.values()) == {1}
    # Each of its two schedulers may have taken one slot and died before doing it.
    assert len(set(range(200)) - set(counts)) <= 2
    assert 199 in counts


async def test_a_worker_that_stood_still_does_nothing_twice_when_it_goes_on(
    database: Database, tenant: Tenant, dsns: Dsns
) -> None:
    async with workers(2, "ring", dsns.app, "200") as (stopped, left):
        await started([stopped, left])
        await until_done_by(stopped, database, tenant)
        stopped.signal(signal.SIGSTOP)
        assert await left.hear() == "done"  # though the other still stands
        before = await ledger(database, tenant)
        assert 199 in {slot for slot, _ in before}
        stopped.signal(signal.SIGCONT)
        assert await stopped.hear() == "done"  # having rung all it had slept through
    after = await ledger(database, tenant)
    assert Counter(slot for slot, _ in after) == dict.fromkeys(range(200), 1)
    assert len(after) - len(before) <= 2  # what it had taken before it was stopped


@pytest.fixture
async def quick_timeout(dsns: Dsns) -> AsyncIterator[None]:
    """Production waits 60 s for a transaction in which nothing happens."""
    connection = await asyncpg.connect(dsns.admin)
    role = await connection.fetchval("SELECT 'lianluo_app IN DATABASE ' || quote_ident(current_database())")
    limit = "idle_in_transaction_session_timeout"
    await connection.execute(f"ALTER ROLE {role} SET {limit} = '300ms'")
    yield
    await connection.execute(f"ALTER ROLE {role} RESET {limit}")
    await connection.close()


async def test_a_worker_stopped_inside_a_transaction_loses_it_and_cannot_commit_later(
    database: Database, tenant: Tenant, dsns: Dsns, quick_timeout: None
) -> None:
    """The fence is the server's: it ends the session, with its locks, and the late commit fails."""
    async with workers(1, "hold", dsns.app) as (stopped,):
        assert await stopped.hear() == "inside"
        stopped.signal(signal.SIGSTOP)
        while not await did_alone(database, tenant):
            continue  # each look is a question to the database, which paces it
        stopped.signal(signal.SIGCONT)
        stopped.tell("go on")
        assert (await stopped.hear()).startswith("refused")
    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(FeedCursor.consumer))).all() == ["the other one"]


async def did_alone(database: Database, tenant: Tenant) -> bool:
    """The same job, by a worker that runs: False while the stopped one still holds the lock."""
    async with database.unit(tenant) as tx:
        if not await alone(tx, "test.holding"):
            return False
        tx.add(FeedCursor(consumer="the other one", seq=1))
        return True


async def test_a_stopped_leader_would_keep_its_session_lock_and_nobody_could_ring(
    database: Database, tenant: Tenant, dsns: Dsns
) -> None:
    """Why there is none: its session is idle, not in a transaction, so nothing ends it (decision 0012)."""
    leader = await asyncpg.connect(dsns.app)
    assert await leader.fetchval("SELECT pg_try_advisory_lock(1)")
    async with database.unit(tenant) as tx:
        limits = await sql(tx, text("SELECT current_setting('idle_session_timeout')"))
        assert limits.scalar_one() == "0"
        assert not (await sql(tx, text("SELECT pg_try_advisory_xact_lock(1)"))).scalar_one()
    await leader.close()
