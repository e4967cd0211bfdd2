"""What an answer means and when to try again (pure): Standard Webhooks' schedule."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# The wait after the first, second, … failed attempt; 75 h 35 min in all, then parked.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS = len(WAITS) + 1
JITTER = 0.1  # of the wait, added: endpoints that failed together do not all come back at once
LONGEST_ASKED = timedelta(hours=24)
GONE = 410
THROTTLED = {429, 502, 503, 504}
THROTTLED_FOR = timedelta(minutes=1)


class Verdict(StrEnum):
    DELIVERED = "delivered"
    AGAIN = "again"
    PARKED = "parked"
    GONE = "gone"


@dataclass(frozen=True)
class Answer:
    """`status` None: no answer came, `error` says why. `retry_after`: as the receiver asked."""

    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def pause(self) -> timedelta | None:
        """How long to leave the whole endpoint alone, if it said that it is overrun."""
        if self.status not in THROTTLED:
            return None
        return min(self.retry_after or THROTTLED_FOR, LONGEST_ASKED)


def verdict(answer: Answer, attempt: int) -> Verdict:
    """`attempt` counts from 1. Only 2xx is success: a redirect is never followed."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Verdict.DELIVERED
    if answer.status == GONE:
        return Verdict.GONE
    return Verdict.AGAIN if attempt < ATTEMPTS else Verdict.PARKED


def wait(answer: Answer, attempt: int, chance: float) -> timedelta:
    """Until the next attempt, never sooner than the receiver asked. `chance`: from 0 to 1."""
    planned = WAITS[attempt - 1] * (1 + JITTER * chance)
    return max(planned, answer.pause or planned)


def retry_after(header: str | None) -> timedelta | None:
    """The seconds form only; a date would need the receiver's clock to be right."""
    if header is None or not header.strip().isascii() or not header.strip().isdigit():
        return None
    return timedelta(seconds=min(int(header), int(LONGEST_ASKED.total_seconds())))
