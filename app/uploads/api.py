"""`POST …/uploads`: one photo a request. No idempotency key: the same bytes are the same upload."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Header, Request, UploadFile

from app.accounts import queries, tokens
from app.accounts.actor import Actor
from app.accounts.deps import UnitsOf
from app.accounts.errors import SessionEnded, TokenMissing
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now
from app.uploads import service
from app.uploads.models import Upload
from app.uploads.receiving import pool_of, read_limited, store_of
from app.uploads.schemas import UploadOut

router = APIRouter(tags=["uploads"])
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
