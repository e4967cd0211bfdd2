"""Calm: when one person's phone may ring next, and how many messages become one. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from app.deadlines.arithmetic import WorkingCalendar
from app.kernel.clock import DAY, SHANGHAI
from app.notifications.channels import Channel
from app.notifications.hours import LONGEST_CLOSED, Window, may_ring_at, off_the_crowd, own_minute
from app.notifications.policy import Routing


@dataclass(frozen=True)
class Wishes:
    """How one person can and wants to be told outside the inbox; `channels` in order."""

    channels: tuple[Channel, ...] = ()
    quiet: tuple[time, time] | None = None
    digest_only: bool = False


@dataclass(frozen=True)
class Person:
    """One person's wishes under the county's routing and calendar."""

    id: UUID
    wishes: Wishes
    calendar: WorkingCalendar
    routing: Routing

    @property
    def window(self) -> Window:
        return Window(self.routing.hours, self.calendar, self.wishes.quiet)

    def first_ring(self, line: str, now: datetime) -> datetime:
        """From when on a message of this line may ring here (UTC)."""
        urgent = line in self.routing.urgent
        if self.wishes.digest_only and not urgent:
            return self.next_digest(now)
        return may_ring_at(now, self.window, person=self.id, urgent=urgent)

    def next_digest(self, now: datetime) -> datetime:
        """The next instant at which this person's digest goes out (UTC), never before `now`."""
        local = now.astimezone(SHANGHAI)
        for at in (self._digest_of(local.date() + n * DAY) for n in range(LONGEST_CLOSED)):
            if at >= local and self.window.is_open(at):
                return at.astimezone(UTC)
        return may_ring_at(now, self.window, person=self.id)

    def held_until(self, line: str, sent_today: int, now: datetime) -> datetime | None:
        """None: send now. Else wait: the day's last push is its digest, and after it the day is over."""
        most = self.routing.calm.daily_pushes
        if line in self.routing.urgent or sent_today < most - 1:
            return None
        if sent_today >= most:
            return self._tomorrow(now)
        digest = self._digest_of(now.astimezone(SHANGHAI).date())
        return digest.astimezone(UTC) if digest > now and self.window.is_open(digest) else None

    def becomes_one(self, waiting: int, sent_today: int) -> bool:
        """Do so many messages that may ring now go out as one?"""
        calm = self.routing.calm
        last = sent_today >= calm.daily_pushes - 1
        return waiting >= calm.together_from or (waiting > 1 and (last or self.wishes.digest_only))

    def _digest_of(self, day: date) -> datetime:
        at = datetime.combine(day, self.routing.calm.digest_at, SHANGHAI)
        return off_the_crowd(at + own_minute(self.id, self.routing.hours.spread_minutes))

    def _tomorrow(self, now: datetime) -> datetime:
        local = now.astimezone(SHANGHAI)
        closing = datetime.combine(local.date(), self.routing.hours.closes, SHANGHAI)
        return may_ring_at(max(closing, local).astimezone(UTC), self.window, person=self.id)
