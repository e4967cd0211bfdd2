"""Photos that come with a form: cleaned and stored before, and outside, the transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import Request, UploadFile
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.deps import units
from app.infra.http_errors import status_of
from app.kernel.errors import DomainError
from app.pages.keys import digest
from app.pages.views import FieldError
from app.uploads import service
from app.uploads.images import MAX_BYTES, UploadTooLarge
from app.uploads.models import Upload, UploadState
from app.uploads.receiving import pool_of, store_of
from app.uploads.service import MOST_PHOTOS


@dataclass
class Arrived:
    """`ids` are stored and wait to be claimed; `digests` are of the bytes as sent, in their order."""

    ids: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    status: int = 200

    @property
    def errors(self) -> tuple[FieldError, ...]:
        return (FieldError(field="photos", message="；".join(self.refusals)),) if self.refusals else ()

    def refuse(self, message: str, status: int) -> None:
        self.refusals.append(message)
        self.status = max(self.status, status)


async def arrive(request: Request, owner: str, files: Sequence[UploadFile], *, kept: int) -> Arrived:
    """Store each photo, one after the other; a bad one is named and keeps no good one out."""
    arrived = Arrived()
    if kept + len(files) > MOST_PHOTOS:
        arrived.refuse(f"最多 {MOST_PHOTOS} 张照片，您选了 {kept + len(files)} 张，请少选几张", 422)
        return arrived
    for file in files:
        try:
            await _store(request, owner, file, arrived)
        except DomainError as refusal:
            arrived.refuse(f"“{file.filename}”没有收下：{refusal.detail}", status_of(type(refusal)))
    return arrived


async def _store(request: Request, owner: str, file: UploadFile, arrived: Arrived) -> None:
    data = await file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UploadTooLarge("超过 10 MB，请换一张小一点的")
    arrived.digests.append(digest(data))
    upload = await _kept(request, owner, data)
    arrived.ids.append(str(upload.id))


async def _kept(request: Request, owner: str, data: bytes) -> Upload:
    async def keep() -> Upload:
        return await service.keep(
            await units(request), store_of(request), pool_of(request), owner=owner, data=data
        )

    try:
        return await keep()
    except IntegrityError:  # the button was pressed twice, and the other sending stored it meanwhile
        return await keep()


async def still_waiting(tx: AsyncSession, ids: Iterable[str]) -> list[str]:
    """Those of `ids` that can still be claimed, in the same order."""
    asked = [UUID(id) for id in ids if _is_uuid(id)]
    rows = await tx.exec(
        select(Upload.id).where(col(Upload.id).in_(asked), Upload.state == UploadState.PENDING)
    )
    waiting = set(rows)
    return [str(id) for id in asked if id in waiting]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
