"""When a clock is to be looked at again."""

from datetime import datetime

from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.lines import Crossing, Nature, crossings, next_crossing
from app.deadlines.models import Deadline


def planned(clock: Deadline, calendar: WorkingCalendar) -> tuple[Crossing, ...]:
    """Every line of the clock as its due date now stands."""
    return crossings(
        started_on=clock.started_on,
        last_day=clock.last_day,
        nature=Nature(clock.nature),
        warn_days=clock.warn_days,
        calendar=calendar,
    )


def plan_next(clock: Deadline, calendar: WorkingCalendar) -> None:
    """Set when this clock is to be looked at again: at its first line not yet looked at.

    A paused clock crosses no line.
    """
    paused = clock.paused_on is not None
    following = None if paused else next_crossing(planned(clock, calendar), clock.looked_through)
    clock.next_line = following.line if following else None
    clock.next_line_at = following.at if following else None


def supersede(clock: Deadline, *, now: datetime) -> None:
    """The due date moved: another occurrence. Lines already past are superseded, never told."""
    clock.due_revision += 1
    clock.looked_through = max(clock.looked_through, now)
