"""The part of the control plane `/_fake/…` that every fake has. Loopback only: see gate.py."""

from collections import Counter
from typing import Any, Protocol, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.fakes.faults import Faults


class World(Protocol):
    faults: Faults
    calls: Counter[str]

    def messages(self, to: str | None = None) -> list[dict[str, Any]]: ...

    def reset(self) -> None: ...


def _world(request: Request) -> World:
    return cast(World, request.app.state.world)


async def set_faults(request: Request) -> Response:
    body = await request.json()
    try:
        _world(request).faults.set(str(body["kind"]), float(body.get("rate", 1)), body.get("path"))
    except (KeyError, ValueError) as error:
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
    return Response(status_code=204)


async def messages(request: Request) -> JSONResponse:
    """`to`: a phone, an address, a member."""
    return JSONResponse({"items": _world(request).messages(request.query_params.get("to"))})


async def calls(request: Request) -> JSONResponse:
    return JSONResponse(dict(_world(request).calls))


async def reset(request: Request) -> Response:
    _world(request).reset()
    return Response(status_code=204)


CONTROL = [
    Route("/_fake/faults", set_faults, methods=["POST"]),
    Route("/_fake/messages", messages, methods=["GET"]),
    Route("/_fake/calls", calls, methods=["GET"]),
    Route("/_fake/reset", reset, methods=["POST"]),
]
