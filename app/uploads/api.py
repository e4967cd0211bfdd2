"""`POST …/uploads`: one photo a request. No idempotency key: the same bytes are the same upload."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Query, Request, Response, UploadFile

from app.accounts import queries, tokens
from app.accounts.actor import Actor
from app.accounts.deps import CurrentActor, UnitsOf
from app.accounts.errors import SessionEnded, TokenMissing
from app.adapters.files import FileKey
from app.infra.crypto import vault_of
from app.infra.deps import Tx
from app.infra.unit_route import UnitRoute
from app.kernel.clock import machine_now
from app.partners.caller import Partner
from app.partners.deps import scoped
from app.uploads import service, showing
from app.uploads.models import Upload
from app.uploads.receiving import pool_of, read_limited, store_of
from app.uploads.schemas import UploadOut

router = APIRouter(tags=["uploads"])
partner = APIRouter(tags=["uploads"])
looking = APIRouter(tags=["uploads"], route_class=UnitRoute)
public = APIRouter(tags=["residents"])


@public.post("/uploads", status_code=201, response_model=UploadOut)
async def send_photo(
    request: Request,
    units: UnitsOf,
    file: Annotated[UploadFile, File()],
    form_token: Annotated[str | None, Form()] = None,
) -> Upload:
    """A resident's photo, with the form token of the station's page."""
    async with units() as tx:
        owner = service.form_owner(vault_of(tx), form_token)
    data = await read_limited(file)
    return await service.keep(units, store_of(request), pool_of(request), owner=owner, data=data)


@router.post("/uploads", status_code=201, response_model=UploadOut)
async def upload(
    request: Request,
    units: UnitsOf,
    file: Annotated[UploadFile, File()],
    authorization: Annotated[str | None, Header()] = None,
) -> Upload:
    """A photo or scan of somebody logged in."""
    actor = await _actor(units, authorization)
    data = await read_limited(file)
    return await service.keep(units, store_of(request), pool_of(request), owner=actor.label, data=data)


@looking.get("/uploads/{id}/content", response_class=Response)
async def photo(
    id: UUID, request: Request, actor: CurrentActor, tx: Tx, small: Annotated[bool, Query()] = False
) -> Response:
    """A photo of something this actor may see; `small=true` for the thumbnail."""
    found = await showing.seen(tx, id, actor)
    content = await store_of(request).open(FileKey(found.thumbnail_sha256 if small else found.sha256))
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(content, media_type=found.media_type, headers=headers)


Sender = Annotated[Partner, Depends(scoped("uploads:write"))]


@partner.post("/uploads", status_code=201, response_model=UploadOut)
async def push_photo(
    request: Request, units: UnitsOf, sender: Sender, file: Annotated[UploadFile, File()]
) -> Upload:
    """Scope `uploads:write`. A photo to be named in `upload_ids`, within a day."""
    data = await read_limited(file)
    return await service.keep(units, store_of(request), pool_of(request), owner=sender.label, data=data)


async def _actor(units: UnitsOf, authorization: str | None) -> Actor:
    """As accounts.deps.current_actor, in a unit that ends before the picture is worked on."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    async with units() as tx:
        at = machine_now()
        account, session = tokens.read_access(vault_of(tx), token.strip(), at=at)
        actor = await queries.acting(tx, account, session, at=at)
    if actor is None:
        raise SessionEnded
    return actor
