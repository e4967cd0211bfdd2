"""The demo's business time: an offset row all processes read, so that moving it moves the worker too."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import CheckConstraint, text
from sqlmodel import Field

from app.infra.db import Database, sql
from app.infra.tenants import PlatformTable
from app.kernel.clock import machine_now


class DemoClockRow(PlatformTable, table=True):
    __tablename__ = "demo_clock"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    offset_seconds: int
    revision: int


READ = text("SELECT offset_seconds, revision FROM platform.demo_clock WHERE id = 1")
MOVE = text("""
    INSERT INTO platform.demo_clock AS c (id, offset_seconds, revision) VALUES (1, :offset, 1)
    ON CONFLICT (id) DO UPDATE SET offset_seconds = EXCLUDED.offset_seconds, revision = c.revision + 1""")


class DemoClock:
    """Business time of one installation in demo mode; called for the time, asked for its revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> datetime:
        offset, _ = await self._row()
        return machine_now() + offset

    async def revision(self) -> int:
        """Grows with every move: the worker then rings every sweep at once."""
        return (await self._row())[1]

    async def move_to(self, now: datetime) -> None:
        """From now on business time runs from `now`."""
        offset = ceil((now - machine_now()).total_seconds())  # never before the instant asked for
        async with self._database.platform() as tx:
            await sql(tx, MOVE, {"offset": offset})

    async def _row(self) -> tuple[timedelta, int]:
        async with self._database.platform() as tx:
            row = (await sql(tx, READ)).first()
        return (timedelta(seconds=row.offset_seconds), row.revision) if row else (timedelta(0), 0)
