"""Keeping a photo: cleaned in another process, stored, then a row; claimed by what names it."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import tokens
from app.accounts.errors import TokenExpired, TokenInvalid
from app.adapters.files import FileStore
from app.infra.crypto import Vault
from app.kernel.clock import machine_now
from app.kernel.ids import new_id
from app.uploads.errors import FormTokenInvalid, UploadUnknown
from app.uploads.images import ImagePool
from app.uploads.models import Upload, UploadState

Units = Callable[[], AbstractAsyncContextManager[AsyncSession]]
FORM = "form+jwt"
FORMS = "form"
FORM_LIFE = timedelta(hours=24)
PENDING_LIFE = timedelta(hours=24)
MOST_PHOTOS = 9


def form_token(vault: Vault) -> str:
    """What a public page hands out so that its photos may be sent; good for 24 h of machine time."""
    return tokens.sign(vault, FORM, sub=new_id().hex, life=FORM_LIFE, at=machine_now())


def form_owner(vault: Vault, token: str | None) -> str:
    """`form:<id>` of a valid form token."""
    try:
        claims = tokens.read(vault, FORM, token or "", at=machine_now())
    except (TokenInvalid, TokenExpired) as error:
        raise FormTokenInvalid from error
    return f"form:{claims['sub']}"


async def keep(units: Units, store: FileStore, pool: ImagePool, *, owner: str, data: bytes) -> Upload:
    """Clean and store one picture; the same bytes from the same owner give the same upload.

    Nothing is held open meanwhile: the file is on stable storage before its row is committed, and a
    file whose row never came is swept.
    """
    source = hashlib.sha256(data).digest()
    async with units() as tx:
        if known := await _pending(tx, owner, source):
            return known
    picture = await pool.clean(data)
    small = await pool.thumbnail(data)
    key = await store.put(picture.content)
    small_key = await store.put(small.content)
    async with units() as tx:
        if known := await _pending(tx, owner, source):
            return known
        upload = Upload(
            owner=owner,
            source_sha256=source,
            sha256=key,
            thumbnail_sha256=small_key,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            created_at=machine_now(),
        )
        tx.add(upload)
    return upload


async def _pending(tx: AsyncSession, owner: str, source: bytes) -> Upload | None:
    rows = await tx.exec(
        select(Upload).where(
            Upload.owner == owner,
            Upload.source_sha256 == source,
            Upload.state == UploadState.PENDING,
        )
    )
    return rows.first()


async def claim(tx: AsyncSession, ids: Sequence[UUID], *, owner: str) -> Sequence[Upload]:
    """Make pending uploads part of what is being written, all or none, in the order asked.

    `owner`: the sender, `account:<id>` or `partner:<id>`; nobody claims what another one sent. `form`
    (FORMS) stands for every public form: residents are nobody in particular, and the id is secret.
    """
    if not ids:
        return []
    rows = await tx.exec(select(Upload).where(col(Upload.id).in_(ids)).with_for_update())
    found = {row.id: row for row in rows}
    chosen = [found.get(id) for id in dict.fromkeys(ids)]
    at = machine_now()
    claimed = []
    for upload in chosen:
        if upload is None or not _claimable(upload, owner, at):
            raise UploadUnknown
        upload.state, upload.claimed_at = UploadState.CLAIMED, at
        claimed.append(upload)
    return claimed


def _claimable(upload: Upload, owner: str, at: datetime) -> bool:
    sent_by = FORMS if upload.owner.startswith("form:") else upload.owner
    return upload.state == UploadState.PENDING and sent_by == owner and at - upload.created_at < PENDING_LIFE
