"""The fake as an ASGI application, for httpx.ASGITransport and for uvicorn.

Run uvicorn with `access_log=False`: as at WeChat, tokens stand in the URLs.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.fakes.wechat import auth, codes, login, messages, quota, safety
from app.fakes.wechat.control import CONTROL, is_local
from app.fakes.wechat.faults import Fault
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
        middleware=[Middleware(Gate, world=world)],
    )
    app.state.world = world
    return app


def bad_control(request: Request, error: Exception) -> JSONResponse:
    """A field missing or wrong on the control plane; elsewhere it is a bug of the fake."""
    if not request.url.path.startswith("/_fake/"):
        raise error
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)


class Gate:
    """Counts calls to WeChat's paths and lets trouble happen to them; guards the control plane."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app, self.world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith("/_fake/"):
            answer = self.app if is_local(Request(scope)) else Response(status_code=404)
            await answer(scope, receive, send)
        else:
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        self.world.calls[path] += 1
        fault, line = self.world.faults.draw(path), self.world.faults.line
        if fault is Fault.TIMEOUT:
            await line.stall()
        elif fault is Fault.LOST_ANSWER:
            await self.app(scope, receive, lose)
            await line.cut(send)
        else:
            await self._answer(scope, fault)(scope, receive, send)

    def _answer(self, scope: Scope, fault: Fault) -> ASGIApp:
        """What answers: trouble, a scripted refusal, or the fake itself."""
        if fault is Fault.SERVER_ERROR:
            return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", status_code=502)
        refusal = TROUBLE.get(fault) or self.world.scripted_refusal(scope["path"])
        return refuse(Request(scope), refusal) if refusal else self.app


TROUBLE = {
    Fault.BUSY: Refusal(-1, "system error"),
    Fault.QUOTA: Refusal(45009, "reach max api daily quota limit"),
}


async def lose(message: Message) -> None:
    """Where lost answers go."""
