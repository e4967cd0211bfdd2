"""One short message, whichever provider carries it. Pure.

Neither provider can tell a second attempt from a second message. A send whose answer was lost is never
repeated blindly: `find` looks for its `reference` among the provider's receipts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.adapters.delivery import Outcome
from app.adapters.wechat.values import tidy

MAINLAND = re.compile(r"(?:\+86|0086)?(1[3-9][0-9]{9})")
LONGEST_VALUE = 35  # Aliyun's limit of one variable, the stricter
FORBIDDEN = re.compile(r"[【】]|https?://\S*")  # both providers refuse them inside a variable
NOTHING = "无"


@dataclass(frozen=True)
class Sms:
    """`values`: the template's variables in the order of its text.

    `reference`: our id of the delivery, at most 256 characters, the same at each attempt.
    """

    phone: str = field(repr=False)
    template: str
    values: Mapping[str, str] = field(repr=False)
    reference: str = ""

    def mainland_phone(self) -> str | None:
        """Eleven digits; None if it is none of ours: it would only cost money."""
        found = MAINLAND.fullmatch(re.sub(r"[\s\-]", "", self.phone))
        return found.group(1) if found else None

    def fitted(self) -> dict[str, str]:
        return {name: clip(value) for name, value in self.values.items()}


class SmsChannel(Protocol):
    async def send(self, sms: Sms) -> Outcome:
        """At most one attempt; never raises for what the provider says."""
        ...

    async def find(self, sms: Sms) -> Outcome | None:
        """Asked later: what became of it; None where the provider does not know (yet)."""
        ...


def clip(text: str) -> str:
    """One line a provider takes as a variable."""
    fit = tidy(FORBIDDEN.sub("", text))
    return (fit if len(fit) <= LONGEST_VALUE else fit[: LONGEST_VALUE - 1] + "…") or NOTHING


def without(secret: str, words: str) -> str:
    """A provider's words may repeat the phone; notes are logged."""
    return words.replace(secret, "***") if secret else words
