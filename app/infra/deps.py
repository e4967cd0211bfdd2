"""The things an endpoint may ask for: the transaction and the time."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import idempotency
from app.infra.idempotency import claim_of, read_key


async def _tx(request: Request) -> AsyncSession:
    tx: AsyncSession = request.state.tx  # begun and committed by UnitRoute
    return tx


async def _now(request: Request) -> datetime:
    now: datetime = await request.app.state.now()
    return now


Tx = Annotated[AsyncSession, Depends(_tx)]
Now = Annotated[datetime, Depends(_now)]


async def claim_key(
    request: Request, tx: AsyncSession, *, client: str, key: str | None, public: bool = False
) -> None:
    """Claim this request's idempotency key for `client`, or answer as the first time."""
    asked = claim_of(
        read_key(key, public=public),
        tenant=request.state.tenant.slug,
        client=client,
        route=f"{request.method} {request.url.path}",
        body=await request.body(),
    )
    request.state.claiming = True
    await idempotency.claim(tx, asked)
    request.state.claiming = False
    request.state.claim = asked
