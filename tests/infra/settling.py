"""Waiting till PostgreSQL regards what was committed as settled: transactions of other tests on the
same server, in other databases too, may be older and still open."""

import asyncio

from sqlalchemy import text

from app.infra.db import Database, sql

NEXT = text("SELECT pg_current_xact_id()::text::bigint")
OLDEST = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def settled(database: Database, *, but: int | None = None) -> None:
    """Return once every transaction begun before this call has ended, or all up to `but`."""
    async with database.platform() as tx:
        horizon = but or int((await sql(tx, NEXT)).scalar_one())
    async with asyncio.timeout(60):
        while True:
            async with database.platform() as tx:
                if int((await sql(tx, OLDEST)).scalar_one()) >= horizon:
                    return
            await asyncio.sleep(0.02)
