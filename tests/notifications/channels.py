"""Channels that answer what a test tells them to, and keep what they were given."""

from collections import deque
from dataclasses import dataclass, field

from app.adapters.delivery import Ambiguous, Delivered, Outcome
from app.notifications.channels import Push


@dataclass
class Telephone:
    """`answers` are used up one by one; then everything is delivered. `sent`: what went out."""

    answers: deque[Outcome] = field(default_factory=deque)
    sent: list[Push] = field(default_factory=list)

    async def send(self, push: Push) -> Outcome:
        self.sent.append(push)
        return self.answers.popleft() if self.answers else Delivered(str(push.key))


@dataclass
class SilentTelephone(Telephone):
    """Every answer is lost; `receipts` tells later what became of it."""

    receipts: dict[str, Outcome] = field(default_factory=dict)

    async def send(self, push: Push) -> Outcome:
        self.sent.append(push)
        return Ambiguous("timeout")

    async def find(self, push: Push) -> Outcome | None:
        return self.receipts.get(push.address)
