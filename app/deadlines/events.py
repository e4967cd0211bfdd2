"""What the clocks tell others."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CalendarRunningOut(Event):
    """工作日历即将用完: no year after this day is announced; for the operator, once for each such day."""

    name: ClassVar[str] = "calendar.running_out"
    announced_through: date
    next_year: int


@dataclass(frozen=True, kw_only=True)
class CalendarAnnounced(Event):
    """A year's days of rest were announced or corrected; open clocks are being counted anew."""

    name: ClassVar[str] = "calendar.announced"
    year: int
    version: int
