"""Periodic work as data. Declaring starts nothing: the worker rings, a row decides who acts.

`@job` is one batch in one transaction, repeated until a batch is empty. `@errand` opens its own units:
claim with a lease, call the outside world with no connection held, record what came of it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import text
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.db import Database, sql
from app.infra.statements import numbered
from app.infra.tenants import PlatformTable, Tenant

T = TypeVar("T")
JobBody = Callable[[AsyncSession, datetime], Awaitable[int]]
BATCHES = 1000


@dataclass(frozen=True)
class Work:
    """What an errand is given. `outside` holds adapters by type; `now` reads business time afresh."""

    database: Database
    tenant: Tenant
    now: Callable[[], Awaitable[datetime]]
    outside: dict[type, Any] = field(default_factory=dict)

    def unit(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.unit(self.tenant)

    def adapter(self, kind: type[T]) -> T:
        found: T = self.outside[kind]
        return found


ErrandBody = Callable[[Work], Awaitable[int]]


@dataclass(frozen=True)
class Job:
    """`cron` has six fields, seconds first, in Asia/Shanghai."""

    name: str
    cron: str
    run: Callable[[Work], Awaitable[int]]


REGISTRY: dict[str, Job] = {}


def _declare(job: Job) -> None:
    if job.name in REGISTRY:
        raise ValueError(f"job {job.name!r} is declared twice")
    REGISTRY[job.name] = job


def job(name: str, *, cron: str) -> Callable[[JobBody], JobBody]:
    """A body that does at most one bounded batch in the transaction it is given; returns how many."""

    def declare(body: JobBody) -> JobBody:
        async def run(work: Work) -> int:
            done = 0
            for _ in range(BATCHES):
                async with work.unit() as tx:
                    batch = await body(tx, await work.now())
                done += batch
                if not batch:
                    break
            return done

        _declare(Job(name, cron, run))
        return body

    return declare


def errand(name: str, *, cron: str) -> Callable[[ErrandBody], ErrandBody]:
    """A body that calls outside systems and therefore opens its own short units."""

    def declare(body: ErrandBody) -> ErrandBody:
        _declare(Job(name, cron, body))
        return body

    return declare


class JobSlot(PlatformTable, table=True):
    """The last slot of each (job, tenant) that somebody took, and how it ended.

    `slot` fences: who took an older one can no longer say how the newest ended. `succeeded_at` is the
    last good end of any slot, whoever else has taken a newer one meanwhile.
    """

    __tablename__ = "job_slots"

    job: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    slot: datetime
    finished_at: datetime | None = None
    succeeded_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None


# The primary key lets one of N schedulers through for each slot; slots only ever grow.
# Both are whole units: a worker stopped between lock and commit would keep the others from ringing.
TAKE = numbered("""
    INSERT INTO platform.job_slots AS s (job, tenant, slot, failures)
    VALUES (:job, :tenant, :slot, 0)
    ON CONFLICT (job, tenant) DO UPDATE SET slot = EXCLUDED.slot WHERE s.slot < EXCLUDED.slot
    RETURNING 1""")
# A worker that was stopped for a while ends a slot long overtaken: it must not hide a newer failure.
FINISH = numbered("""
    UPDATE platform.job_slots
       SET finished_at = CASE WHEN slot = :slot THEN CAST(:at AS timestamptz) ELSE finished_at END,
           last_error = CASE WHEN slot = :slot THEN CAST(:error AS text) ELSE last_error END,
           failures = CASE WHEN slot <> :slot THEN failures
                           WHEN CAST(:error AS text) IS NULL THEN 0 ELSE failures + 1 END,
           succeeded_at = CASE WHEN CAST(:error AS text) IS NULL
                               THEN greatest(succeeded_at, CAST(:at AS timestamptz)) ELSE succeeded_at END
     WHERE job = :job AND tenant = :tenant""")

# The sweep over the clocks. When it stops nobody is warned of anything, and nothing else shows it.
WATCHED = "alerts.cross_lines"
LAST_SWEEP = text("""
    SELECT min(coalesce(s.succeeded_at, t.created_at))
      FROM platform.tenants t
      LEFT JOIN platform.job_slots s ON s.tenant = t.slug AND s.job = :job
     WHERE t.state = 'live'""")


def slot_of(at: datetime) -> datetime:
    """The whole second a cron rang in: every scheduler computes the same."""
    return at.astimezone(UTC).replace(microsecond=0)


async def take_slot(database: Database, job: Job, tenant: Tenant, slot: datetime) -> bool:
    """True for exactly one caller per (job, tenant, slot)."""
    facts = {"job": job.name, "tenant": tenant.slug, "slot": slot}
    return await database.platform_statement(TAKE.sql, *TAKE.values(facts)) is not None


async def finish_slot(
    database: Database, job: Job, tenant: Tenant, slot: datetime, *, at: datetime, error: str | None
) -> None:
    facts = {"job": job.name, "tenant": tenant.slug, "slot": slot, "at": at, "error": error}
    await database.platform_statement(FINISH.sql, *FINISH.values(facts))


async def last_sweep(database: Database) -> datetime | None:
    """Machine time at which the county swept longest ago was swept (or founded); None without counties."""
    async with database.platform() as tx:
        at: datetime | None = (await sql(tx, LAST_SWEEP, {"job": WATCHED})).scalar_one()
        return at


@asynccontextmanager
async def savepoint(tx: AsyncSession) -> AsyncIterator[None]:
    """One item of a batch: its failure undoes the item, not the batch."""
    async with tx.begin_nested():
        yield
