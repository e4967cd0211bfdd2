"""The ways to a person, and what each way must be able to do: one small protocol for every adapter. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from app.adapters.delivery import Outcome


class Channel(StrEnum):
    INBOX = "inbox"  # 站内消息: everybody has it, nothing is sent
    WECHAT = "wechat"  # 小程序订阅消息
    SMS = "sms"
    WECOM = "wecom"  # 企业微信应用消息
    BOT = "bot"  # 群机器人: reaches a group, never a person's own
    MAIL = "mail"


OUTSIDE = tuple(channel for channel in Channel if channel is not Channel.INBOX)


@dataclass(frozen=True)
class Push:
    """One message to one address of one channel; an adapter takes from it what its channel can carry.

    `key`: stable over every attempt, for a provider's own check for doubles. `address`: an openid, a
    phone number, a userid, a mailbox. `what_to_do`: at most 20 characters. `matter`: how the file may be
    called, never a resident's words. `text`: one whole sentence without personal data. `page`: the
    mini-program's page with its query; `link`: the same for a browser, signed and short-lived, or "".
    """

    key: UUID
    address: str
    line: str
    what_to_do: str
    matter: str
    day: date
    text: str
    page: str
    link: str = ""


class Sender(Protocol):
    """Hands one push to its channel, at most once, and never raises for what the channel answers."""

    async def send(self, push: Push) -> Outcome: ...


@runtime_checkable
class Reconciling(Protocol):
    """A sender that can be asked later what became of a send whose answer was lost (a text message)."""

    async def find(self, push: Push) -> Outcome | None:
        """None: the channel does not know (yet)."""
        ...


class Senders(dict[Channel, Sender]):
    """The one table in which a process registers its channels; an errand finds it by this type."""
