"""What the congress does beside the path: signatures, supervision, conferences, publication, ends."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id


class StandingAuthorisation(TenantTable, table=True):
    """主席团授权: a minuted authorisation under which the office acts alone, with scope and end."""

    __tablename__ = "standing_authorisations"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", index=True, sa_type=Uuid)
    act: str
    valid_from: date
    valid_until: date
    minutes_no: str


class Approval(TenantTable, table=True):
    """审签: a prepared act waiting for the chair, or the record of who allowed it and on what basis.

    `situation`: submission, assignments and rounds it was prepared for; signed in another, it would be
    an act nobody prepared.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        one_of("state", ("pending", "agreed", "refused")),
        one_of("basis", ("chair", "standing_delegation", "presidium_meeting")),
        Index(
            "uq_approvals_one_pending",
            "suggestion_id",
            "act",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_approvals_waiting", "region_id", "id", postgresql_where=text("state = 'pending'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    act: str
    body: dict[str, Any] = Field(sa_column=json_column())
    state: str
    prepared_by: UUID = Field(sa_type=Uuid)
    prepared_name: str
    prepared_at: datetime
    basis: str | None = None
    meeting_id: str | None = None
    decided_by: UUID | None = Field(default=None, sa_type=Uuid)
    decided_name: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    situation: str | None = None


class Supervision(TenantTable, table=True):
    """督办: an urge, a meeting, an inspection."""

    __tablename__ = "supervisions"
    __table_args__ = (one_of("kind", ("urge", "meeting", "inspection")),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    kind: str
    held_on: date | None = None
    participants: list[str] = Field(sa_column=json_column())
    note: str
    by: UUID = Field(sa_type=Uuid)
    by_name: str
    at: datetime


class Demand(TenantTable, table=True):
    """What a supervision asks of one unit by when, and what the unit fed back."""

    __tablename__ = "demands"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    supervision_id: UUID = Field(foreign_key="supervisions.id", index=True, sa_type=Uuid)
    unit_id: UUID = Field(foreign_key="organisations.id", sa_type=Uuid)
    content: str
    due_on: date | None = None
    feedback: str | None = None
    fed_back_at: datetime | None = None


class KeyDesignation(TenantTable, table=True):
    """重点督办: who decided, which leaders lead it."""

    __tablename__ = "key_designations"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    decided_by: str
    leader_ids: list[str] = Field(sa_column=json_column())
    meeting_id: str | None = None
    at: datetime


class Conference(TenantTable, table=True):
    """会商纪要: office, unit and delegate after a second 不满意."""

    __tablename__ = "conferences"
    __table_args__ = (
        one_of("result", ("new_plan", "closed")),
        one_of("delegate_position", ("agrees", "disagrees", "absent")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True, sa_type=Uuid)
    round: int
    held_on: date
    participants: list[str] = Field(sa_column=json_column())
    upload_id: UUID | None = Field(default=None, sa_type=Uuid)
    result: str
    due_on: date | None = None
    delegate_position: str
    at: datetime


class PressureReport(TenantTable, table=True):
    """A delegate was pressed over an evaluation: for the chair in person, or the county; sealed."""

    __tablename__ = "pressure_reports"
    __table_args__ = (one_of("recipient", ("chair", "county")),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    delegate_id: UUID = Field(foreign_key="delegates.id", sa_type=Uuid)
    recipient: str
    content_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime


class Withdrawal(TenantTable, table=True):
    """撤回: asked by the lead delegate. After 交办 the office first talks with the delegate alone.

    `asked_by_other`: did anybody ask the delegate to withdraw? Noted by the office, never shown to a unit.
    """

    __tablename__ = "withdrawals"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    reason: str
    asked_at: datetime
    asked_by: UUID | None = Field(default=None, sa_type=Uuid)
    talked_at: datetime | None = None
    talk_note: str | None = None
    asked_by_other: bool | None = None
    done_at: datetime | None = None


class WithdrawalConsent(TenantTable, table=True):
    __tablename__ = "withdrawal_consents"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    delegate_id: UUID = Field(primary_key=True, foreign_key="delegates.id", sa_type=Uuid)
    agree: bool
    at: datetime


class Elevation(TenantTable, table=True):
    """What a township cannot settle goes up; the item stays linked and the delegate is told."""

    __tablename__ = "elevations"
    __table_args__ = (
        one_of("goes_to", ("county_government_via_town", "county_standing_committee", "county_delegate")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    goes_to: str
    reason: str
    at: datetime


class Publication(TenantTable, table=True):
    """归档公开: prepared by one person, approved by another; `redactions` are the words left out."""

    __tablename__ = "publications"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    public: bool
    redactions: list[str] = Field(sa_column=json_column())
    prepared_by: UUID = Field(sa_type=Uuid)
    prepared_at: datetime
    approved_by: UUID | None = Field(default=None, sa_type=Uuid)
    approved_at: datetime | None = None


class PaperFiled(TenantTable, table=True):
    """A signed paper in the file (函、表、纪要): its number, date, scan, and whether it bears the seal."""

    __tablename__ = "papers"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    kind: str
    doc_no: str | None = None
    dated: date
    upload_id: UUID | None = Field(default=None, sa_type=Uuid)
    sealed: bool
    filed_by: UUID = Field(sa_type=Uuid)
    filed_at: datetime
