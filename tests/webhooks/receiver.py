"""A small real receiver: an ASGI application that verifies with the standard's own library."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

ADDRESS = "1.1.1.1"


async def everywhere(host: str, port: int) -> Sequence[str]:
    """A resolver to whom every name is one public address."""
    return [ADDRESS]


@dataclass(frozen=True)
class Got:
    id: str
    timestamp: str
    host: str
    connected_to: str | None
    said: dict[str, Any]


async def _nothing() -> None:
    return None


@dataclass
class Receiver:
    """Answers with `statuses` one after the other, the last for ever. `meanwhile` runs before it answers."""

    secret: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] = _nothing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        said = Webhook(self.secret).verify(await request.body(), dict(request.headers))
        self.got.append(
            Got(
                id=request.headers["webhook-id"],
                timestamp=request.headers["webhook-timestamp"],
                host=request.headers["host"],
                connected_to=scope["server"][0],
                said=said,
            )
        )
        await self.meanwhile()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        await Response(status_code=status, headers=self.headers)(scope, receive, send)
