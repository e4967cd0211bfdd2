"""One worker process of two schedulers: `python -m tests.infra.ringer ring DSN COUNT`, or `hold DSN`.

Each APScheduler rings every 20 ms; the nth ring is slot n, however late. Whoever takes a slot writes it
into the ledger (the feed cursors of county alpha, nobody else's in these tests) as `<slot>:<pid>:<which>`.
Talks in lines: says `ready`, is told the instant at which slot 0 rings, says `done`.
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.infra.audit import alone
from app.infra.crypto import Keyring, new_key_setting
from app.infra.db import Database
from app.infra.jobs import Job, Work, take_slot
from app.infra.outbox import FeedCursor
from app.infra.tenants import Tenant

TICK = timedelta(milliseconds=20)


async def _nothing(work: Work) -> int:
    return 0


RINGING = Job("test.ringing", "* * * * * *", _nothing)


@dataclass
class Ringer:
    database: Database
    tenant: Tenant
    which: int
    start: datetime
    count: int
    rung: int = 0
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        scheduler = AsyncIOScheduler(timezone=UTC)
        last = self.start + (self.count - 1) * TICK
        trigger = IntervalTrigger(seconds=TICK.total_seconds(), start_date=self.start, end_date=last)
        options = {"coalesce": False, "misfire_grace_time": None, "max_instances": self.count}
        scheduler.add_job(self.ring, trigger, **options)
        scheduler.start()
        await self.done.wait()
        scheduler.shutdown(wait=False)

    async def ring(self) -> None:
        async with self.order:
            number, self.rung = self.rung, self.rung + 1
            if await take_slot(self.database, RINGING, self.tenant, self.start + number * TICK):
                async with self.database.unit(self.tenant) as tx:
                    tx.add(FeedCursor(consumer=f"{number}:{os.getpid()}:{self.which}", seq=number))
            if self.rung == self.count:
                self.done.set()


def database_at(dsn: str) -> Database:
    keys = {name: new_key_setting() for name in ("token_keys", "field_keys", "index_key")}
    return Database(dsn, keyring=Keyring(**keys), pool_size=1)


async def alpha(database: Database) -> Tenant:
    return (await database.tenants()).choose("alpha.test", None)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def hear() -> str:
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line.strip()


async def ring(dsn: str, count: int) -> None:
    databases = [database_at(dsn) for _ in range(2)]
    tenants = [await alpha(database) for database in databases]
    say("ready")
    start = datetime.fromisoformat(await hear())
    pairs = enumerate(zip(databases, tenants, strict=True))
    ringers = [Ringer(database, tenant, which, start, count) for which, (database, tenant) in pairs]
    await asyncio.gather(*(ringer.run() for ringer in ringers))
    for database in databases:
        await database.close()
    say("done")


async def hold(dsn: str) -> None:
    """Stand in the middle of a job's transaction till told to go on; say how that ended."""
    database = database_at(dsn)
    try:
        async with database.unit(await alpha(database)) as tx:
            assert await alone(tx, "test.holding")
            tx.add(FeedCursor(consumer="the stopped one", seq=1))
            await tx.flush()
            say("inside")
            await hear()
    except Exception as error:  # whatever it is, nothing was written
        say(f"refused {type(error).__name__}")
    else:
        say("committed")
    await database.close()


if __name__ == "__main__":
    what, dsn, *more = sys.argv[1:]
    asyncio.run(ring(dsn, int(more[0])) if what == "ring" else hold(dsn))
