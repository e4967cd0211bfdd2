"""The things an endpoint may ask for: the transaction and the time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import idempotency
from app.infra.crypto import Vault
from app.infra.db import Database
from app.infra.idempotency import Claim, claim_of, read_key
from app.infra.statements import Statement
from app.infra.tenants import Tenant


async def _tx(request: Request) -> AsyncSession:
    tx: AsyncSession = request.state.tx  # begun and committed by UnitRoute
    return tx


async def _now(request: Request) -> datetime:
    now: datetime = await request.app.state.now()
    return now


Tx = Annotated[AsyncSession, Depends(_tx)]
Now = Annotated[datetime, Depends(_now)]


def vault_of_request(request: Request) -> Vault:
    """The keys of the request's tenant."""
    tenant: Tenant = request.state.tenant
    database: Database = request.app.state.database
    return database.keyring.vault(tenant.slug, tenant.salt)


async def one_row(
    request: Request, statement: Statement, facts: Mapping[str, Any], *, write: bool = False
) -> asyncpg.Record | None:
    """Run a hot path's statement as a unit of its own; its first row."""
    database: Database = request.app.state.database
    values = statement.values(facts)
    return await database.one_statement(request.state.tenant, statement.sql, *values, write=write)


async def claim_key(
    request: Request, tx: AsyncSession, *, client: str, key: str | None, public: bool = False
) -> None:
    """Claim this request's idempotency key for `client`, or answer as the first time."""
    await make_claim(request, tx, await claim_for(request, client=client, key=key, public=public))


async def claim_for(request: Request, *, client: str, key: str | None, public: bool = False) -> Claim:
    """What this request would claim."""
    return claim_of(
        read_key(key, public=public),
        tenant=request.state.tenant.slug,
        client=client,
        route=f"{request.method} {request.url.path}",
        body=await request.body(),
    )


async def make_claim(request: Request, tx: AsyncSession, asked: Claim) -> None:
    """Claim it; UnitRoute then keeps the answer. Raises Replay with the first answer."""
    request.state.claiming = True
    await idempotency.claim(tx, asked)
    request.state.claiming = False
    request.state.claim = asked
