"""Lines are crossed once, acknowledged by whoever may see them, and never un-crossed."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts.events import LineCrossed
from app.alerts.models import Acknowledgement, Alert, AlertId, AlertSubject
from app.deadlines import calendars
from app.deadlines import service as deadlines
from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.lines import Crossing, crossed
from app.deadlines.models import Deadline
from app.infra import audit, outbox
from app.kernel.clock import machine_now
from app.kernel.ids import new_id


async def look(tx: AsyncSession, clock: Deadline, calendar: WorkingCalendar, *, now: datetime) -> int:
    """Record the lines an open clock has reached since the last look; returns how many are new."""
    until = max(clock.looked_through, now)
    lines = crossed(deadlines.planned(clock, calendar), clock.looked_through, until)
    new = [await _cross(tx, clock, crossing, now=now) for crossing in lines]
    clock.looked_through = until
    deadlines.plan_next(clock, calendar)
    return sum(new)


async def record_history(tx: AsyncSession, clocks: Iterable[Deadline], *, now: datetime) -> int:
    """After an import: what these clocks crossed before `now` is kept as historic and never told.

    A stopped clock crossed lines only until it stopped. Safe to repeat.
    """
    calendar = await calendars.current(tx)
    new = 0
    for clock in clocks:
        until = min(clock.stopped_at or now, now)
        for crossing in deadlines.planned(clock, calendar):
            if crossing.at <= until:
                new += await _cross(tx, clock, crossing, now=now, historic=True)
        clock.looked_through = max(clock.looked_through, now)
        deadlines.plan_next(clock, calendar)
    return new


async def _cross(
    tx: AsyncSession, clock: Deadline, crossing: Crossing, *, now: datetime, historic: bool = False
) -> bool:
    """Record that a clock crossed a line, once for this due date; False if that was known already."""
    id = AlertId(new_id())
    row = insert(Alert).values(
        id=id,
        subject_kind=AlertSubject.DEADLINE,
        subject_id=clock.id,
        line=crossing.line,
        occurrence=clock.due_revision,
        kind=clock.kind,
        root_id=clock.root_id,
        region_id=clock.region_id,
        unit_id=clock.unit_id,
        recipients=clock.ladder.get(crossing.line, []),
        crossed_at=crossing.at,
        noticed_at=now,
        written_at=machine_now(),
        historic=historic,
    )
    new = await tx.exec(row.on_conflict_do_nothing().returning(col(Alert.id)))
    if new.first() is None:
        return False
    outbox.record(tx, _event(id, clock, crossing), now=now, history=historic)
    return True


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


async def acknowledge(tx: AsyncSession, alert: Alert, actor: Actor, *, now: datetime) -> None:
    """Note that this person has seen it; a second time changes nothing."""
    row = insert(Acknowledgement).values(alert_id=alert.id, account_id=actor.id, name=actor.name, at=now)
    new = await tx.exec(row.on_conflict_do_nothing().returning(col(Acknowledgement.alert_id)))
    if new.first() is not None:
        audit.note(
            tx,
            "alert.acknowledge",
            actor=actor.label,
            subject_kind="alert",
            subject_id=alert.id,
            now=now,
        )
