"""The one place that makes HTTP clients, so that no URL with a token in it is ever logged.

httpx logs each full URL at INFO, and its errors carry the request. Here the loggers are silenced
and every failure becomes an `Unreachable`, which knows nothing of the request.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

import httpx

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0

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
