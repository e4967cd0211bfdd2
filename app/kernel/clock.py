"""The only place that reads the clock, and the two clocks everything else is given.

Business time (`now`) carries the facts of law: clocks, steps, lines, calendars. A demo may move it.
Machine time carries tokens, leases, attempts and `written_at`. It is never moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)

Clock = Callable[[], datetime]


def machine_now() -> datetime:
    """The host's time, aware, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar day of an instant in China: the law counts local days."""
    return instant.astimezone(SHANGHAI).date()


def local_midnight(day: date) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The exclusive end of a local day: the midnight after it, in UTC (民法典 §203: 24:00)."""
    return local_midnight(day + DAY)


@dataclass
class Clocks:
    """Machine time, and business time as machine time plus an offset (zero outside the demo)."""

    machine: Clock = field(default=machine_now)
    offset: timedelta = timedelta(0)

    def business(self) -> datetime:
        return self.machine() + self.offset
