"""A clock's light (红黄绿灯): computed from its facts at the moment of asking, never stored. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.deadlines.lines import Nature


class Light(StrEnum):
    GREEN = "green"  # in time
    YELLOW = "yellow"  # the due-soon line has come, or the last day
    RED = "red"  # past due, still open
    GREY = "grey"  # done, or a right that expired: nobody owes anything


@dataclass(frozen=True)
class ClockFacts:
    """`warned_from`: the instant of the first line, None if the clock draws none before its last day."""

    nature: Nature
    last_day_begins: datetime
    warned_from: datetime | None
    due_at: datetime
    stopped_at: datetime | None = None


def light(clock: ClockFacts, now: datetime) -> Light:
    """`now`: business time. A window turns grey at its end: it expires silently."""
    if clock.stopped_at is not None and clock.stopped_at <= now:
        return Light.GREY
    if now >= clock.due_at:
        return Light.RED if clock.nature is Nature.DUTY else Light.GREY
    if now >= min(clock.warned_from or clock.last_day_begins, clock.last_day_begins):
        return Light.YELLOW
    return Light.GREEN
