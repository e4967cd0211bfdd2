"""Voter visits and the issues raised there. No coordinate, no resident's name."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id
from app.opinions.rules import Category


class Wants(StrEnum):
    """What the delegate means to do about an issue."""

    NOTE = "note"  # 仅记录
    OPINION = "opinion"  # 登记为群众意见
    SUGGESTION = "suggestion"  # 拟写建议草稿


class VoterVisit(TenantTable, table=True):
    """One visit by one seat. `visited_on` is a local day; `region_id` the region of its congress."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("households >= 0 AND people_met >= 0", name="counts"),
        UniqueConstraint("delegate_id", "client_id"),
        Index("ix_visits_recent", "created_at", "id"),
        Index("ix_visits_region", "region_id", "created_at", "id"),
        Index("ix_visits_delegate", "delegate_id", "visited_on"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    client_id: str
    delegate_id: UUID = Field(foreign_key="delegates.id", sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    visited_on: date
    place: str
    households: int | None = None
    people_met: int | None = None
    summary: str
    created_at: datetime


class VisitIssue(TenantTable, table=True):
    """What was raised, in order; with the suggestion or the opinion that came of it."""

    __tablename__ = "visit_issues"
    __table_args__ = (
        one_of("wants", Wants),
        one_of("category", Category),
        UniqueConstraint("visit_id", "position"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    visit_id: UUID = Field(foreign_key="visits.id", sa_type=Uuid)
    position: int
    content: str
    category: str | None = None
    wants: str
    # A draft suggestion may be thrown away, so these are no foreign keys.
    suggestion_id: UUID | None = Field(default=None, index=True, sa_type=Uuid)
    opinion_id: UUID | None = Field(default=None, index=True, sa_type=Uuid)


class VisitPhoto(TenantTable, table=True):
    __tablename__ = "visit_photos"

    visit_id: UUID = Field(primary_key=True, foreign_key="visits.id", sa_type=Uuid)
    upload_id: UUID = Field(primary_key=True, foreign_key="uploads.id", sa_type=Uuid)
    position: int
