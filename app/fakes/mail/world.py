"""What the fake mail server knows and has taken, in memory."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

from app.fakes.faults import Faults
from app.fakes.subject import about
from app.kernel.clock import SHANGHAI, Clock


@dataclass(frozen=True)
class Received:
    at: datetime
    sender: str
    to: str
    content: bytes

    def as_item(self) -> dict[str, Any]:
        message = message_from_bytes(self.content, policy=default)
        body = message.get_body()
        return {
            "at": self.at.astimezone(SHANGHAI).isoformat(),
            "channel": "mail",
            **about(str(message["X-Lianluo-Reference"] or "")),
            "title": str(message["Subject"]),
            "to": self.to,
            "from": self.sender,
            "text": body.get_content() if body else "",
            "message_id": str(message["Message-ID"]),
            "auto_submitted": str(message["Auto-Submitted"]),
        }


@dataclass
class MailWorld:
    """`password` empty: nobody need log in. `unknown`: addresses that lead nowhere here."""

    clock: Clock
    user: str = ""
    password: str = field(default="", repr=False)
    faults: Faults = field(default_factory=Faults)
    calls: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    outbox: list[Received] = field(default_factory=list)

    def reset(self) -> None:
        self.outbox.clear()
        self.calls.clear()

    def receive(self, sender: str, to: str, content: bytes) -> None:
        self.outbox.append(Received(self.clock(), sender, to, content))

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        return [received.as_item() for received in self.outbox if to in (None, received.to)]
