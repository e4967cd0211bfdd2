"""The lines that no clock draws: silence, an urge, a broken promise, a calendar's end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.deadlines.lines import Line


class Signal(StrEnum):
    STALLED = "stalled"  # 久未推进: no act on an open assignment for N working days
    URGED = "urged"  # 督办催办
    SLIPPED = "slipped"  # 承诺延期
    CALENDAR = "calendar_running_out"  # 工作日历将用尽
    NO_SIGN_OF_LIFE = "no_sign_of_life"  # 单位无人登录、无人办理
    CREDIT_LOW = "credit_low"  # 微信订阅次数将用尽
    ADDRESS_DEAD = "address_dead"  # 号码或微信已失效
    UNREACHED = "unreached"  # 待电话告知的代表迟迟未告知


@dataclass(frozen=True)
class Setting:
    """`days`: working days after which the line is crossed; None for lines that are not drawn in days."""

    enabled: bool = True
    days: int | None = None


SHIPPED: Mapping[str, Setting] = {
    **dict.fromkeys(Line, Setting()),
    **dict.fromkeys(Signal, Setting()),
    Signal.STALLED: Setting(days=10),
    Signal.NO_SIGN_OF_LIFE: Setting(days=10),
    Signal.UNREACHED: Setting(days=2),
}
LONGEST_DAYS = 60


def occurrence_of(day: date) -> int:
    """A local day as a number: the silent spell that began on it."""
    return day.year * 10_000 + day.month * 100 + day.day
