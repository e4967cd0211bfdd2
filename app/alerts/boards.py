"""Who is late, in figures: open duties per light, for each unit or township the reader may see."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts.light import ClockFacts, Light, light
from app.alerts.schemas import BoardRowOut
from app.deadlines import calendars
from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.lines import Line, Nature
from app.deadlines.models import Deadline
from app.deadlines.service import planned
from app.deadlines.visibility import visible
from app.directory.models import Organisation, Region
from app.kernel.clock import local_midnight

By = Literal["unit", "township"]


async def board(tx: AsyncSession, actor: Actor, *, by: By, now: datetime) -> list[BoardRowOut]:
    """By name; places without an open duty are left out. Windows are rights and not counted."""
    calendar = await calendars.current(tx)
    counted: dict[UUID, Counter[Light]] = {}
    for place, clock in await _open_duties(tx, actor, by):
        counted.setdefault(place, Counter())[light(facts_of(clock, calendar), now)] += 1
    names = await _names(tx, list(counted), by)
    rows = [_row(id, names[id], lights) for id, lights in counted.items()]
    return sorted(rows, key=lambda row: row.name)


async def _open_duties(tx: AsyncSession, actor: Actor, by: By) -> Sequence[tuple[UUID, Deadline]]:
    place = col(Deadline.unit_id) if by == "unit" else col(Deadline.region_id)
    rows = await tx.exec(
        select(place, Deadline).where(
            visible(actor),
            place.is_not(None),
            col(Deadline.stopped_at).is_(None),
            Deadline.nature == Nature.DUTY,
        )
    )
    return [(id, clock) for id, clock in rows if id is not None]


async def _names(tx: AsyncSession, ids: Sequence[UUID], by: By) -> dict[UUID, str]:
    table = Organisation if by == "unit" else Region
    rows = await tx.exec(select(table.id, table.name).where(col(table.id).in_(ids)))
    return dict(rows.all())


def facts_of(clock: Deadline, calendar: WorkingCalendar) -> ClockFacts:
    warned = [line.at for line in planned(clock, calendar) if line.line is Line.DUE_SOON]
    return ClockFacts(
        nature=Nature(clock.nature),
        last_day_begins=local_midnight(clock.last_day),
        warned_from=warned[0] if warned else None,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
    )


def _row(id: UUID, name: str, lights: Counter[Light]) -> BoardRowOut:
    return BoardRowOut(
        id=id, name=name, open=lights.total(), lights={light: lights[light] for light in Light}
    )
