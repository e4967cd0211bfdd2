"""A message into a WeCom group: how many of what, and where to look.

A bot's messages lie on third-party servers and are read by the whole group, so this interface takes
no text: neither a title nor a name can slip in. The address names no person either.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import httpx

from app.adapters import http as outside
from app.adapters.bots.wecom import outcome_of
from app.adapters.delivery import Outcome, after_silence

WEBHOOK = "/cgi-bin/webhook/send"


class News(StrEnum):
    """What a group may be told of; the value is what it reads."""

    NEW = "新增待办"
    DUE_SOON = "即将到期"
    OVERDUE = "已逾期，请协助"


@dataclass(frozen=True)
class GroupNotice:
    """`link`: a page behind log-in, without a query. Raises ValueError for another."""

    news: News
    count: int
    link: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.link)
        if parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
            raise ValueError("a bot's link is a plain address")

    def text(self) -> str:
        return f"【联络】{self.news.value} {self.count} 件\n{self.link}"


class GroupBot:
    """`key` is the whole secret: whoever has it may write to the group. 20 messages a minute."""

    def __init__(self, key: str, http: httpx.AsyncClient) -> None:
        self._key = key
        self._http = http

    async def send(self, notice: GroupNotice) -> Outcome:
        """At most one attempt: WeCom can't tell a second attempt from a second message here."""
        body = {"msgtype": "text", "text": {"content": notice.text()}}
        try:
            response = await outside.send_in_time(
                self._http, "POST", WEBHOOK, params={"key": self._key}, json=body
            )
        except outside.Unreachable as silence:
            return after_silence(str(silence), arrived=silence.arrived)
        return outcome_of(response, hide=self._key)
