"""`/api/v1/suggestions/{id}/archive.zip`: the whole file of an archived suggestion, verifiable anywhere."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.adapters.files import FileKey, FileStore
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.reports import archiving
from app.reports.archiving import MEDIA_TYPE
from app.uploads.receiving import store_of

router = APIRouter(prefix="/suggestions", tags=["reports"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]


@router.get("/{id}/archive.zip", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
async def archive(id: UUID, request: Request, actor: Reader, tx: Tx, now: Now) -> Response:
    """Steps, texts, letters, scans and clocks as a hash chain; the same bytes every time. `ETag` and the
    audit hold the chain's head. Verify with docs/verify_archive.py."""
    found = await archiving.opened(tx, id, actor)
    dossier = await archiving.gathered(tx, found)
    scans = await _contents(store_of(request), dossier.scans) if dossier.scans else {}
    package = await asyncio.to_thread(dossier.package, scans)
    archiving.note_taken(tx, found, actor, package.head, now)
    headers = {
        "Content-Disposition": f'attachment; filename="archive-{found.id}.zip"',
        "ETag": f'"{package.head}"',
    }
    return Response(package.content, media_type=MEDIA_TYPE, headers=headers)


async def _contents(store: FileStore, scans: dict[str, str]) -> dict[str, bytes]:
    """Each scan; FileMissing if the store has lost one, rather than a dossier without it."""
    return {name: await store.open(FileKey(key)) for name, key in scans.items()}
