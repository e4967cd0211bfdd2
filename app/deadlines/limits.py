"""From rows back to the time limit that a due date is counted from: everything is frozen with the clock."""

from collections.abc import Iterable
from datetime import date

from app.deadlines.arithmetic import Extension, Pause, Period, TimeLimit, Unit
from app.deadlines.models import ChangeKind, Deadline, DeadlineChange


def limit_of(clock: Deadline, changes: Iterable[DeadlineChange] = ()) -> TimeLimit:
    """What the due date is computed from. `changes`: all of the clock's, in order.

    A pause that still lasts is not in it: how far it moves the end is known when the clock runs again.
    """
    told = list(changes)
    return TimeLimit(
        started_on=clock.started_on,
        end=_end(clock),
        rolls=clock.rolls,
        pauses=tuple(_pause(change) for change in told if change.what == ChangeKind.RESUME),
        extensions=tuple(_extension(change) for change in told if grants(change)),
    )


def cap_of(clock: Deadline) -> Period | None:
    """The longest time with extensions, from the start; None: no extension."""
    if clock.cap_amount is None or clock.cap_unit is None:
        return None
    return Period(clock.cap_amount, Unit(clock.cap_unit))


def grants(change: DeadlineChange) -> bool:
    """Did this change set a new date: an extension, or a promise put off?"""
    return "decided_on" in change.facts


def _end(clock: Deadline) -> Period | date:
    if clock.ends_on is None and clock.amount:
        return Period(clock.amount, Unit(clock.unit))
    return clock.ends_on or clock.last_day


def _pause(change: DeadlineChange) -> Pause:
    return Pause(date.fromisoformat(change.facts["since"]), date.fromisoformat(change.facts["until"]))


def _extension(change: DeadlineChange) -> Extension:
    until, decided_on = (date.fromisoformat(change.facts[name]) for name in ("until", "decided_on"))
    return Extension(until, decided_on)
