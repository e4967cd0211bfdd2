"""I4: every upload's row has its files, and every file that is no longer young has a row."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.files import FileStore
from app.infra.db import sql
from app.kernel.clock import machine_now
from app.operations.findings import Finding

# The sweeper spares files of 48 h and comes every hour: what is older than this it has missed.
SWEPT = timedelta(hours=50)
AHEAD = timedelta(days=1)  # a file written while we look is there too

NAMED = text("SELECT id, unnest(ARRAY[sha256, thumbnail_sha256]) AS key FROM uploads")


async def files_and_rows(tx: AsyncSession, store: FileStore) -> list[Finding]:
    """Rows are read before files: a row's file was on stable storage before the row was."""
    named = {row.key: row.id for row in await sql(tx, NAMED)}
    stored = {key async for key in store.keys(written_before=machine_now() + AHEAD)}
    old = {key async for key in store.keys(written_before=machine_now() - SWEPT)}
    return [
        *(Finding("I4", "上传记录的文件不在", str(named[key])) for key in sorted(named.keys() - stored)),
        *(Finding("I4", "文件没有对应的上传记录", key) for key in sorted(old - named.keys())),
    ]
