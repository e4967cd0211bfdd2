"""Clocks are started, moved and stopped by the acts of opinions and suggestions; nobody else sets a date.

What moves a due date stands in `changing`, which rules a county has in `choosing`: both are offered here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries
from app.deadlines.arithmetic import Period, TimeLimit, Unit, WorkingCalendar, due
from app.deadlines.changing import extend, extension, pause, postpone, restart, resume
from app.deadlines.choosing import DEFAULT_PACK, choose_pack, pack
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level, RulePack, RuleRow
from app.deadlines.planning import plan_next, planned
from app.kernel.clock import end_of_day

__all__ = [
    "DEFAULT_PACK",
    "Start",
    "Subject",
    "choose_pack",
    "extend",
    "extension",
    "made",
    "pack",
    "pause",
    "plan_next",
    "planned",
    "postpone",
    "restart",
    "resume",
    "settle",
    "start",
    "stop",
]


@dataclass(frozen=True)
class Subject:
    """What obliges, the file it belongs to, and who is to see its clock."""

    kind: SubjectKind
    id: UUID
    root_id: UUID
    region_id: UUID
    level: Level
    unit_id: UUID | None = None


@dataclass(frozen=True)
class Start:
    """From when a clock runs. `on`: the local legal date (its day is not counted).

    `ends_on` only for kinds that bring their own date (a promise). `historic`: lines before `now`
    are past and never told.
    """

    on: date
    now: datetime
    round: int = 1
    complex: bool = False
    ends_on: date | None = None
    historic: bool = False


async def start(tx: AsyncSession, kind: Kind, subject: Subject, at: Start) -> Deadline:
    """Start one clock under the pack and the calendar of this moment."""
    rules = await pack(tx)
    row = rules.row(kind, subject.level)
    calendar = await calendars.current(tx)
    clock = made(rules, row, subject, at, calendar)
    tx.add(clock)
    await tx.flush()
    return clock


def made(rules: RulePack, row: RuleRow, subject: Subject, at: Start, calendar: WorkingCalendar) -> Deadline:
    """The clock with all that decides its date, now and later: nothing is looked up in a pack again."""
    period = row.period(complex_matter=at.complex)
    end: Period | date | None = at.ends_on or period
    if end is None:
        raise ValueError(f"{row.kind} brings its own date")
    ends = due(TimeLimit(started_on=at.on, end=end, rolls=row.roll), calendar)
    clock = Deadline(
        subject_kind=subject.kind,
        subject_id=subject.id,
        root_id=subject.root_id,
        kind=row.kind,
        round=at.round,
        nature=row.nature,
        pack=rules.version,
        article=row.cited,
        amount=period.amount if period else None,
        unit=period.unit if period else Unit.CALENDAR_DAYS,
        ends_on=at.ends_on,
        rolls=row.roll,
        complex=at.complex,
        pause_article=row.pause_article,
        reviewed_by=rules.reviewer(row),
        warn_days=row.warn_days,
        ladder={line: list(who) for line, who in rules.ladder(row).items()},
        start_event=row.start_event,
        started_on=at.on,
        started_at=at.now,
        calendar_version=calendar.label,
        provisional=ends.provisional,
        last_day=ends.last_day,
        due_at=ends.due_at,
        looked_through=at.now,
        region_id=subject.region_id,
        unit_id=subject.unit_id,
        **_extension_terms(row, at),
    )
    _look_from(clock, calendar, at)
    return clock


def _extension_terms(row: RuleRow, at: Start) -> dict[str, Any]:
    """How far the clock may be extended and by whom, frozen; nothing where no extension is left."""
    cap = row.cap(complex_matter=at.complex)
    if cap is None or row.extension is None:
        return {}
    return {
        "cap_amount": cap.amount,
        "cap_unit": cap.unit,
        "approver": row.extension.approver,
        "extension_article": row.extension.article,
    }


def _look_from(clock: Deadline, calendar: WorkingCalendar, at: Start) -> None:
    """A clock entered after its start still tells the lines it has passed, unless it is history."""
    if not at.historic:
        clock.looked_through = min(at.now, end_of_day(at.on))
    plan_next(clock, calendar)


async def stop(
    tx: AsyncSession, subject_id: UUID, kinds: Collection[Kind], *, reason: str, now: datetime
) -> None:
    """The obligation is met or gone; how late it was stays computable from the row."""
    for clock in await queries.open_of_subject_for_update(tx, subject_id):
        if clock.kind in kinds:
            clock.stopped_at, clock.stop_reason = now, reason


async def settle(
    tx: AsyncSession,
    subject: Subject,
    *,
    opens: Iterable[Kind],
    keeps: Collection[Kind],
    at: Start,
    reason: str,
) -> list[Deadline]:
    """Make the subject's open clocks those of its new state: `opens` run, `keeps` may go on running.

    A clock that already runs is left alone; a kind that ran before (a suggestion handed in again) gets
    the next round. Returns the clocks started now.
    """
    wanted = set(opens)
    running = await queries.open_of_subject_for_update(tx, subject.id)
    for clock in running:
        if clock.kind not in wanted and clock.kind not in keeps:
            clock.stopped_at, clock.stop_reason = at.now, reason
    missing = sorted(wanted - {Kind(clock.kind) for clock in running})
    used = await queries.rounds_used(tx, subject.id) if missing else {}
    starts = {kind: replace(at, round=max(at.round, used.get(kind, 0) + 1)) for kind in missing}
    return [await start(tx, kind, subject, starts[kind]) for kind in missing]
