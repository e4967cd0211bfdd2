"""Access tokens: the same token until shortly before its end, force within a quota."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.fakes.wechat.refusals import Refusal
from app.kernel.clock import Clock, local_date

LIFE = timedelta(seconds=7200)
RENEWED_BEFORE_END = timedelta(seconds=300)
FORCES_APART = timedelta(seconds=30)
FORCES_A_DAY = 20


@dataclass
class TokenDesk:
    """The tokens given out. `forced`: when force was used; `forces_asked` counts refused ones too."""

    clock: Clock
    newest: str = field(default="", repr=False)
    ends: dict[str, datetime] = field(default_factory=dict, repr=False)
    killed: set[str] = field(default_factory=set, repr=False)
    forced: list[datetime] = field(default_factory=list)
    forces_asked: int = 0

    def give(self, *, force: bool) -> tuple[str, int]:
        """The token and its remaining seconds."""
        now = self.clock()
        if force:
            self._count_force(now)
            self.killed.add(self.newest)
        if force or self.ends.get(self.newest, now) - RENEWED_BEFORE_END <= now:
            self.newest = f"fake-{secrets.token_urlsafe(48)}"
            self.ends[self.newest] = now + LIFE
        return self.newest, int((self.ends[self.newest] - now).total_seconds())

    def kill(self) -> None:
        """The newest token stops working, though it is still handed out: as in real mishaps."""
        self.killed.add(self.newest)

    def check(self, token: str) -> None:
        if not token:
            raise Refusal(41001, "access_token missing")
        if token in self.killed or token not in self.ends:
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
        if self.ends[token] <= self.clock():
            raise Refusal(42001, "access_token expired")

    def _count_force(self, now: datetime) -> None:
        self.forces_asked += 1
        if self.forced and now - self.forced[-1] < FORCES_APART:
            raise Refusal(45011, "api minute-quota reach limit, must slower, retry next minute")
        today = [at for at in self.forced if local_date(at) == local_date(now)]
        if len(today) >= FORCES_A_DAY:
            raise Refusal(45009, "reach max api daily quota limit")
        self.forced.append(now)
