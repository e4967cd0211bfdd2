"""A line crossed is a fact row: detection and delivery meet only here."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid
from sqlmodel import Field

from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id

AlertId = NewType("AlertId", UUID)


class AlertSubject(StrEnum):
    DEADLINE = "deadline"  # a clock
    ASSIGNMENT = "assignment"  # stalled
    SUPERVISION = "supervision"  # urged
    COMMITMENT = "commitment"  # slipped
    UNIT = "unit"  # no sign of life
    CALENDAR = "calendar"  # running out
    ACCOUNT = "account"  # credit low, address dead
    CALL = "call"  # a delegate still not phoned


class Alert(TenantTable, table=True):
    """预警: a line that has been crossed, once for each occurrence.

    `crossed_at`: the line's own instant; `noticed_at`: business time of the look that found it.
    `occurrence`: of a clock its `due_revision`; of a silent spell its first local day (20261125); of an
    urge or a slip the event's place in the feed; of calendar and credit the period. `kind`, `root_id`
    are null where no clock, no file is concerned. `recipients`: roles of the pack's ladder, frozen; of
    other lines empty: the routing decides. `historic`: crossed before the data came here; never told.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("subject_kind", AlertSubject),
        one_of("line", (*Line, *Signal)),
        one_of("kind", Kind),
        UniqueConstraint("subject_kind", "subject_id", "line", "occurrence"),
        Index("ix_alerts_recent", "noticed_at", "id"),
        Index("ix_alerts_region", "region_id", "noticed_at"),
        Index("ix_alerts_unit", "unit_id", "noticed_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    subject_kind: str = AlertSubject.DEADLINE
    subject_id: UUID = Field(sa_type=Uuid)
    line: str
    occurrence: int
    kind: str | None = None
    root_id: UUID | None = Field(default=None, index=True, sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", sa_type=Uuid)
    recipients: list[str] = Field(sa_column=json_column())
    crossed_at: datetime
    noticed_at: datetime
    written_at: datetime
    historic: bool = False


class Acknowledgement(TenantTable, table=True):
    """已阅: somebody who may see the alert says so; it stops nothing."""

    __tablename__ = "alert_acknowledgements"

    alert_id: UUID = Field(primary_key=True, foreign_key="alerts.id", sa_type=Uuid)
    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id", sa_type=Uuid)
    name: str
    at: datetime


class Undertaking(TenantTable, table=True):
    """限期承诺: whoever is to act says by which local day and why; escalation shows it, overdue stays."""

    __tablename__ = "alert_undertakings"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    alert_id: UUID = Field(foreign_key="alerts.id", index=True, sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    name: str
    until: date
    reason: str
    at: datetime


class LineSetting(TenantTable, table=True):
    """A county's own choice for one line: told or not, after how many working days. No row: as shipped."""

    __tablename__ = "line_settings"
    __table_args__ = (one_of("line", (*Line, *Signal)),)

    line: str = Field(primary_key=True)
    enabled: bool = True
    days: int | None = None
    changed_at: datetime
    changed_by: str
