"""Subscription messages: templates, credits, and what people's phones have received."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.fakes.wechat.refusals import Refusal
from app.kernel.clock import SHANGHAI

ONE_TIME, LONG_TERM = 2, 3


@dataclass(frozen=True)
class Template:
    """`content` as WeChat shows it: lines such as `事项:{{thing1.DATA}}`."""

    id: str
    title: str
    content: str
    type: int = ONE_TIME

    def fields(self) -> list[str]:
        return re.findall(r"\{\{(\w+)\.DATA\}\}", self.content)


@dataclass(frozen=True)
class Message:
    """One message on a phone. `page` may say `subject_id` (or `id`) and `line` in its query."""

    at: datetime
    openid: str
    template: Template
    page: str
    data: dict[str, str]
    msgid: int

    def as_item(self) -> dict[str, Any]:
        """For `GET /demo/messages`; `title` is the first `thing`, else the template's title."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.page).query).items()}
        things = [value for key, value in self.data.items() if key.startswith("thing")]
        return {
            "at": self.at.astimezone(SHANGHAI).isoformat(),
            "channel": "wechat",
            "line": query.get("line"),
            "title": things[0] if things else self.template.title,
            "subject_id": query.get("subject_id", query.get("id")),
            "openid": self.openid,
            "template_id": self.template.id,
            "template_title": self.template.title,
            "page": self.page,
            "data": self.data,
            "msgid": self.msgid,
        }


@dataclass
class Credits:
    """How many one-time messages may go to whom; each accepted prompt adds one."""

    default: int = 0
    given: Counter[tuple[str, str]] = field(default_factory=Counter)
    spent: Counter[tuple[str, str]] = field(default_factory=Counter)

    def left(self, openid: str, template_id: str) -> int:
        key = (openid, template_id)
        return self.default + self.given[key] - self.spent[key]

    def grant(self, openid: str, template_id: str, count: int = 1) -> None:
        self.given[openid, template_id] += count

    def drop(self, openid: str, template_id: str) -> None:
        self.spent[openid, template_id] += self.left(openid, template_id)

    def spend(self, openid: str, template: Template) -> None:
        """A long-term subscription is not used up."""
        if self.left(openid, template.id) <= 0:
            raise Refusal(43101, "user refuse to accept the msg")
        if template.type == ONE_TIME:
            self.spent[openid, template.id] += 1
