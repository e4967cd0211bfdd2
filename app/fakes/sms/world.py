"""What the fake providers know and have sent, in memory. One account serves for both."""

import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.fakes.faults import Faults
from app.fakes.subject import about
from app.kernel.clock import SHANGHAI, Clock, local_date

# Aliyun's limits of one signature to one number; Tencent's console lets one set the same.
PER_NUMBER = ((timedelta(minutes=1), 1, "分钟级"), (timedelta(hours=1), 5, "小时级"))
PER_DAY = 10


@dataclass(frozen=True)
class SmsTemplate:
    """`content` with `${name}`s; Tencent numbers them in the same order."""

    id: str
    content: str

    @property
    def names(self) -> list[str]:
        return re.findall(r"\$\{(\w+)\}", self.content)

    def filled(self, values: list[str]) -> str:
        texts = iter(values)
        return re.sub(r"\$\{\w+\}", lambda _: next(texts), self.content)


@dataclass(frozen=True)
class Text:
    at: datetime
    phone: str
    provider: str
    template: str
    content: str
    reference: str
    serial: str

    def as_item(self) -> dict[str, Any]:
        return {
            "at": self.at.astimezone(SHANGHAI).isoformat(),
            "channel": "sms",
            **about(self.reference),
            "title": self.content,
            "phone": self.phone,
            "provider": self.provider,
            "template_id": self.template,
            "reference": self.reference,
            "serial": self.serial,
        }


@dataclass
class SmsWorld:
    """`quotas`: are the limits per number kept? The demo lifts them, so that a moved clock can ring."""

    clock: Clock
    key_id: str = "fake-key-id"
    key_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    app_id: str = "1400000000"
    sign_name: str = "示例县人大"
    quotas: bool = True
    faults: Faults = field(default_factory=Faults)
    calls: Counter[str] = field(default_factory=Counter)
    templates: dict[str, SmsTemplate] = field(default_factory=dict)
    blacklist: set[str] = field(default_factory=set)
    switched_off: set[str] = field(default_factory=set)  # phones whose receipts say: not received

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was sent; account, templates and blacklist stay."""
        self.outbox: list[Text] = []
        self.nonces: set[str] = set()
        self.calls.clear()

    def add_template(self, template: SmsTemplate) -> None:
        self.templates[template.id] = template

    def limit_reached(self, phone: str) -> str | None:
        """Which one, in the providers' word; None: one more may go."""
        now = self.clock()
        sent = [text.at for text in self.outbox if text.phone == phone] if self.quotas else []
        for window, most, word in PER_NUMBER:
            if sum(now - at < window for at in sent) >= most:
                return word
        today = sum(local_date(at) == local_date(now) for at in sent)
        return "天级" if today >= PER_DAY else None

    def receive(self, phone: str, provider: str, template: SmsTemplate, values: list[str], ref: str) -> Text:
        serial = f"{provider}:{secrets.token_hex(12)}"
        text = Text(self.clock(), phone, provider, template.id, template.filled(values), ref, serial)
        self.outbox.append(text)
        return text

    def receipts(self, phone: str) -> list[tuple[Text, bool]]:
        """The carrier's word on what was sent to a phone: was it received?"""
        return [(text, phone not in self.switched_off) for text in self.outbox if text.phone == phone]

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        return [text.as_item() for text in self.outbox if to in (None, text.phone)]
