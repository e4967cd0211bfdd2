"""One request is one transaction: begun before the dependencies, committed before the answer leaves."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import idempotency
from app.infra.http_errors import lock_busy
from app.infra.idempotency import Claim, InProgress, Replay

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
# serialization failure, deadlock, cached statement outdated by DDL: the same request may simply run again
TRANSIENT = {"40001", "40P01", "0A000"}
READS = {"GET", "HEAD", "OPTIONS"}


Act = Callable[[AsyncSession], Coroutine[Any, Any, Response]]


class UnitRoute(APIRoute):
    """Raising rolls back; the answer to a claimed key is kept in the same transaction."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await in_one_unit(request, lambda _: inner(request))

        return handle


async def in_one_unit(request: Request, act: Act) -> Response:
    """`act` in one transaction, once more if the database asks for it."""
    await request.body()  # read before BEGIN: a slow client must not hold a connection
    try:
        return await _once(request, act)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in TRANSIENT:
            raise
        return await _once(request, act)


async def _once(request: Request, act: Act) -> Response:
    database, tenant = request.app.state.database, request.state.tenant
    request.state.claim, request.state.claiming = None, False
    try:
        async with database.unit(tenant, write=request.method not in READS) as tx:
            tx.info["request_id"] = request.state.request_id
            request.state.tx = tx
            response = await act(tx)
            claim: Claim | None = request.state.claim
            if claim is not None:
                await idempotency.keep(tx, claim, response)
            return response
    except Replay as replay:
        return replay.response
    except DBAPIError as error:
        if request.state.claiming and lock_busy(error):
            raise InProgress from error
        raise
