"""Around every request: id, tenant, log line, metric, safe headers. Paths with receipts are not logged."""

import re
import time

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.infra.db import Database
from app.infra.http_errors import answer_of
from app.infra.logs import log
from app.infra.metrics import REQUESTS
from app.infra.tenants import claimed_slug, host_of
from app.kernel.ids import new_id

TENANTLESS = (
    *("/health/", "/metrics", "/static/", "/docs", "/openapi", "/demo/", "/favicon.ico"),
    "/wechat/",  # one mini-program for every county
)
LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD = 100 * 1024 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{8,64}")
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


class HttpFrame:
    """Pure ASGI; sets `request.state.request_id` and `.tenant`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(headers)
        answered = _Answered(send, state["request_id"])
        started = time.perf_counter()
        try:
            await self._serve(scope, _Bounded(receive, scope["path"], headers), answered, headers)
        finally:
            _report(scope, answered.status, time.perf_counter() - started, state["request_id"])

    async def _serve(
        self, scope: Scope, receive: Receive, send: "_Answered", headers: dict[bytes, bytes]
    ) -> None:
        try:
            if not scope["path"].startswith(TENANTLESS):
                database: Database = scope["app"].state.database
                registry = await database.tenants()
                tenant = registry.choose(host_of(headers), claimed_slug(headers))
                scope["state"]["tenant"] = tenant
            await self.app(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            answer = answer_of(Request(scope), error)
            if not send.started:
                await answer(scope, receive, send)


class _Bounded:
    """The `receive` of one request: refuses a body beyond the limit, declared or streamed."""

    def __init__(self, receive: Receive, path: str, headers: dict[bytes, bytes]) -> None:
        self._receive = receive
        self._left = LARGEST_UPLOAD if path.endswith("/uploads") or path.startswith("/s/") else LARGEST_BODY
        declared = headers.get(b"content-length", b"0")
        self._hopeless = declared.isdigit() and int(declared) > self._left

    async def __call__(self) -> Message:
        if self._hopeless:
            raise HTTPException(413)
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message


class _Answered:
    """The `send` of one request: adds headers, remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 500
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    return given if REQUEST_ID.fullmatch(given) else new_id().hex


def _template(scope: Scope) -> str:
    """The matched route's whole path with its parameters' names, never their values.

    FastAPI 0.165 keeps included routers apart: `route` alone would lack the prefix.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(whole or scope.get("route"), "path", "unmatched")


def _report(scope: Scope, status: int, seconds: float, request_id: str) -> None:
    template = _template(scope)
    REQUESTS.labels(scope["method"], template, str(status)).observe(seconds)
    log.info(
        "request",
        request_id=request_id,
        method=scope["method"],
        route=template,
        status=status,
        ms=round(seconds * 1000, 1),
    )
