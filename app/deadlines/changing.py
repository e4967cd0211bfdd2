"""The few ways in which an open clock's end moves; the old date stays in a DeadlineChange.

Each is counted anew from the start, from what was frozen with the clock: never from today's pack.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries
from app.deadlines.arithmetic import (
    Extension,
    ExtensionRefused,
    Pause,
    TimeLimit,
    WorkingCalendar,
    due,
    extended,
)
from app.deadlines.errors import (
    ClockNotPaused,
    ClockNotRunning,
    ClockPaused,
    PauseDateWrong,
    PauseNotAllowed,
    StartTooLate,
)
from app.deadlines.limits import cap_of, limit_of
from app.deadlines.lines import Kind
from app.deadlines.models import ChangeKind, Deadline, DeadlineChange
from app.deadlines.planning import plan_next, supersede
from app.kernel.clock import local_date, machine_now


@dataclass(frozen=True)
class Why:
    """What kind of change, for what reason, by whom (an audit label), at which business time."""

    what: str
    reason: str
    by: str
    now: datetime
    facts: dict[str, Any] = field(default_factory=dict)


async def extend(
    tx: AsyncSession,
    subject_id: UUID,
    kind: Kind,
    *,
    until: date,
    reason: str,
    by: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> Deadline:
    """Grant more time (延期) to the open clock of this subject and kind; locks it.

    Raises ClockNotRunning, ClockPaused, ExtensionRefused: the old last day is over (the lateness
    stays), no extension by the rule or none left by *complex*, beyond the cap, not later than now.
    """
    clock = await running(tx, subject_id, kind)
    limit = await extension(tx, clock, until=until, now=now)
    new = {**(facts or {}), "until": until.isoformat(), "decided_on": local_date(now).isoformat()}
    move(tx, clock, limit, await calendars.current(tx), Why(ChangeKind.EXTENSION, reason, by, now, new))
    return clock


async def extension(tx: AsyncSession, clock: Deadline, *, until: date, now: datetime) -> TimeLimit:
    """The limit this clock would have; refuses what `extend` refuses, so that a request can ask first."""
    _may_extend(clock, now=now)
    granted = Extension(until, local_date(now))
    return extended(await _limit(tx, clock), granted, cap_of(clock), await calendars.current(tx))


async def postpone(
    tx: AsyncSession, clock: Deadline, *, until: date, what: str, reason: str, by: str, now: datetime
) -> None:
    """Another date for a kind that brings its own (a promise that slipped), also after it was missed."""
    if clock.amount is not None and clock.ends_on is None:
        raise ValueError(f"{clock.kind} has a period: it is extended, not postponed")
    _need_running(clock)
    decided_on = local_date(now)
    limit = await _limit(tx, clock)
    longer = replace(limit, extensions=(*limit.extensions, Extension(until, decided_on)))
    facts = {"until": until.isoformat(), "decided_on": decided_on.isoformat()}
    move(tx, clock, longer, await calendars.current(tx), Why(what, reason, by, now, facts))


async def restart(
    tx: AsyncSession, clock: Deadline, *, started_on: date, reason: str, by: str, now: datetime
) -> None:
    """The legal start date was corrected (更正起算日期); extensions and pauses stay as they were.

    Raises StartTooLate if nothing would be left of it.
    """
    _need_running(clock)
    calendar = await calendars.current(tx)
    limit = replace(await _limit(tx, clock), started_on=started_on)
    last_day = due(limit, calendar).last_day
    if last_day <= started_on:
        raise StartTooLate(last_day)
    facts = {"started_before": clock.started_on.isoformat(), "started_after": started_on.isoformat()}
    clock.started_on = started_on
    move(tx, clock, limit, calendar, Why(ChangeKind.LEGAL_DATE, reason, by, now, facts))


async def pause(tx: AsyncSession, clock: Deadline, *, reason: str, on: date, by: str, now: datetime) -> None:
    """Stop counting from the local day `on` (中止); no line is crossed until it runs again.

    Raises PauseNotAllowed where the frozen rule names no article for it, PauseDateWrong.
    """
    _need_running(clock)
    if clock.pause_article is None:
        raise PauseNotAllowed(clock.article)
    limit = await _limit(tx, clock)
    _check_pause(clock, limit, on, today=local_date(now))
    clock.paused_on = on
    facts = {"since": on.isoformat()}
    calendar = await calendars.current(tx)
    move(tx, clock, limit, calendar, Why(ChangeKind.PAUSE, reason, by, now, facts))


async def resume(tx: AsyncSession, clock: Deadline, *, reason: str, on: date, by: str, now: datetime) -> None:
    """Count again from the local day `on` (恢复): the end moves by the paused days in the clock's unit."""
    if clock.stopped_at is not None:
        raise ClockNotRunning(clock.kind)
    if clock.paused_on is None:
        raise ClockNotPaused
    if not clock.paused_on <= on <= local_date(now):
        raise PauseDateWrong(f"恢复日期应在中止日 {clock.paused_on} 至今天之间")
    rested = Pause(clock.paused_on, on)
    limit = await _limit(tx, clock)
    longer = replace(limit, pauses=(*limit.pauses, rested))
    clock.paused_on = None
    facts = {"since": rested.since.isoformat(), "until": rested.until.isoformat()}
    calendar = await calendars.current(tx)
    move(tx, clock, longer, calendar, Why(ChangeKind.RESUME, reason, by, now, facts))


