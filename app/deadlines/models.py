"""One obligation, one row. Nothing here says "overdue": that is computed from the facts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlmodel import Field

from app.deadlines.arithmetic import Unit
from app.deadlines.lines import Kind, Line, Nature
from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id

DeadlineId = NewType("DeadlineId", UUID)
OPEN = text("stopped_at IS NULL")


class SubjectKind(StrEnum):
    """The thing that obliges."""

    OPINION = "opinion"
    SUGGESTION = "suggestion"
    ASSIGNMENT = "assignment"
    COMMITMENT = "commitment"
    REQUEST = "request"


class Deadline(TenantTable, table=True):
    """A clock (办理时限) with the rule it was started under, frozen.

    `due_at`: exclusive end, midnight after `last_day` local time. `due_revision` grows with every
    change of `due_at`: an alert's occurrence. `region_id`, `unit_id`, `title_of`: for whom it is listed.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        one_of("subject_kind", SubjectKind),
        one_of("kind", Kind),
        one_of("nature", Nature),
        one_of("unit", Unit),
        one_of("next_line", Line),
        Index("uq_deadlines_one", "subject_id", "kind", "round", unique=True),
        Index("ix_deadlines_to_look_at", "next_line_at", postgresql_where=OPEN),
        Index("ix_deadlines_open_due", "due_at", "id", postgresql_where=OPEN),
        Index("ix_deadlines_unit", "unit_id", "due_at"),
        Index("ix_deadlines_region", "region_id", "due_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    subject_kind: str
    subject_id: UUID = Field(sa_type=Uuid)
    root_id: UUID = Field(index=True, sa_type=Uuid)  # the opinion or suggestion the subject belongs to
    kind: str
    round: int = 1
    nature: str
    pack: str
    article: str
    amount: int | None = None
    unit: str = Unit.CALENDAR_DAYS
    rolls: bool = True
    complex: bool = False
    warn_days: int | None = None
    ladder: dict[str, Any] = Field(sa_column=json_column())
    start_event: str
    started_on: date
    started_at: datetime
    calendar_version: str
    provisional: bool
    last_day: date
    due_at: datetime
    due_revision: int = 0
    looked_through: datetime
    next_line: str | None = None
    next_line_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_reason: str | None = None
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", sa_type=Uuid)


class DeadlineChange(TenantTable, table=True):
    """Why a due date moved: extension, pause, calendar announced. The old date stays here."""

    __tablename__ = "deadline_changes"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    deadline_id: UUID = Field(foreign_key="deadlines.id", index=True, sa_type=Uuid)
    what: str
    due_before: date
    due_after: date
    reason: str
    actor: str
    at: datetime
    written_at: datetime
    facts: dict[str, Any] = Field(sa_column=json_column())


class CalendarVersion(TenantTable, table=True):
    """Each edit or announcement makes a version; a deadline names the one it was computed with."""

    __tablename__ = "calendar_versions"

    version: int = Field(primary_key=True)
    what: str
    made_at: datetime


class CalendarYear(TenantTable, table=True):
    __tablename__ = "calendar_years"
    __table_args__ = (one_of("state", ("announced", "provisional")),)

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str


class CalendarDay(TenantTable, table=True):
    """A day its weekday does not explain."""

    __tablename__ = "calendar_days"

    day: date = Field(primary_key=True)
    working: bool
    name: str = ""


class RuleChoice(TenantTable, table=True):
    """Which rule pack this county uses from when on; the newest row holds."""

    __tablename__ = "rule_choices"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    pack: str
    chosen_at: datetime
    chosen_by: str
