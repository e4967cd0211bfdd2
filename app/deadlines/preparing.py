"""A clock whose columns depend on the day alone, prepared once a day and process for the hot path."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars, queries
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import DEFAULT_PACK, Start, Subject, made, pack
from app.kernel.clock import local_date

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Prepared:
    """`columns`: what `deadlines` gets besides ids and instants. Good for `on` while pack and calendar
    are still these: whoever uses it must check that in the same statement."""

    on: date
    pack_name: str
    calendar_version: int
    columns: dict[str, Any]

    @property
    def due_at(self) -> datetime:
        due: datetime = self.columns["due_at"]
        return due


async def prepare(
    tx: AsyncSession, kind: Kind, subject_kind: SubjectKind, level: Level, *, now: datetime
) -> Prepared:
    """The clock as `service.start` would start it at `now`, for a subject not yet known."""
    subject = Subject(subject_kind, NOBODY, NOBODY, NOBODY, level)
    at = Start(on=local_date(now), now=now)
    rules, calendar = await pack(tx), await calendars.current(tx)
    clock = made(rules, rules.row(kind, level), subject, at, calendar)
    return Prepared(
        on=at.on,
        pack_name=await queries.chosen_pack(tx) or DEFAULT_PACK,
        calendar_version=int(calendar.label.removeprefix("v")),
        columns=_columns(clock),
    )


def _columns(clock: Deadline) -> dict[str, Any]:
    ids_and_instants = {"id", "subject_id", "root_id", "region_id", "started_at", "looked_through"}
    columns = {name: getattr(clock, name) for name in Deadline.model_fields if name not in ids_and_instants}
    return {**columns, "ladder": json.dumps(clock.ladder, ensure_ascii=False)}
