"""WeChat's mini-program as a channel, and which channels this process has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.adapters.delivery import Outcome, Rejected, Stands
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.values import date_text
from app.deadlines.lines import Line
from app.notifications.channels import Channel, Push, Senders
from app.settings import Settings


@dataclass(frozen=True)
class WechatChannel:
    """The mini-program and its message templates (订阅消息模板); an errand finds it beside `WeChat`."""

    appid: str
    due_soon: str
    overdue: str

    @classmethod
    def of(cls, settings: Settings) -> "WechatChannel":
        return cls(
            appid=settings.wechat_appid,
            due_soon=settings.wechat_template_due_soon,
            overdue=settings.wechat_template_overdue,
        )

    def template(self, line: str) -> str:
        return self.due_soon if line in (Line.DUE_SOON, Line.LAST_DAY) else self.overdue


@dataclass(frozen=True)
class WechatSender:
    wechat: WeChat
    channel: WechatChannel

    async def send(self, push: Push) -> Outcome:
        template = self.channel.template(push.line)
        if not template:
            return Rejected("template-missing", Stands.MESSAGE)
        data = {"thing1": push.matter, "date2": date_text(push.day), "thing3": push.what_to_do}
        return await self.wechat.send_subscribe_message(push.address, template, push.page, data)


def senders_of(outside: Mapping[type, Any]) -> Senders:
    """Every channel this process can send by; WeChat where it is furnished."""
    found = Senders(outside.get(Senders, {}))
    if WeChat in outside and Channel.WECHAT not in found:
        found[Channel.WECHAT] = WechatSender(outside[WeChat], outside[WechatChannel])
    return found
