"""I9: due dates can be counted again, from rows alone."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.models import (
    CalendarDay,
    CalendarVersion,
    CalendarYear,
    ChangeKind,
    Deadline,
    DeadlineChange,
    RuleChoice,
)
from app.deadlines.overriding import Override, overridden
from app.deadlines.packs import RulePack, read_pack
from app.deadlines.rulepacks import pack_names
from app.infra.db import sql
from app.kernel.clock import end_of_day
from app.kernel.errors import DomainError
from app.operations.findings import Finding
from app.operations.recounting import Days, Told, before, recounted
from app.operations.verifying_clocks import paged

NEVER = date(1900, 1, 1)
WITHOUT_CALENDAR = "v0"  # what a clock names where no calendar was ever entered

PROMISES = text("SELECT id, due_on AS due FROM commitments")

Moves = Sequence[DeadlineChange]


async def due_dates(tx: AsyncSession, now: datetime) -> list[Finding]:
    """Every due date counted anew under the pack and the calendar version that it names, from its start,
    its extensions, its pauses and the dates it was put off to."""
    recount = Recount(await _versions(tx), await _moves(tx), await _promised(tx))
    packs = _shipped() | await _own_packs(tx)
    findings: list[Finding] = []
    async for clock in paged(tx):
        wrong = _wrong(clock, packs, recount)
        findings += [Finding("I9", wrong, str(clock.id))] if wrong else []
    return findings


def _wrong(clock: Deadline, packs: Mapping[str, RulePack], recount: "Recount") -> str | None:
    """What does not hold of this clock, the first thing found."""
    moves = recount.moves.get(clock.id, ())
    if clock.due_at != end_of_day(clock.last_day):
        return "到期时刻不是最后一天的 24 时"
    if not _lawful(clock, packs):
        return "期限与所依规则包不符"
    if clock.calendar_version not in recount.calendars:
        return "所依的工作日历版本不存在"
    if not _unbroken(clock, moves):
        return "到期日与历次变更的记录接不上"
    if clock.last_day != recount.of(clock, moves):
        return "到期日与重新计算的不符"
    return None


def _lawful(clock: Deadline, packs: Mapping[str, RulePack]) -> bool:
    """Is the amount one that the named pack gives for this kind? True if the pack is not here."""
    pack = packs.get(clock.pack)
    if pack is None:
        return True
    rows = [row for row in pack.rows if row.kind == clock.kind and row.roll == clock.rolls]
    periods = [row.period(complex_matter=clock.complex) for row in rows]
    given = {(period.amount, period.unit.value) if period else (None, clock.unit) for period in periods}
    return (clock.amount, clock.unit) in given


def _unbroken(clock: Deadline, moves: Moves) -> bool:
    """Each change starts where the one before it ended, the last one at the date and the start that stand."""
    starts = [move.facts for move in moves if move.what == ChangeKind.LEGAL_DATE]
    begun = starts[-1]["started_after"] if starts else clock.started_on.isoformat()
    ends = [move.due_after for move in moves]
    return (
        all(earlier.due_after == later.due_before for earlier, later in pairwise(moves))
        and ends[-1:] in ([], [clock.last_day])
        and begun == clock.started_on.isoformat()
    )


@dataclass(frozen=True)
class Recount:
    """`moves`: clock → what moved its end, in order; `promised`: commitment → its date as it stands."""

    calendars: Mapping[str, Days]
    moves: Mapping[UUID, Moves]
    promised: Mapping[UUID, date]
    walked: dict[tuple[Told, str], date] = field(default_factory=dict)

    def of(self, clock: Deadline, moves: Moves) -> date:
        way = (self._told(clock, moves), clock.calendar_version)
        if way not in self.walked:
            self.walked[way] = recounted(way[0], self.calendars[clock.calendar_version])
        return self.walked[way]

    def _told(self, clock: Deadline, moves: Moves) -> Told:
        named = clock.ends_on
        if named is None and clock.amount is None:
            named = self.promised.get(clock.subject_id, NEVER)
        return Told(
            start=clock.started_on,
            amount=clock.amount or 0,
            unit=clock.unit,
            rolls=clock.rolls,
            named=named,
            rests=tuple(_days(move, "since", "until") for move in moves if move.what == ChangeKind.RESUME),
            granted=tuple(_days(m, "until", "decided_on") for m in moves if "decided_on" in m.facts),
        )


def _days(move: DeadlineChange, *names: str) -> tuple[date, date]:
    first, second = (date.fromisoformat(move.facts[name]) for name in names)
    return first, second


async def _versions(tx: AsyncSession) -> dict[str, Days]:
    """Every calendar version put together: the newest from its rows, each older one from what replaced it."""
    exceptions = {row.day: row.working for row in await tx.exec(select(CalendarDay))}
    years = await tx.exec(select(CalendarYear.year).where(col(CalendarYear.state) == "announced"))
    days = Days(exceptions, set(years))
    newest_first = await tx.exec(select(CalendarVersion).order_by(col(CalendarVersion.version).desc()))
    found: dict[str, Days] = {}
    for version in newest_first:
        found[f"v{version.version}"] = days
        if version.year is not None and version.replaced is not None:
            days = before(days, version.year, version.replaced)
    return found or {WITHOUT_CALENDAR: days}


async def _moves(tx: AsyncSession) -> dict[UUID, list[DeadlineChange]]:
    found: dict[UUID, list[DeadlineChange]] = {}
    for move in await tx.exec(select(DeadlineChange).order_by(col(DeadlineChange.id))):
        found.setdefault(move.deadline_id, []).append(move)
    return found


async def _promised(tx: AsyncSession) -> dict[UUID, date]:
    return {row.id: row.due for row in await sql(tx, PROMISES)}


@cache
def _shipped() -> dict[str, RulePack]:
    return _by_version(map(read_pack, pack_names()))


async def _own_packs(tx: AsyncSession) -> dict[str, RulePack]:
    """Packs in which this county once replaced rows of its own, as far as they still fit a shipped pack."""
    choices = await tx.exec(select(RuleChoice).where(col(RuleChoice.overrides).is_not(None)))
    own: list[RulePack] = []
    for choice in choices:
        with suppress(DomainError):
            own.append(_own(choice.pack, choice.overrides or []))
    return _by_version(own)


def _own(chosen: str, rows: Sequence[Mapping[str, Any]]) -> RulePack:
    return overridden(chosen.partition("+")[0], tuple(Override.model_validate(row) for row in rows))


def _by_version(packs: Iterable[RulePack]) -> dict[str, RulePack]:
    return {pack.version: pack for pack in packs}
