"""Clocks as people read them: overdue and how late are computed from the facts, every time."""

from datetime import date, datetime

from app.deadlines.arithmetic import Due, Period, TimeLimit, Unit, WorkingCalendar
from app.deadlines.explanation import explain
from app.deadlines.lines import Nature
from app.deadlines.models import Deadline
from app.deadlines.packs import read_pack
from app.deadlines.schemas import DayOut, DeadlineOut, ExplanationOut, RuleOut
from app.kernel.clock import local_date


def overdue(clock: Deadline, *, now: datetime) -> bool:
    """A duty is overdue from `due_at` on, while open; how late it ended stays a fact after."""
    return clock.nature == Nature.DUTY and (clock.stopped_at or now) >= clock.due_at


def late_days(clock: Deadline, *, now: datetime) -> int:
    """Whole local days past the last day, 0 if in time or a window."""
    if not overdue(clock, now=now):
        return 0
    return (local_date(clock.stopped_at or now) - clock.last_day).days


def shown(clock: Deadline, *, now: datetime) -> DeadlineOut:
    pack = read_pack(clock.pack.partition("@")[0])
    facts = {name: getattr(clock, name) for name in DeadlineOut.model_fields if hasattr(clock, name)}
    return DeadlineOut(
        **facts,
        caution=pack.caution,
        overdue=overdue(clock, now=now),
        late_days=late_days(clock, now=now),
    )


def limit_of(clock: Deadline) -> TimeLimit:
    """What the due date was computed from."""
    end: Period | date = Period(clock.amount, Unit(clock.unit)) if clock.amount else clock.last_day
    return TimeLimit(started_on=clock.started_on, end=end, rolls=clock.rolls)


def explained(clock: Deadline, calendar: WorkingCalendar, ends: Due) -> ExplanationOut:
    explanation = explain(limit_of(clock), ends, calendar, article=clock.article)
    return ExplanationOut(
        kind=clock.kind,
        nature=clock.nature,
        rule=RuleOut(pack=clock.pack, article=clock.article, amount=clock.amount, unit=clock.unit),
        started_at=clock.started_at,
        start_event=clock.start_event,
        calendar_version=clock.calendar_version,
        provisional=clock.provisional,
        days=[DayOut.model_validate(day, from_attributes=True) for day in explanation.days],
        pauses=[],
        extensions=[],
        due_at=clock.due_at,
        due_revision=clock.due_revision,
        sentence=explanation.sentence,
    )
