"""How the fake reads requests and words its answers."""

import json
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.world import World


def world_of(request: Request) -> World:
    return cast(World, request.app.state.world)


def ok(**fields: Any) -> JSONResponse:
    return JSONResponse({"errcode": 0, "errmsg": "ok", **fields})


def refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    rid = world_of(request).remember_refusal(request.url.path, error.errcode)
    return JSONResponse({"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: {rid}"})


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object sent; 47001 where it is none, or where Chinese is written as \\uXXXX."""
    raw = await request.body()
    if b"\\u" in raw.replace(rb"\\", b""):
        raise Refusal(47001, "data format error: \\uxxxx escapes are not taken")
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body
