"""Trouble on the line, drawn by chance or for every call: `POST /demo/faults`."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
from starlette.types import Send

STALL_SECONDS = 9.0  # longer than the 8 s a client waits
PROMISED = [(b"content-type", b"application/json"), (b"content-length", b"2")]


class Fault(StrEnum):
    NONE = "none"
    TIMEOUT = "timeout"  # nothing is done, no answer comes
    SERVER_ERROR = "5xx"  # nothing is done, a gateway's HTML page comes
    BUSY = "busy"  # the service says so itself
    LOST_ANSWER = "lost_answer"  # it is done, but the answer never comes
    QUOTA = "quota"  # the day's quota is spent


class Line:
    """How silence feels over a real socket. The server logs an error for each: rightly."""

    async def stall(self) -> None:
        await asyncio.sleep(STALL_SECONDS)

    async def cut(self, send: Send) -> None:
        """Begin an answer and leave: the server then hangs up. (Unbegun, it would say 500.)"""
        await send({"type": "http.response.start", "status": 200, "headers": PROMISED})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class InProcessLine(Line):
    """The same under httpx.ASGITransport, where no time limit and no socket exist."""

    async def stall(self) -> None:
        raise httpx.ReadTimeout("stalled")

    async def cut(self, send: Send) -> None:
        raise httpx.RemoteProtocolError("cut off")


def fair_chance(seed: int = 0) -> Callable[[], float]:
    """Numbers from 0 to 1, the same ones on every start."""
    return random.Random(seed).random  # noqa: S311  # faults should repeat, not be secret


@dataclass
class Faults:
    """`rate`: the share of calls that go wrong, 0-1. `path`: only calls to this path."""

    line: Line = field(default_factory=Line)
    chance: Callable[[], float] = field(default_factory=fair_chance)
    kind: Fault = Fault.NONE
    rate: float = 1.0
    path: str | None = None

    def set(self, kind: Fault | str, rate: float = 1.0, path: str | None = None) -> None:
        """Raises ValueError for an unknown kind or a rate outside 0-1."""
        if not 0 <= rate <= 1:
            raise ValueError("rate is from 0 to 1")
        self.kind, self.rate, self.path = Fault(kind), rate, path

    def draw(self, path: str) -> Fault:
        concerned = self.kind is not Fault.NONE and self.path in (None, path)
        return self.kind if concerned and self.chance() < self.rate else Fault.NONE
