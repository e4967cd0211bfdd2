"""The control plane `/_fake/…`: what a person or a test does to the fake. Loopback only."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.fakes.wechat.codes import open_page
from app.fakes.wechat.replies import body_of, world_of
from app.fakes.wechat.subscriptions import ONE_TIME, Template


async def add_user(request: Request) -> Response:
    world_of(request).add_user(str((await body_of(request))["openid"]))
    return Response(status_code=204)


async def add_template(request: Request) -> Response:
    body = await body_of(request)
    kind = int(body.get("type", ONE_TIME))
    template = Template(str(body["id"]), str(body["title"]), str(body["content"]), kind)
    world_of(request).add_template(template)
    return Response(status_code=204)


async def mint_login_code(request: Request) -> JSONResponse:
    body, world = await body_of(request), world_of(request)
    return JSONResponse({"code": world.login_codes.mint(str(body["openid"]))})


async def mint_phone_code(request: Request) -> JSONResponse:
    body, world = await body_of(request), world_of(request)
    code = world.phone_codes.mint(str(body["openid"]), str(body["phone"]))
    return JSONResponse({"code": code})


async def choose_subscription(request: Request) -> Response:
    body = await body_of(request)
    openid, template_id = str(body["openid"]), str(body["template_id"])
    world_of(request).choose(openid, template_id, accept=body.get("accept") is True)
    return Response(status_code=204)


async def set_faults(request: Request) -> Response:
    body = await body_of(request)
    kind, rate = str(body["kind"]), float(body.get("rate", 1))
    world_of(request).faults.set(kind, rate, body.get("path"))
    return Response(status_code=204)


async def kill_token(request: Request) -> Response:
    world_of(request).tokens.kill()
    return Response(status_code=204)


async def messages(request: Request) -> JSONResponse:
    items = world_of(request).messages(request.query_params.get("openid"))
    return JSONResponse({"items": items, "next_cursor": None})


async def pushes(request: Request) -> JSONResponse:
    """The events not yet fetched; fetching takes them away."""
    waiting, taken = world_of(request).pushes, list[dict[str, Any]]()
    while waiting:
        taken.append(waiting.popleft())
    return JSONResponse({"items": taken})


async def calls(request: Request) -> JSONResponse:
    return JSONResponse(dict(world_of(request).calls))


async def reset(request: Request) -> Response:
    world_of(request).reset()
    return Response(status_code=204)


CONTROL = [
    Route("/_fake/users", add_user, methods=["POST"]),
    Route("/_fake/templates", add_template, methods=["POST"]),
    Route("/_fake/login-codes", mint_login_code, methods=["POST"]),
    Route("/_fake/phone-codes", mint_phone_code, methods=["POST"]),
    Route("/_fake/subscription-choices", choose_subscription, methods=["POST"]),
    Route("/_fake/faults", set_faults, methods=["POST"]),
    Route("/_fake/dead-tokens", kill_token, methods=["POST"]),
    Route("/_fake/messages", messages, methods=["GET"]),
    Route("/_fake/pushes", pushes, methods=["GET"]),
    Route("/_fake/calls", calls, methods=["GET"]),
    Route("/_fake/reset", reset, methods=["POST"]),
    Route("/_fake/open", open_page, methods=["GET"]),
]
