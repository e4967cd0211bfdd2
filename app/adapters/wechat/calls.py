"""One call to WeChat: the token in front, the reading of the answer, what is tried again.

Only calls that do no harm twice are repeated when no answer came. A refused token is renewed and
the call made once more, whatever the call: WeChat did not carry it out.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from app.adapters import http as outside
from app.adapters.wechat.errors import STABLE_TOKEN, Kind, WeChatError, busy, refused
from app.adapters.wechat.tokens import Token, TokenStore, usable_until
from app.kernel.clock import Clock

log = logging.getLogger(__name__)

BUDGET_SECONDS = 10.0  # a person is waiting
REPEATS = 3
FIRST_PAUSE_SECONDS = 0.2
IMAGE_STARTS = (b"\xff\xd8", b"\x89PNG")  # the content type is not documented
SECRET_FIELDS = ("access_token", "secret", "js_code", "code")

Answer = dict[str, Any]
Sleep = Callable[[float], Awaitable[None]]
Jitter = Callable[[], float]  # a number from 0 to 1


@dataclass(frozen=True)
class Call:
    """`idempotent`: may be sent again although the first one may have arrived."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    idempotent: bool = True

    def with_token(self, token: Token) -> "Call":
        return replace(self, params={**self.params, "access_token": token.value})

    def secrets(self) -> list[str]:
        sent = {**self.params, **(self.body or {})}
        return [str(sent[name]) for name in SECRET_FIELDS if name in sent]


@dataclass(frozen=True)
class App:
    """The mini-program's credentials."""

    appid: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Caller:
    app: App
    tokens: TokenStore
    http: httpx.AsyncClient
    clock: Clock
    sleep: Sleep
    jitter: Jitter
    budget_seconds: float = BUDGET_SECONDS

    async def answer(self, call: Call, *, with_token: bool = True) -> Answer:
        """What WeChat says, where it says yes. Raises WeChatError."""
        content = await self._in_time(call, with_token=with_token)
        if isinstance(content, bytes):
            raise busy("a picture instead of JSON", call.path)
        return content

    async def image(self, call: Call) -> bytes:
        """The same for calls that answer with a picture, or with JSON when they refuse."""
        content = await self._in_time(call, with_token=True)
        if isinstance(content, bytes):
            return content
        raise busy("JSON instead of a picture", call.path)

    async def _in_time(self, call: Call, *, with_token: bool) -> Answer | bytes:
        work = self._authorised(call) if with_token else self._persist(call)
        try:
            async with asyncio.timeout(self.budget_seconds):
                return await work
        except TimeoutError:
            error = busy("time budget spent", call.path)
        except WeChatError as refusal:
            error = refusal
        level = logging.INFO if error.kind is Kind.USER_FINAL else logging.WARNING
        log.log(level, "wechat: %s (%s)", error, error.kind)
        raise error

    async def _authorised(self, call: Call) -> Answer | bytes:
        token = await self._live_token()
        try:
            return await self._persist(call.with_token(token))
        except WeChatError as error:
            if error.kind is not Kind.TOKEN:
                raise
        token = await self.tokens.replace(token.value, self._ask)
        return await self._persist(call.with_token(token))

    async def _live_token(self) -> Token:
        token = await self.tokens.current()
        if token and token.is_live(self.clock()):
            return token
        return await self.tokens.replace(None, self._ask)

    async def _ask(self, force: bool) -> Token:
        """Ask for the token. By force never twice: each use kills the token before."""
        body = {
            "grant_type": "client_credential",
            "appid": self.app.appid,
            "secret": self.app.secret,
            "force_refresh": force,
        }
        answer = await self._persist(Call("POST", STABLE_TOKEN, body=body, idempotent=not force))
        try:
            value, seconds = str(answer["access_token"]), int(answer["expires_in"])  # type: ignore[call-overload]
        except (KeyError, TypeError, ValueError):
            raise busy("no token in the answer", STABLE_TOKEN) from None
        return Token(value, usable_until(self.clock(), seconds))

    async def _persist(self, call: Call) -> Answer | bytes:
        for repeat in range(REPEATS):
            try:
                return await self._attempt(call)
            except WeChatError as error:
                if error.kind is not Kind.BUSY or not call.idempotent:
                    raise
            await self.sleep(FIRST_PAUSE_SECONDS * 2**repeat * (1 + self.jitter()))
        return await self._attempt(call)

    async def _attempt(self, call: Call) -> Answer | bytes:
        body = {} if call.body is None else {"json": call.body}
        try:
            response = await outside.send(self.http, call.method, call.path, params=dict(call.params), **body)
        except outside.Unreachable as silence:
            raise busy(str(silence), call.path, arrived=silence.arrived) from None
        if response.content.startswith(IMAGE_STARTS):
            return response.content
        return read(response, call)


def read(response: httpx.Response, call: Call) -> Answer:
    """WeChat's JSON, which may be called text/plain and hold control characters."""
    if response.status_code >= 500:
        raise busy(f"HTTP {response.status_code}", call.path)
    try:
        answer = json.loads(response.content.decode("utf-8", "ignore"), strict=False)
        errcode = int(answer.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError):
        answer, errcode = None, 0
    if answer is None or (response.status_code >= 400 and not errcode):
        raise busy(f"not WeChat's JSON, HTTP {response.status_code}", call.path)
    if errcode:
        raise refused(errcode, str(answer.get("errmsg", "")), call.path, hide=call.secrets())
    return dict(answer)
