"""The access token, shared by all processes, and how it is renewed.

WeChat hands the same token to all who ask until shortly before its end. A token proven bad is
asked for again; only if the same one comes back is WeChat told to make a new one by force, which
it allows 20 times a day, 30 seconds apart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from app.adapters.wechat.errors import STABLE_TOKEN, Kind, WeChatError
from app.kernel.clock import Clock, local_date, machine_now

EARLY = timedelta(seconds=300)
AT_LEAST = timedelta(seconds=60)
FORCES_APART = timedelta(seconds=30)
FORCES_A_DAY = 20


@dataclass(frozen=True)
class Token:
    """`expires_at`: machine time from which we ask anew, a little before WeChat's own end.

    `forced_at` is the last use of force, `forces` their number on that day in Beijing.
    """

    value: str = field(repr=False)
    expires_at: datetime
    forced_at: datetime | None = None
    forces: int = 0

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at

    def forces_on_day_of(self, now: datetime) -> int:
        same_day = self.forced_at is not None and local_date(self.forced_at) == local_date(now)
        return self.forces if same_day else 0

    def may_force(self, now: datetime) -> bool:
        rested = self.forced_at is None or now - self.forced_at >= FORCES_APART
        return rested and self.forces_on_day_of(now) < FORCES_A_DAY

    def forced(self, now: datetime) -> "Token":
        return replace(self, forced_at=now, forces=self.forces_on_day_of(now) + 1)


def usable_until(now: datetime, expires_in: int) -> datetime:
    """`expires_in`: WeChat's remaining seconds."""
    return now + max(AT_LEAST, timedelta(seconds=expires_in) - EARLY)


Ask = Callable[[bool], Awaitable[Token]]
"""Asks WeChat for the token; True: by force."""


class TokenStore(Protocol):
    """Where the token lies. `replace` is single-flight across all processes: that is its duty."""

    async def current(self) -> Token | None: ...

    async def replace(self, bad: str | None, ask: Ask) -> Token:
        """A live token that is not `bad`: `renew` under the lock, its result stored."""
        ...


async def renew(
    held: Token | None,
    bad: str | None,
    ask: Ask,
    *,
    now: datetime,
    note: Callable[[Token], Awaitable[None]],
) -> Token:
    """What a store does while it holds the lock; returns the token to store.

    `note` stores the record before force is used, so that force whose answer is lost counts too.
    Raises WeChatError of kind TOKEN where force is due but not allowed now.
    """
    if held and held.value != bad and held.is_live(now):
        return held  # another caller renewed it while we waited

    fresh = await ask(False)
    if held:
        fresh = replace(fresh, forced_at=held.forced_at, forces=held.forces)
    if fresh.value != bad:
        return fresh

    if not fresh.may_force(now):
        raise WeChatError(40001, "force_refresh is spent for now", STABLE_TOKEN, Kind.TOKEN)
    counted = fresh.forced(now)
    await note(replace(counted, expires_at=now))
    fresh = await ask(True)
    return replace(fresh, forced_at=counted.forced_at, forces=counted.forces)


class MemoryTokenStore:
    """For one process only: tests and the demo."""

    def __init__(self, clock: Clock = machine_now) -> None:
        self._clock = clock
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> Token | None:
        return self._token

    async def replace(self, bad: str | None, ask: Ask) -> Token:
        async with self._lock:
            now = self._clock()
            self._token = await renew(self._token, bad, ask, now=now, note=self._keep)
            return self._token

    async def _keep(self, token: Token) -> None:
        self._token = token
