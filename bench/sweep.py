"""`python -m bench.sweep`: do 1,000 due clocks cost more among a million open ones than among 100,000?

Real rows, fsync on, the sweep's own job; prints medians and the ratio of the best rounds, which
alone means something elsewhere than on this machine.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg

from app.alerts.jobs import cross_lines
from app.deadlines import calendars
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.directory import queries as directory
from app.directory.models import RegionKind
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import local_date, machine_now
from bench.county import SLUG, benched

DUE = 1_000
SIZES = (100_000, 1_000_000)
ROUNDS = 5
OWN = ("id", "subject_id", "root_id")
SHARED = ", ".join(f'"{column.name}"' for column in Deadline.__table__.columns if column.name not in OWN)  # type: ignore[attr-defined]
COPY = f"""
INSERT INTO c_{SLUG}.deadlines (id, subject_id, root_id, {SHARED})
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), {SHARED}
  FROM c_{SLUG}.deadlines, generate_series(1, $2) WHERE id = $1"""


async def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        async with benched(Path(home)) as bench:
            keys = {name.lower(): value for name, value in bench.keys.items()}
            database = Database(bench.dsn, keyring=Keyring(**keys))
            owner = await asyncpg.connect(bench.server.dsn(role="lianluo_owner"))
            tenant = (await database.tenants()).choose("", None)
            best = [await measured(database, tenant, owner, size) for size in SIZES]
            print(f"ratio of the best rounds {best[1] / best[0]:.2f}")
            await owner.close()
            await database.close()


async def measured(database: Database, tenant: Tenant, owner: asyncpg.Connection, size: int) -> float:
    """Seconds of the best round to record three lines of each due clock, `size` open ones beside them."""
    far = await a_clock(database, tenant, Kind.REPLY, days_ago=0)
    there = await owner.fetchval(f"SELECT count(*) FROM c_{SLUG}.deadlines")
    await owner.execute(COPY, far, size - there)
    await owner.execute(f"VACUUM ANALYZE c_{SLUG}.deadlines")
    taken = [await one_round(database, tenant, owner) for _ in range(ROUNDS)]
    print(
        f"{size:>9,} open: {DUE:,} due take {statistics.median(taken):.2f} s"
        f" ({min(taken):.2f}-{max(taken):.2f})"
    )
    return min(taken)


async def one_round(database: Database, tenant: Tenant, owner: asyncpg.Connection) -> float:
    due = await a_clock(database, tenant, Kind.ACCEPTANCE, days_ago=4)
    await owner.execute(COPY, due, DUE - 1)
    now, found, begun = machine_now(), 0, time.perf_counter()
    while found < DUE:
        async with database.unit(tenant) as tx:
            found += await cross_lines(tx, now)
    return time.perf_counter() - begun


async def a_clock(database: Database, tenant: Tenant, kind: Kind, *, days_ago: int) -> str:
    """One clock of the bench's town, started so many working days ago; its id."""
    async with database.unit(tenant) as tx:
        [town] = await directory.regions(tx, kinds=[RegionKind.TOWNSHIP])
        calendar = await calendars.current(tx)
        on: date = (
            calendar.shift(local_date(machine_now()), -days_ago) if days_ago else local_date(machine_now())
        )
        subject = Subject(SubjectKind.ASSIGNMENT, uuid4(), uuid4(), town.id, Level.TOWNSHIP)
        at = Start(on=on, now=machine_now() - timedelta(seconds=1))
        return str((await clocks.start(tx, kind, subject, at)).id)


if __name__ == "__main__":
    asyncio.run(main())
