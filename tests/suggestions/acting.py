"""The model's attempts as the product is really asked: by its endpoints, or by HTTP."""

import inspect
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID, uuid4

import httpx
from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.db import Database
from app.infra.schemas import Body
from app.infra.tenants import Tenant
from app.kernel.errors import DomainError
from app.suggestions import api, delegate_api, office_api, signing_api, unit_api
from app.suggestions.deps import Case
from app.suggestions.shown import SuggestionOut
from tests.suggestions.cast import Cast
from tests.suggestions.model import Attempt
from tests.suggestions.writing import TEMPLATE, Asked

# What these mean depends on rows that a rival may be about to write: they are not raced.
STATEFUL = {"contact-confirmation", "approval", "feedback", "co-opinion-decision.accept"}
STATEFUL |= {"fulfilment", "slip", "confirmation", "clearance", "review.merge", "evaluation", "delete"}


ANY_VERSION = Request({"type": "http", "method": "POST", "headers": [(b"if-match", b"*")]})


class Quiet(Case):
    """A case whose answer nobody reads: the projection is made for HTTP and where it is compared."""

    async def shown(self) -> SuggestionOut:
        return None  # type: ignore[return-value]


@cache
def route(method: str, path: str) -> APIRoute:
    routers = (api.router, delegate_api.router, office_api.router, unit_api.router, signing_api.router)
    routes = [r for router in routers for r in router.routes if isinstance(r, APIRoute)]
    return next(r for r in routes if r.path == TEMPLATE + path and method in (r.methods or ()))


@cache
def needed(endpoint: Callable[..., Any]) -> Any:
    """The dependency that makes the endpoint's case, and the permission it asks for."""
    alias = get_type_hints(endpoint, include_extras=True)["case"]
    case = get_args(alias)[1].dependency
    holding = get_args(get_type_hints(case, include_extras=True)["actor"])[1].dependency
    return case, inspect.getclosurevars(holding).nonlocals["permission"]


@cache
def body_of(endpoint: Callable[..., Any]) -> type[Body] | None:
    hint = get_type_hints(endpoint).get("body")
    kinds = get_args(hint) or (hint,)
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, Body)), None)


async def directly(
    database: Database, tenant: Tenant, cast: Cast, attempt: Attempt, asked: Asked, id: UUID, now: datetime
) -> DomainError | None:
    """The endpoint itself in one unit, without HTTP around it: the refusal, or None."""
    try:
        async with database.unit(tenant) as tx:
            if refusal := await in_unit(tx, cast, attempt, asked, id, now):
                raise refusal
    except DomainError as refused:
        return refused
    return None


async def in_unit(
    tx: AsyncSession, cast: Cast, attempt: Attempt, asked: Asked, id: UUID, now: datetime
) -> DomainError | None:
    try:
        actor = cast.actors[attempt.who]
        endpoint = route(asked.method, asked.path).endpoint
        depends, permission = needed(endpoint)
        actor.need(permission)
        async with asynccontextmanager(depends)(id, actor, tx, now, ANY_VERSION) as case:
            quiet = Quiet(case.tx, case.suggestion, case.actor, case.now)
            await endpoint(quiet, **_given(endpoint, asked))
    except DomainError as refusal:
        return refusal
    return None


def _given(endpoint: Callable[..., Any], asked: Asked) -> dict[str, Any]:
    given: dict[str, Any] = dict(asked.holes or {})
    kind = body_of(endpoint)
    if kind is not None and asked.body is not None:
        given["body"] = kind.model_validate(asked.body)
    if "response" in inspect.signature(endpoint).parameters:
        given["response"] = Response()
    return given


async def by_http(
    client: httpx.AsyncClient, cast: Cast, attempt: Attempt, asked: Asked, id: UUID, *, key: str | None = None
) -> httpx.Response:
    headers = {**cast.county[attempt.who].headers, "Idempotency-Key": key or str(uuid4())}
    if asked.method != "POST":
        headers["If-Match"] = "*"
    return await client.request(asked.method, asked.url(id), json=_json(asked.body), headers=headers)


def _json(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _json(value) for name, value in body.items()}
    if isinstance(body, list):
        return [_json(value) for value in body]
    return str(body) if isinstance(body, (UUID, date)) else body
