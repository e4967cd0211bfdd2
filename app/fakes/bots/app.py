"""The fake WeCom as an ASGI application. As at WeCom, keys and tokens stand in the URLs."""

import hmac
import json
from typing import Any, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from app.fakes.bots.world import WecomWorld
from app.fakes.control import CONTROL
from app.fakes.faults import Fault
from app.fakes.gate import Gate

LONGEST_TEXT = 2048  # bytes


class Refusal(Exception):
    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode, self.errmsg = errcode, errmsg


def make_app(world: WecomWorld, *, environment: str = "development") -> Starlette:
    """Raises RuntimeError in production."""
    if environment == "production":
        raise RuntimeError("the fake WeCom is not for production")
    app = Starlette(
        routes=[
            Route("/cgi-bin/webhook/send", webhook_send, methods=["POST"]),
            Route("/cgi-bin/gettoken", gettoken, methods=["GET"]),
            Route("/cgi-bin/message/send", message_send, methods=["POST"]),
            *CONTROL,
        ],
        exception_handlers={Refusal: refuse},
        middleware=[Middleware(Gate, world=world, trouble=trouble)],
    )
    app.state.world = world
    return app


def refuse(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return JSONResponse({"errcode": error.errcode, "errmsg": f"{error.errmsg}, more info at (fake)"})


def trouble(scope: Scope, fault: Fault) -> ASGIApp | None:
    refusal = TROUBLE.get(fault)
    return refuse(Request(scope), refusal) if refusal else None


TROUBLE = {
    Fault.BUSY: Refusal(-1, "system busy"),
    Fault.QUOTA: Refusal(45009, "api freq out of limit"),
}


def world_of(request: Request) -> WecomWorld:
    return cast(WecomWorld, request.app.state.world)


def same(given: str | None, right: str) -> bool:
    return hmac.compare_digest((given or "").encode(), right.encode())


async def text_of(request: Request) -> tuple[dict[str, Any], str]:
    """The body, and its text within the limit."""
    try:
        body = json.loads(await request.body())
        content = body["text"]["content"]
    except (ValueError, KeyError, TypeError):
        raise Refusal(40008, "invalid message type") from None
    if not content:
        raise Refusal(44004, "empty content")
    if len(content.encode()) > LONGEST_TEXT:
        raise Refusal(40058, "content exceed max length 2048")
    return body, content


async def webhook_send(request: Request) -> JSONResponse:
    world = world_of(request)
    if not same(request.query_params.get("key"), world.bot_key):
        raise Refusal(93000, "invalid webhook url")
    _, content = await text_of(request)
    if world.bot_is_full():
        raise Refusal(45009, "api freq out of limit")
    world.show("bot", "group", content)
    return JSONResponse({"errcode": 0, "errmsg": "ok"})


async def gettoken(request: Request) -> JSONResponse:
    world = world_of(request)
    if request.query_params.get("corpid") != world.corpid:
        raise Refusal(40013, "invalid corpid")
    if not same(request.query_params.get("corpsecret"), world.secret):
        raise Refusal(40001, "invalid credential")
    token, seconds = world.give_token()
    return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds})


async def message_send(request: Request) -> JSONResponse:
    world = world_of(request)
    if not world.token_is_good(request.query_params.get("access_token", "")):
        raise Refusal(40014, "invalid access_token")
    body, content = await text_of(request)
    if body.get("agentid") != world.agentid:
        raise Refusal(40056, "invalid agentid")
    members = str(body.get("touser", "")).split("|")
    known = [member for member in members if world.knows(member)]
    if not known:
        raise Refusal(81013, "user & party & tag all invalid")
    shown = [] if world.is_repeated(body) else [world.show("wecom", m, content) for m in known]
    invalid = "|".join(member for member in members if member not in known)
    msgid = shown[0].msgid if shown else "repeated"
    return JSONResponse({"errcode": 0, "errmsg": "ok", "invaliduser": invalid, "msgid": msgid})
