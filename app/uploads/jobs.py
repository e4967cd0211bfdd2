"""Sweeping in both directions: uploads nobody claimed, files nobody names."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, delete

from app.infra.db import sql
from app.infra.jobs import Work, errand
from app.kernel.clock import machine_now
from app.uploads.models import Upload, UploadState
from app.uploads.service import PENDING_LIFE
from app.uploads.storage import Stores

# A file is stored before its row is committed: what is younger than this may still get one.
YOUNG = timedelta(hours=48)
NAMED = text("SELECT 1 FROM uploads WHERE sha256 = :key OR thumbnail_sha256 = :key LIMIT 1")


@errand("uploads.sweep", cron="0 23 * * * *")
async def sweep(work: Work) -> int:
    """Forget uploads pending for a day, then remove files older than two days that no row names."""
    async with work.unit() as tx:
        old = machine_now() - PENDING_LIFE
        gone = await tx.exec(
            delete(Upload).where(col(Upload.state) == UploadState.PENDING, col(Upload.created_at) < old)
        )
    removed = int(gone.rowcount)
    store = work.adapter(Stores).of(work.tenant.slug)
    before = machine_now() - YOUNG
    async for key in store.keys(written_before=before):
        async with work.unit() as tx:
            named = (await sql(tx, NAMED, {"key": key})).first()
        if named is None:
            removed += await store.delete(key, written_before=before)
    return removed
