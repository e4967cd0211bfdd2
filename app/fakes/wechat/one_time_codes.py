"""Log-in codes and phone codes: five minutes, one use."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.fakes.wechat.refusals import Refusal
from app.kernel.clock import Clock

LIFE = timedelta(minutes=5)


@dataclass
class Code:
    openid: str
    phone: str
    ends: datetime
    used: bool = False


@dataclass
class CodeDesk:
    """Codes of one sort. `phone` is empty for log-in codes."""

    clock: Clock
    codes: dict[str, Code] = field(default_factory=dict, repr=False)

    def mint(self, openid: str, phone: str = "") -> str:
        code = secrets.token_hex(16)
        self.codes[code] = Code(openid, phone, self.clock() + LIFE)
        return code

    def redeem(self, text: str) -> Code:
        code = self.codes.get(text)
        if code is None or code.ends <= self.clock():
            raise Refusal(40029, "invalid code")
        if code.used:
            raise Refusal(40163, "code been used")
        code.used = True
        return code
