"""The one door through which we call addresses that others gave us.

Names are looked up here, every address is checked, and the connection goes to the checked address itself
with the name kept in Host and TLS: no second look-up can lead elsewhere. Redirects are not followed.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

import httpx

from app.adapters.http import make_client
from app.settings import Settings
from app.webhooks.addresses import DEFAULT_PORTS, Policy, check_addresses, check_url, literal_address
from app.webhooks.errors import AddressNotPublic, UrlUnfit
from app.webhooks.retrying import Answer, retry_after

TIMEOUT = 15.0  # seconds for the whole attempt
USER_AGENT = "Lianluo-Webhooks/1"

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


async def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as this machine resolves it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def policy_of(settings: Settings) -> Policy:
    """Plain http is for development only; private addresses only where the operator says so."""
    return Policy(
        allow_http=settings.environment == "development", allow_private=settings.webhook_allow_private
    )


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves once, checks, and hands `inner` a request to the address, not to the name."""

    def __init__(self, inner: httpx.AsyncBaseTransport, policy: Policy, resolve: Resolver) -> None:
        self._inner = inner
        self._policy = policy
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises UrlUnfit, AddressNotPublic, OSError (no such name) before anything is connected."""
        check_url(str(request.url), self._policy)
        host = request.url.host
        if literal_address(host) is None:
            port = request.url.port or DEFAULT_PORTS[request.url.scheme]
            address = check_addresses(await self._resolve(host, port), self._policy)
            request.url = request.url.copy_with(host=address)  # the Host header was set from the name
            request.extensions = {**request.extensions, "sni_hostname": host}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Sender:
    """The adapter of `webhooks.deliver`: HTTP/1.1, each attempt on a connection of its own.

    A kept connection is known by its address alone: one that proved to be a.example must not serve b.example.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        resolve: Resolver = look_up,
        inner: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        alone = httpx.Limits(max_keepalive_connections=0)
        inner = inner or httpx.AsyncHTTPTransport(trust_env=False, limits=alone)
        self._http = make_client("", transport=PinnedTransport(inner, policy, resolve))
        self._timeout = timeout

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One attempt; never raises for what the receiver, the network or the name's owner does."""
        sent = {"content-type": "application/json", "user-agent": USER_AGENT, **headers}
        try:
            async with asyncio.timeout(self._timeout):
                return await self._status(url, body, sent)
        except (AddressNotPublic, UrlUnfit) as refused:
            return Answer(error=refused.code)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(error="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Answer(error=type(error).__name__)

    async def _status(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Status and Retry-After: the answer's body is never read."""
        limit = httpx.Timeout(self._timeout)
        asked = self._http.stream(
            "POST", url, content=body, headers=headers, follow_redirects=False, timeout=limit
        )
        async with asked as answer:
            return Answer(answer.status_code, retry_after=retry_after(answer.headers.get("retry-after")))

    async def close(self) -> None:
        await self._http.aclose()
