"""In front of every fake: counts its calls, lets trouble happen to them, guards the control plane."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.fakes.faults import Fault, Faults

CONTROL = "/_fake/"
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

Trouble = Callable[[Scope, Fault], ASGIApp | None]
"""How this service says that it is busy, or its quota spent; None: nothing is the matter."""


class Troubled(Protocol):
    faults: Faults
    calls: Counter[str]


def path_of(scope: Scope) -> str:
    """The service's own path, wherever the fake is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def is_local(request: Request) -> bool:
    """From this machine itself, not through a proxy on it."""
    client = request.client.host if request.client else ""
    return client in LOOPBACK and not any(name in request.headers for name in FORWARDED)


class Gate:
    def __init__(self, app: ASGIApp, world: Troubled, trouble: Trouble) -> None:
        self.app, self.world, self.trouble = app, world, trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif path_of(scope).startswith(CONTROL):
            answer = self.app if is_local(Request(scope)) else Response(status_code=404)
            await answer(scope, receive, send)
        else:
            await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        self.world.calls[path] += 1
        fault, line = self.world.faults.draw(path), self.world.faults.line
        if fault is Fault.TIMEOUT:
            await line.stall()
        elif fault is Fault.LOST_ANSWER:
            await self.app(scope, receive, lose)
            await line.cut(send)
        elif fault is Fault.SERVER_ERROR:
            await BAD_GATEWAY(scope, receive, send)
        else:
            await (self.trouble(scope, fault) or self.app)(scope, receive, send)


BAD_GATEWAY = HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", status_code=502)


async def lose(message: Message) -> None:
    """Where lost answers go."""
