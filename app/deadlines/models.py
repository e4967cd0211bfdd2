"""One obligation, one row. Nothing here says "overdue": that is computed from the facts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlmodel import Field

from app.deadlines.arithmetic import Unit
from app.deadlines.lines import Kind, Line, Nature
from app.deadlines.packs import Approver
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
    HANDLING_REPORT = "handling_report"  # 年度办理情况报告


class Deadline(TenantTable, table=True):
    """A clock (办理时限) with the rule it was started under, frozen.

    `due_at`: exclusive end, midnight after `last_day` local time. `due_revision` grows with every
    change of `due_at`: an alert's occurrence. `region_id`, `unit_id`: for whom it is listed.
    `ends_on`: the date that a kind without a period brought with it. `cap_*`, `approver`: the longest
    time with extensions, from the start, and who grants them; none: no extension. `pause_article`:
    what lets it pause. `paused_on`: the first day that does not run, while it is paused.
    `reviewed_by`: who checked the rule against the law; None: 待法制审核.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        one_of("subject_kind", SubjectKind),
        one_of("kind", Kind),
        one_of("nature", Nature),
        one_of("unit", Unit),
        one_of("cap_unit", Unit),
        one_of("approver", Approver),
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
    ends_on: date | None = None
    rolls: bool = True
    complex: bool = False
    cap_amount: int | None = None
    cap_unit: str | None = None
    approver: str | None = None
    extension_article: str | None = None
    pause_article: str | None = None
    reviewed_by: str | None = None
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
    paused_on: date | None = None
    stopped_at: datetime | None = None
    stop_reason: str | None = None
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", sa_type=Uuid)


class ChangeKind(StrEnum):
    """What moves a due date. A promise that slips names its own word."""

    EXTENSION = "extension"  # 延期
    PAUSE = "pause"  # 中止
    RESUME = "resume"  # 恢复
    LEGAL_DATE = "legal_date"  # 更正起算日期
    CALENDAR = "calendar"  # 工作日历变更


class DeadlineChange(TenantTable, table=True):
    """Why a due date moved: extension, pause, calendar announced. The old date stays here.

    `facts` is what the date is counted from anew: `until` and `decided_on` of a date that was granted,
    `since` and `until` of a pause, `started_before` and `started_after` of a corrected start.
    """

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
    """Each edit or announcement makes a version; a deadline names the one it was computed with.

    A version replaces one year: `replaced` keeps the state and the days that year had before, so that
    every older version can be put together again. `stamp` tells two versions of one number apart, of
    which only one was committed. `settled_at`: machine time when the last open clock was recounted.
    """

    __tablename__ = "calendar_versions"

    version: int = Field(primary_key=True)
    what: str
    made_at: datetime
    made_by: str | None = None
    written_at: datetime | None = None
    year: int | None = None
    replaced: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    stamp: UUID | None = Field(default_factory=new_id, sa_type=Uuid)
    settled_at: datetime | None = None


class CalendarYear(TenantTable, table=True):
    """`source`: the document that announced it. `warned_at`: told that no later year is announced."""

    __tablename__ = "calendar_years"
    __table_args__ = (one_of("state", ("announced", "provisional")),)

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str
    source: str | None = None
    warned_at: datetime | None = None


class CalendarDay(TenantTable, table=True):
    """A day its weekday does not explain, in the newest version."""

    __tablename__ = "calendar_days"

    day: date = Field(primary_key=True)
    working: bool
    name: str = ""


class RuleChoice(TenantTable, table=True):
    """Which rule pack this county uses from when on; the newest row holds.

    `pack` is the shipped pack's name; with `overrides` (rows of the county's own) it carries their
    mark, `national+1a2b3c4d`, so that it names the choice and nothing else.
    """

    __tablename__ = "rule_choices"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    pack: str
    chosen_at: datetime
    chosen_by: str
    overrides: list[dict[str, Any]] | None = Field(default=None, sa_column=json_column(nullable=True))
