"""Clocks are started and stopped by the acts of opinions and suggestions; nobody else sets a due date."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries
from app.deadlines.arithmetic import Period, TimeLimit, Unit, WorkingCalendar, due
from app.deadlines.lines import Crossing, Kind, Nature, crossings, next_crossing
from app.deadlines.models import Deadline, RuleChoice, SubjectKind
from app.deadlines.packs import Level, RulePack, RuleRow, load_pack
from app.kernel.clock import end_of_day

DEFAULT_PACK = "national"


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


async def pack(tx: AsyncSession) -> RulePack:
    """The rule pack this county uses now."""
    return load_pack(await queries.chosen_pack(tx) or DEFAULT_PACK)


async def choose_pack(tx: AsyncSession, name: str, *, by: str, now: datetime) -> RulePack:
    """Use another pack for clocks started from now on; open ones keep theirs."""
    chosen = load_pack(name)
    tx.add(RuleChoice(pack=name, chosen_at=now, chosen_by=by))
    await tx.flush()
    return chosen


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
        rolls=row.roll,
        complex=at.complex,
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
    )
    _look_from(clock, calendar, at)
    return clock


def _look_from(clock: Deadline, calendar: WorkingCalendar, at: Start) -> None:
    """A clock entered after its start still tells the lines it has passed, unless it is history."""
    if not at.historic:
        clock.looked_through = min(at.now, end_of_day(at.on))
    plan_next(clock, calendar)


def planned(clock: Deadline, calendar: WorkingCalendar) -> tuple[Crossing, ...]:
    return crossings(
        started_on=clock.started_on,
        last_day=clock.last_day,
        nature=Nature(clock.nature),
        warn_days=clock.warn_days,
        calendar=calendar,
    )


def plan_next(clock: Deadline, calendar: WorkingCalendar) -> None:
    """Set when this clock is to be looked at again: at its first line not yet looked at."""
    following = next_crossing(planned(clock, calendar), clock.looked_through)
    clock.next_line = following.line if following else None
    clock.next_line_at = following.at if following else None


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
