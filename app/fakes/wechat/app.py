"""The fake as an ASGI application, for httpx.ASGITransport and for uvicorn.

Run uvicorn with `access_log=False`: as at WeChat, tokens stand in the URLs.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from app.fakes.faults import Fault
from app.fakes.gate import Gate, path_of
from app.fakes.wechat import auth, codes, login, messages, quota, safety
from app.fakes.wechat.control import CONTROL
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import refuse
from app.fakes.wechat.world import World

ROUTES = [
    Route("/cgi-bin/stable_token", auth.stable_token, methods=["POST"]),
    Route("/cgi-bin/token", auth.legacy_token, methods=["GET", "POST"]),
    Route("/sns/jscode2session", login.jscode2session, methods=["GET"]),
    Route("/wxa/business/getuserphonenumber", login.getuserphonenumber, methods=["POST"]),
    Route("/cgi-bin/message/subscribe/send", messages.subscribe_send, methods=["POST"]),
    Route("/wxaapi/newtmpl/gettemplate", messages.gettemplate, methods=["GET"]),
    Route("/wxa/getwxacodeunlimit", codes.getwxacodeunlimit, methods=["POST"]),
    Route("/wxa/msg_sec_check", safety.msg_sec_check, methods=["POST"]),
    Route("/cgi-bin/openapi/quota/get", quota.quota_get, methods=["POST"]),
    Route("/cgi-bin/openapi/rid/get", quota.rid_get, methods=["POST"]),
]


def make_app(world: World, *, environment: str = "development") -> Starlette:
    """Raises RuntimeError in production, where nobody may log in as `demo:<openid>`."""
    if environment == "production":
        raise RuntimeError("the fake WeChat is not for production")
    app = Starlette(
        routes=[*ROUTES, *CONTROL],
        exception_handlers={Refusal: refuse, KeyError: bad_control, ValueError: bad_control},
        middleware=[Middleware(Gate, world=world, trouble=trouble)],
    )
    app.state.world = world
    return app


def bad_control(request: Request, error: Exception) -> JSONResponse:
    """A field missing or wrong on the control plane; elsewhere it is a bug of the fake."""
    if not path_of(request.scope).startswith("/_fake/"):
        raise error
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)


def trouble(scope: Scope, fault: Fault) -> ASGIApp | None:
    """A fault in WeChat's own words, or a scripted refusal."""
    world: World = scope["app"].state.world
    refusal = TROUBLE.get(fault) or world.scripted_refusal(path_of(scope))
    return refuse(Request(scope), refusal) if refusal else None


TROUBLE = {
    Fault.BUSY: Refusal(-1, "system error"),
    Fault.QUOTA: Refusal(45009, "reach max api daily quota limit"),
}
