"""The pushed events we act on, read from WeChat's loose JSON. Pure.

`List` is an object when there is one entry and an array when there are more; numbers may be
strings. An event we don't know yields nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Push = Mapping[str, Any]

CHOICES = frozenset({"subscribe_msg_popup_event", "subscribe_msg_change_event"})
SENT = "subscribe_msg_sent_event"
WITHDRAWN = frozenset({"user_authorization_revoke", "user_authorization_cancellation"})


@dataclass(frozen=True)
class SubscriptionChosen:
    """The person's answer to one template. `prompted`: in our prompt, which gives one credit;
    else in WeChat's settings."""

    openid: str
    template_id: str
    accepted: bool
    prompted: bool


@dataclass(frozen=True)
class MessageReported:
    """What became of a sent message. `errcode` 0: shown to the person."""

    openid: str
    template_id: str
    reference: str
    errcode: int
    status: str


@dataclass(frozen=True)
class ConsentWithdrawn:
    """The person took back a consent, or closed the account: the named data must be deleted.

    `data`: WeChat's RevokeInfo codes (8 phone, 13 place, 14 pictures …); empty: everything.
    """

    openid: str
    data: tuple[str, ...]


WeChatEvent = SubscriptionChosen | MessageReported | ConsentWithdrawn


def events_of(push: Push) -> list[WeChatEvent]:
    """What a push says; `push` is tidied already."""
    name, openid = push.get("Event"), str(push.get("FromUserName", ""))
    if name in CHOICES:
        prompted = name == "subscribe_msg_popup_event"
        return [_chosen(openid, entry, prompted=prompted) for entry in entries(push)]
    if name == SENT:
        return [_reported(openid, entry) for entry in entries(push)]
    if name in WITHDRAWN:
        return [_withdrawn(push)]
    return []


def entries(push: Push) -> list[Push]:
    listed = push.get("List", [])
    several = listed if isinstance(listed, list) else [listed]
    return [entry for entry in several if isinstance(entry, dict)]


def dedupe_key(push: Push) -> str:
    """WeChat sends a push up to three times; the key is equal for the repeats only.

    MsgId where there is one. Else sender, second and event, and a digest of the rest: two messages
    sent to one person in one second report with the same three.
    """
    if push.get("MsgId"):
        return str(push["MsgId"])
    digest = hashlib.sha256(json.dumps(push, sort_keys=True).encode()).hexdigest()[:16]
    names = ("FromUserName", "CreateTime", "Event")
    return ":".join([*(str(push.get(name, "")) for name in names), digest])


def _chosen(openid: str, entry: Push, *, prompted: bool) -> SubscriptionChosen:
    accepted = entry.get("SubscribeStatusString") == "accept"
    return SubscriptionChosen(openid, str(entry.get("TemplateId", "")), accepted, prompted)


def _reported(openid: str, entry: Push) -> MessageReported:
    return MessageReported(
        openid=openid,
        template_id=str(entry.get("TemplateId", "")),
        reference=str(entry.get("MsgID", "")),
        errcode=_number(entry.get("ErrorCode")),
        status=str(entry.get("ErrorStatus", "")),
    )


def _withdrawn(push: Push) -> ConsentWithdrawn:
    codes = str(push.get("RevokeInfo", "")).replace("，", ",").split(",")
    openid = str(push.get("OpenID") or push.get("FromUserName", ""))
    return ConsentWithdrawn(openid, tuple(code.strip() for code in codes if code.strip()))


def _number(value: Any) -> int:
    """-1 where it is none: never taken for success."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1