async def running(tx: AsyncSession, subject_id: UUID, kind: Kind) -> Deadline:
    """The one open clock of this kind, locked; raises ClockNotRunning."""
    for clock in await queries.open_of_subject_for_update(tx, subject_id):
        if clock.kind == kind:
            return clock
    raise ClockNotRunning(kind)


def move(tx: AsyncSession, clock: Deadline, limit: TimeLimit, calendar: WorkingCalendar, why: Why) -> None:
    """Set the end that `limit` has in `calendar`, and note what moved it."""
    before, ends = clock.last_day, due(limit, calendar)
    if ends.due_at != clock.due_at:
        supersede(clock, now=why.now)
    clock.last_day, clock.due_at, clock.provisional = ends.last_day, ends.due_at, ends.provisional
    clock.calendar_version = calendar.label
    plan_next(clock, calendar)
    tx.add(_noted(clock, before, why))


def _noted(clock: Deadline, before: date, why: Why) -> DeadlineChange:
    return DeadlineChange(
        deadline_id=clock.id,
        what=why.what,
        due_before=before,
        due_after=clock.last_day,
        reason=why.reason,
        actor=why.by,
        at=why.now,
        written_at=machine_now(),
        facts=why.facts,
    )


async def _limit(tx: AsyncSession, clock: Deadline) -> TimeLimit:
    return limit_of(clock, await queries.changes_of(tx, clock.id))


def _need_running(clock: Deadline) -> None:
    if clock.stopped_at is not None:
        raise ClockNotRunning(clock.kind)
    if clock.paused_on is not None:
        raise ClockPaused(clock.paused_on)


def _may_extend(clock: Deadline, *, now: datetime) -> None:
    _need_running(clock)
    if now >= clock.due_at:
        detail = f"原期限已于 {clock.last_day} 届满，不能再批准延期，逾期情况如实保留"
        raise ExtensionRefused(detail, last_day=clock.last_day.isoformat())
    if clock.complex and clock.cap_amount is None:
        raise ExtensionRefused("交办时已按复杂事项给了较长的期限，依规不能再延期")


def _check_pause(clock: Deadline, limit: TimeLimit, on: date, *, today: date) -> None:
    last_rest = max((pause.until for pause in limit.pauses), default=clock.started_on)
    if not max(last_rest, clock.started_on) <= on <= min(today, clock.last_day):
        latest = min(today, clock.last_day)
        raise PauseDateWrong(f"中止日期应在 {max(last_rest, clock.started_on)} 至 {latest} 之间")
