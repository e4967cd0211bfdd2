"""The yearly report on handling (办理情况报告): the one thing reports keep, because it is signed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid
from sqlmodel import Field

from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id


class ReportState(StrEnum):
    DRAFTING = "drafting"  # 起草
    APPROVED = "approved"  # 主席审签
    PUBLISHED = "published"  # 向大会报告并公开


class HandlingReport(TenantTable, table=True):
    """代表法 §51: the handling is reported to the congress and the report is public.

    `figures` are the facts it was drafted from, as they stood at `counted_at` (business time), for the
    congress alone; `sections` and `annexes` are the public text. `since` and `until`: local days, both
    included. `revision` counts changes, for If-Match.
    """

    __tablename__ = "handling_reports"
    __table_args__ = (
        one_of("state", ReportState),
        CheckConstraint("since <= until", name="forward"),
        UniqueConstraint("congress_id", "period"),
        Index("ix_handling_reports_region", "region_id", "period"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", sa_type=Uuid)
    congress_name: str
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    period: str
    since: date
    until: date
    state: str = ReportState.DRAFTING
    title: str
    sections: list[dict[str, Any]] = Field(sa_column=json_column())
    annexes: list[dict[str, Any]] = Field(sa_column=json_column())
    figures: list[dict[str, Any]] = Field(sa_column=json_column())
    counted_at: datetime
    drafted_by: UUID = Field(sa_type=Uuid)
    drafted_name: str
    drafted_at: datetime
    refusal: str | None = None
    basis: str | None = None
    meeting_id: str | None = None
    approved_by: UUID | None = Field(default=None, sa_type=Uuid)
    approved_name: str | None = None
    approved_at: datetime | None = None
    published_at: datetime | None = None
    revision: int = 1
