"""When a whole channel counts as down, and when it is tried again. Pure; machine time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.adapters.delivery import Ambiguous, Outcome, Rejected, Retry, Stands

MOST_FAILURES = 5  # in a row, of any persons
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)
QUOTA = 1800  # seconds: who is sent away for so long has met a quota
PASSING = frozenset({"rate"})  # slow down for this person; the channel is well
PROBE = timedelta(seconds=30)  # how long one worker may try alone whether the channel is back


@dataclass(frozen=True)
class Breaker:
    """`open_until` None: closed. Past it, one send may try; its outcome closes or opens it again."""

    failures: int = 0
    open_until: datetime | None = None
    reason: str | None = None

    def is_open(self, at: datetime) -> bool:
        return self.open_until is not None and at < self.open_until

    def is_half_open(self, at: datetime) -> bool:
        return self.open_until is not None and at >= self.open_until


def after(before: Breaker, outcome: Outcome, at: datetime) -> Breaker:
    """What one more outcome says of the channel."""
    match outcome:
        case Rejected(reason, Stands.CHANNEL):
            return Breaker(before.failures + 1, at + LONGEST_PAUSE, reason)
        case Retry(_, reason) if reason in PASSING:
            return before
        case Retry(seconds, reason) if seconds >= QUOTA:
            return Breaker(before.failures + 1, at + timedelta(seconds=seconds), reason)
        case Retry(_, reason) | Ambiguous(reason):
            return _failed(before, reason, at)
    return Breaker()


def _failed(before: Breaker, reason: str, at: datetime) -> Breaker:
    failures = before.failures + 1
    if failures < MOST_FAILURES:
        return Breaker(failures, before.open_until, reason)
    pause = min(FIRST_PAUSE * 2 ** min(failures - MOST_FAILURES, 10), LONGEST_PAUSE)
    return Breaker(failures, at + pause, reason)
