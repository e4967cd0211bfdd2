"""Lines are crossed once and never un-crossed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.events import LineCrossed
from app.alerts.models import Alert, AlertId, AlertSubject
from app.deadlines import calendars
from app.deadlines import service as deadlines
from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.lines import Crossing, crossed
from app.deadlines.models import Deadline
from app.infra import outbox
from app.kernel.clock import machine_now
from app.kernel.ids import new_id

MANY = 500  # alerts in one statement: PostgreSQL takes 32,767 parameters


async def look(tx: AsyncSession, clock: Deadline, calendar: WorkingCalendar, *, now: datetime) -> int:
    """Record the lines an open clock has reached since the last look; returns how many are new."""
    return await look_at_all(tx, [clock], calendar, now=now)


async def look_at_all(
    tx: AsyncSession, clocks: Iterable[Deadline], calendar: WorkingCalendar, *, now: datetime
) -> int:
    """The same for a batch of clocks, in few statements."""
    passed: list[tuple[Deadline, Crossing]] = []
    for clock in clocks:
        until = max(clock.looked_through, now)
        lines = crossed(deadlines.planned(clock, calendar), clock.looked_through, until)
        passed += [(clock, line) for line in lines]
        clock.looked_through = until
        deadlines.plan_next(clock, calendar)
    return await _cross_all(tx, passed, now=now)


async def record_history(tx: AsyncSession, clocks: Iterable[Deadline], *, now: datetime) -> int:
    """After an import: what these clocks crossed before `now` is kept as historic and never told.

    A stopped clock crossed lines only until it stopped. Safe to repeat.
    """
    calendar = await calendars.current(tx)
    passed: list[tuple[Deadline, Crossing]] = []
    for clock in clocks:
        until = min(clock.stopped_at or now, now)
        passed += [(clock, line) for line in deadlines.planned(clock, calendar) if line.at <= until]
        clock.looked_through = max(clock.looked_through, now)
        deadlines.plan_next(clock, calendar)
    return await _cross_all(tx, passed, now=now, historic=True)


async def _cross_all(
    tx: AsyncSession, passed: Sequence[tuple[Deadline, Crossing]], *, now: datetime, historic: bool = False
) -> int:
    parts = (passed[n : n + MANY] for n in range(0, len(passed), MANY))
    return sum([await _cross(tx, part, now=now, historic=historic) for part in parts])


async def _cross(
    tx: AsyncSession, passed: Sequence[tuple[Deadline, Crossing]], *, now: datetime, historic: bool = False
) -> int:
    """Record that clocks crossed lines, each once for this due date; returns how many were not known."""
    rows = {AlertId(new_id()): (clock, crossing) for clock, crossing in passed}
    if not rows:
        return 0
    values = [_alert(id, *of, now=now, historic=historic) for id, of in rows.items()]
    insertion = insert(Alert).values(values).on_conflict_do_nothing().returning(col(Alert.id))
    new = {id for (id,) in await tx.exec(insertion)}
    for id, (clock, crossing) in rows.items():
        if id in new:
            outbox.record(tx, _event(id, clock, crossing), now=now, history=historic)
    return len(new)


def _alert(
    id: AlertId, clock: Deadline, crossing: Crossing, *, now: datetime, historic: bool
) -> dict[str, Any]:
    return {
        "id": id,
        "subject_kind": AlertSubject.DEADLINE,
        "subject_id": clock.id,
        "line": crossing.line,
        "occurrence": clock.due_revision,
        "kind": clock.kind,
        "root_id": clock.root_id,
        "region_id": clock.region_id,
        "unit_id": clock.unit_id,
        "recipients": clock.ladder.get(crossing.line, []),
        "crossed_at": crossing.at,
        "noticed_at": now,
        "written_at": machine_now(),
        "historic": historic,
    }


def _event(id: AlertId, clock: Deadline, crossing: Crossing) -> LineCrossed:
    return LineCrossed(
        alert_id=id,
        deadline_id=clock.id,
        root_id=clock.root_id,
        region_id=clock.region_id,
        unit_id=clock.unit_id,
        kind=clock.kind,
        line=crossing.line,
    )
