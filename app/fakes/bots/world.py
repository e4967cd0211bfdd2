"""What the fake WeCom knows and has shown, in memory."""

import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.fakes.faults import Faults
from app.fakes.subject import about_link
from app.kernel.clock import SHANGHAI, Clock

TOKEN_LIFE = timedelta(seconds=7200)
BOT_WINDOW, BOT_LIMIT = timedelta(minutes=1), 20


@dataclass(frozen=True)
class Shown:
    """One message on a screen; `to` is a member, or `group`."""

    at: datetime
    channel: str
    to: str
    content: str
    msgid: str = ""

    def as_item(self) -> dict[str, Any]:
        return {
            "at": self.at.astimezone(SHANGHAI).isoformat(),
            "channel": self.channel,
            **about_link(self.content),
            "title": self.content.partition("\n")[0],
            "to": self.to,
            "content": self.content,
            "msgid": self.msgid,
        }


@dataclass
class WecomWorld:
    """`admit_strangers`: a member never added is one too."""

    clock: Clock
    corpid: str = "wwfake0000000001"
    agentid: int = 1000002
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    bot_key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    admit_strangers: bool = False
    faults: Faults = field(default_factory=Faults)
    calls: Counter[str] = field(default_factory=Counter)
    members: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was shown and the tokens; credentials and members stay."""
        self.outbox: list[Shown] = []
        self.seen: dict[str, datetime] = {}
        self.token, self.token_ends = "", self.clock()
        self.calls.clear()

    def give_token(self) -> tuple[str, int]:
        """The same one till its end, with its remaining seconds."""
        if self.token_ends <= self.clock():
            self.token, self.token_ends = secrets.token_urlsafe(48), self.clock() + TOKEN_LIFE
        return self.token, int((self.token_ends - self.clock()).total_seconds())

    def kill_token(self) -> None:
        self.token_ends = self.clock()

    def token_is_good(self, token: str) -> bool:
        return bool(token) and token == self.token and self.clock() < self.token_ends

    def knows(self, member: str) -> bool:
        return bool(member) and (self.admit_strangers or member in self.members)

    def bot_is_full(self) -> bool:
        recent = [s for s in self.outbox if s.channel == "bot" and self.clock() - s.at < BOT_WINDOW]
        return len(recent) >= BOT_LIMIT

    def show(self, channel: str, to: str, content: str) -> Shown:
        shown = Shown(self.clock(), channel, to, content, secrets.token_hex(16) if channel == "wecom" else "")
        self.outbox.append(shown)
        return shown

    def is_repeated(self, body: dict[str, Any]) -> bool:
        """With `enable_duplicate_check`: the same JSON within its interval is shown once."""
        if body.get("enable_duplicate_check") != 1:
            return False
        form = json.dumps(body, sort_keys=True)
        interval = timedelta(seconds=min(int(body.get("duplicate_check_interval", 1800)), 4 * 3600))
        last = self.seen.get(form)
        if last is not None and self.clock() - last < interval:
            return True
        self.seen[form] = self.clock()
        return False

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        return [shown.as_item() for shown in self.outbox if to in (None, shown.to)]
