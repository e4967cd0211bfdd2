"""A line crossed is a fact row: detection and delivery meet only here."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid
from sqlmodel import Field

from app.deadlines.lines import Kind, Line
from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id

AlertId = NewType("AlertId", UUID)


class AlertSubject(StrEnum):
    DEADLINE = "deadline"


class Alert(TenantTable, table=True):
    """预警: a line that a clock has crossed, once for each of its due dates.

    `crossed_at`: the line's own instant; `noticed_at`: business time of the look that found it.
    `occurrence`: the clock's `due_revision`. `recipients`: roles of the pack's ladder, frozen.
    `historic`: crossed before the data came here; kept, never told.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("subject_kind", AlertSubject),
        one_of("line", Line),
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
    kind: str
    root_id: UUID = Field(index=True, sa_type=Uuid)
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
