"""Who asks: from the bearer token to the actor."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import queries, tokens
from app.accounts.actor import Actor
from app.accounts.errors import SessionEnded, TokenMissing
from app.accounts.permissions import Permission
from app.infra.crypto import vault_of
from app.infra.deps import Tx, claim_key, one_row, vault_of_request
from app.kernel.clock import machine_now


async def current_actor(
    request: Request, tx: Tx, authorization: Annotated[str | None, Header()] = None
) -> Actor:
    """The account behind a valid token of this tenant, with the posts it holds at this moment."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    at = machine_now()
    account, session = tokens.read_access(vault_of(tx), token.strip(), at=at)
    actor = await queries.acting(tx, account, session, at=at)
    if actor is None:
        raise SessionEnded
    return actor


async def quick_actor(request: Request, authorization: Annotated[str | None, Header()] = None) -> Actor:
    """As `current_actor`, for hot reads: one statement of its own, no transaction held."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    at = machine_now()
    account, session = tokens.read_access(vault_of_request(request), token.strip(), at=at)
    facts = {"account": account, "session": session, "at": at}
    row = await one_row(request, queries.ACTOR_ROW, facts)
    if row is None:
        raise SessionEnded
    return queries.actor_of_row(row, session)


def quickly_holding(permission: Permission) -> Callable[[Actor], Awaitable[Actor]]:
    """As `holding`, for hot reads."""

    async def check(actor: Annotated[Actor, Depends(quick_actor)]) -> Actor:
        actor.need(permission)
        return actor

    return check


CurrentActor = Annotated[Actor, Depends(current_actor)]


def holding(permission: Permission) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency that lets through only an actor holding the permission in some scope."""

    async def check(actor: CurrentActor) -> Actor:
        actor.need(permission)
        return actor

    return check


async def claimed(
    request: Request,
    tx: Tx,
    actor: CurrentActor,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> None:
    """On POST, claim the Idempotency-Key for this account (after it is known who asks)."""
    if request.method == "POST":
        await claim_key(request, tx, client=actor.label, key=idempotency_key)


async def units(request: Request) -> Callable[[], AbstractAsyncContextManager[AsyncSession]]:
    """For the few acts that open their own short units (log-in)."""
    database, tenant = request.app.state.database, request.state.tenant

    def unit() -> AbstractAsyncContextManager[AsyncSession]:
        bound: AbstractAsyncContextManager[AsyncSession] = database.unit(tenant)
        return bound

    return unit


UnitsOf = Annotated[Callable[[], AbstractAsyncContextManager[AsyncSession]], Depends(units)]
