"""stable_token, and who may call: app secret or access token."""

import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, world_of


def check_app(request: Request, appid: object, secret: object) -> None:
    world = world_of(request)
    if appid != world.appid:
        raise Refusal(40013, "invalid appid")
    if not hmac.compare_digest(str(secret).encode(), world.secret.encode()):
        raise Refusal(40125, "invalid appsecret")


def check_token(request: Request) -> None:
    world_of(request).tokens.check(request.query_params.get("access_token", ""))


async def stable_token(request: Request) -> JSONResponse:
    body = await body_of(request)
    if body.get("grant_type") != "client_credential":
        raise Refusal(40002, "invalid grant_type")
    check_app(request, body.get("appid"), body.get("secret"))
    token, seconds = world_of(request).tokens.give(force=body.get("force_refresh") is True)
    return JSONResponse({"access_token": token, "expires_in": seconds})


async def legacy_token(request: Request) -> JSONResponse:
    """Each use would end the token of every other environment on this appid: a bug of ours."""
    raise Refusal(48001, "legacy token used: /cgi-bin/token; call /cgi-bin/stable_token instead")
