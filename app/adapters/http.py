"""The one place that makes HTTP clients, so that no URL with a token in it is ever logged.

httpx logs each full URL at INFO, and its errors carry the request. Here the loggers are silenced
and every failure becomes an `Unreachable`, which knows nothing of the request.
"""

import asyncio
import json
import logging
from typing import Any
from urllib.parse import urlsplit

import httpx

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
BUDGET_SECONDS = 10.0  # of one send in all: a drip of bytes would restart READ_SECONDS each time

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TALKATIVE = ("httpx", "httpcore")

# Raised before a byte of the request was sent.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Unreachable(Exception):
    """No answer came. `arrived` is False only if the request certainly did not leave us."""

    def __init__(self, why: str, *, arrived: bool) -> None:
        super().__init__(why)
        self.arrived = arrived


def make_client(base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client with our time limits; the caller closes it."""
    silence()
    return httpx.AsyncClient(
        base_url=base_url,
        transport=transport,
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        # A proxy set for the machine would swallow calls to a fake on this machine.
        trust_env=urlsplit(base_url).hostname not in LOOPBACK,
    )


def silence() -> None:
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


async def send(http: httpx.AsyncClient, method: str, path: str, **kwargs: Any) -> httpx.Response:
    """Send once. `Unreachable` is raised outside the handler: no context leads back to the URL."""
    try:
        return await http.request(method, path, **kwargs)
    except httpx.HTTPError as error:
        why, arrived = type(error).__name__, not isinstance(error, NEVER_SENT)
    raise Unreachable(why, arrived=arrived)


async def send_in_time(
    http: httpx.AsyncClient, method: str, path: str, *, seconds: float = BUDGET_SECONDS, **kwargs: Any
) -> httpx.Response:
    """`send`, and an end to it; whatever is cut off by the end may have arrived."""
    try:
        async with asyncio.timeout(seconds):
            return await send(http, method, path, **kwargs)
    except TimeoutError:
        why = "time budget spent"
    raise Unreachable(why, arrived=True)


def json_object(response: httpx.Response) -> dict[str, Any] | None:
    """The object answered, whatever the content type says; None for a gateway's page or 5xx."""
    try:
        answer = json.loads(response.content.decode("utf-8", "ignore"), strict=False)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and response.status_code < 500 else None
