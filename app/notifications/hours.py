"""When a phone may ring: office hours, working days, a person's own quiet time. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from app.deadlines.arithmetic import WorkingCalendar
from app.kernel.clock import DAY, SHANGHAI
from app.notifications.policy import Hours

LONGEST_CLOSED = 40  # days; the longest holiday known is nine
MINUTE = timedelta(minutes=1)
CROWDED = (59, 0, 1, 29, 30, 31)  # minutes at which everybody's machines send


@dataclass(frozen=True)
class Window:
    """One person's. `quiet`: local times between which nothing rings; it may pass midnight.

    A quiet time that would leave no minute of the day is not heeded.
    """

    hours: Hours
    calendar: WorkingCalendar
    quiet: tuple[time, time] | None = None

    def is_open(self, local: datetime) -> bool:
        works = not self.hours.working_days_only or self.calendar.is_working(local.date())
        return works and self._by_the_clock(local.time())

    def opening_after(self, local: datetime) -> datetime:
        """The next instant at which it opens."""
        for day in _days(local.date()):
            for start in self._starts():
                opening = datetime.combine(day, start, SHANGHAI)
                if opening > local and self.is_open(opening):
                    return opening
        raise ValueError(f"no working day within {LONGEST_CLOSED} days")

    def _by_the_clock(self, at: time) -> bool:
        return self._within(at) and not (self._is_quiet(at) and self._leaves_time())

    def _leaves_time(self) -> bool:
        return any(self._within(start) and not self._is_quiet(start) for start in self._starts())

    def _within(self, at: time) -> bool:
        return self.hours.opens <= at < self.hours.closes

    def _is_quiet(self, at: time) -> bool:
        if self.quiet is None:
            return False
        start, end = self.quiet
        return start <= at < end if start <= end else at >= start or at < end

    def _starts(self) -> list[time]:
        """When it may open: with the hours, or with the end of the quiet time."""
        return sorted({self.hours.opens, *(self.quiet[1:] if self.quiet else ())})


def may_ring_at(now: datetime, window: Window, *, person: UUID, urgent: bool = False) -> datetime:
    """The first instant (UTC) from `now` (business time) on at which this person's phone may ring.

    What waits for an opening is spread: each person has a minute of their own, never a crowded one.
    """
    local = now.astimezone(SHANGHAI)
    if urgent or window.is_open(local):
        return now
    opening = window.opening_after(local)
    own = off_the_crowd(opening + own_minute(person, window.hours.spread_minutes))
    return (own if window.is_open(own) else opening).astimezone(UTC)


def own_minute(person: UUID, spread: int) -> timedelta:
    """The same for a person every day, so that what waits for one person goes out together."""
    return (person.int % spread if spread else 0) * MINUTE


def off_the_crowd(at: datetime) -> datetime:
    """Not at :00 or :30, nor a minute beside."""
    while at.minute in CROWDED:
        at += MINUTE
    return at


def _days(first: date) -> Iterator[date]:
    return (first + n * DAY for n in range(LONGEST_CLOSED))
