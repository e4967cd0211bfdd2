"""Clocks as people read them: overdue and how late are computed from the facts, every time."""

from collections.abc import Sequence
from datetime import date, datetime

from app.deadlines.arithmetic import WorkingCalendar, due
from app.deadlines.explanation import explain
from app.deadlines.limits import grants, limit_of
from app.deadlines.lines import Nature
from app.deadlines.models import ChangeKind, Deadline, DeadlineChange
from app.deadlines.packs import UNREVIEWED
from app.deadlines.schemas import (
    ChangeOut,
    DayOut,
    DeadlineOut,
    ExplanationOut,
    ExtensionOut,
    PauseOut,
    RuleOut,
)
from app.kernel.clock import local_date


def overdue(clock: Deadline, *, now: datetime) -> bool:
    """A duty is overdue from `due_at` on, while open; how late it ended stays a fact after.

    A paused clock is not: its end will move.
    """
    if clock.paused_on is not None:
        return False
    return clock.nature == Nature.DUTY and (clock.stopped_at or now) >= clock.due_at


def late_days(clock: Deadline, *, now: datetime) -> int:
    """Whole local days past the last day, 0 if in time or a window."""
    if not overdue(clock, now=now):
        return 0
    return (local_date(clock.stopped_at or now) - clock.last_day).days


def caution(clock: Deadline) -> str | None:
    """Beside every date whose rule nobody had reviewed when the clock started."""
    return None if clock.reviewed_by else UNREVIEWED


def shown(clock: Deadline, *, now: datetime) -> DeadlineOut:
    facts = {name: getattr(clock, name) for name in DeadlineOut.model_fields if hasattr(clock, name)}
    return DeadlineOut(
        **facts,
        caution=caution(clock),
        overdue=overdue(clock, now=now),
        late_days=late_days(clock, now=now),
    )


def explained(
    clock: Deadline, changes: Sequence[DeadlineChange], calendar: WorkingCalendar
) -> ExplanationOut:
    """Why it is due when it is. `calendar`: the version that the clock names."""
    limit = limit_of(clock, changes)
    ends = due(limit, calendar)
    explanation = explain(limit, ends, calendar, article=clock.article)
    return ExplanationOut(
        kind=clock.kind,
        nature=clock.nature,
        rule=RuleOut.model_validate(clock),
        started_on=clock.started_on,
        started_at=clock.started_at,
        start_event=clock.start_event,
        calendar_version=clock.calendar_version,
        provisional=ends.provisional,
        caution=caution(clock),
        days=[DayOut.model_validate(day) for day in explanation.days],
        counted=explanation.counted,
        pauses=pauses_of(clock, changes),
        extensions=[_extension(change) for change in changes if grants(change)],
        changes=[changed(change) for change in changes],
        last_day=ends.last_day,
        due_at=ends.due_at,
        due_revision=clock.due_revision,
        sentence=explanation.sentence + _said_of(clock),
    )


def pauses_of(clock: Deadline, changes: Sequence[DeadlineChange]) -> list[PauseOut]:
    """Those that are over, and the one that lasts."""
    begun: list[DeadlineChange] = []
    shown: list[PauseOut] = []
    for change in changes:
        if change.what == ChangeKind.PAUSE:
            begun.append(change)
        elif change.what == ChangeKind.RESUME:
            shown.append(_pause(begun.pop(), until=date.fromisoformat(change.facts["until"])))
    return shown + [_pause(change, until=None) for change in begun]


def changed(change: DeadlineChange) -> ChangeOut:
    """One line of the clock's history, as people read it."""
    moved = change.due_after != change.due_before
    note = f"到期日由{change.due_before}改为{change.due_after}" if moved else f"到期日仍为{change.due_after}"
    facts = {name: getattr(change, name) for name in ChangeOut.model_fields if name != "note"}
    return ChangeOut(**facts, note=f"{note}：{change.reason}")


def _pause(change: DeadlineChange, *, until: date | None) -> PauseOut:
    since = date.fromisoformat(change.facts["since"])
    return PauseOut(since=since, until=until, reason=change.reason, by=change.actor)


def _extension(change: DeadlineChange) -> ExtensionOut:
    return ExtensionOut(
        what=change.what,
        due_before=change.due_before,
        until=date.fromisoformat(change.facts["until"]),
        decided_on=date.fromisoformat(change.facts["decided_on"]),
        reason=change.reason,
        by=change.actor,
    )


def _said_of(clock: Deadline) -> str:
    paused = f"自{clock.paused_on}起中止计时，恢复后顺延。" if clock.paused_on else ""
    noted = caution(clock)
    return paused + (f"（{noted}）" if noted else "")
