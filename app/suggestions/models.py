"""Suggestions and what happens to them. History is steps: nothing is edited away."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id
from app.suggestions.workflow import AssignmentState, Role, State

SuggestionId = NewType("SuggestionId", UUID)
AssignmentId = NewType("AssignmentId", UUID)


class Outcome(StrEnum):
    """办理结果 as the law knows it; the letter A-D is derived per place."""

    SOLVED = "solved"
    PARTLY_SOLVED = "partly_solved"
    PLANNED = "planned"
    CROSS_YEAR = "cross_year"
    REFERRED_UP = "referred_up"
    NOT_FEASIBLE = "not_feasible"
    REFERENCE_ONLY = "reference_only"


class Disclosure(StrEnum):
    FULL = "full"
    SUMMARY = "summary"
    ON_REQUEST = "on_request"
    NO = "no"


class Mark(StrEnum):
    SATISFIED = "satisfied"
    BASICALLY = "basically"
    UNSATISFIED = "unsatisfied"


class ContactHow(StrEnum):
    MEETING = "meeting"  # 面商
    PHONE = "phone"
    VISIT = "visit"


class Suggestion(TenantTable, table=True):
    """One matter, raised by the lead delegate. `state` mirrors the assignments' (workflow.derive)."""

    __tablename__ = "suggestions"
    __table_args__ = (
        one_of("state", State),
        one_of("raised_in", ("session", "intersession")),
        one_of("proposer", ("delegate", "group", "delegation")),
        one_of("origin", ("suggestion", "converted_motion")),
        UniqueConstraint("congress_id", "number"),
        Index("ix_suggestions_recent", "created_at", "id"),
        Index("ix_suggestions_region", "region_id", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    number: str | None = None
    congress_id: UUID = Field(foreign_key="congresses.id", index=True, sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    level: str
    delegate_id: UUID = Field(foreign_key="delegates.id", index=True, sa_type=Uuid)
    delegate_name: str
    title: str
    situation: str
    proposal: str
    category: str | None = None
    raised_in: str
    proposer: str
    origin: str
    proposed_unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", sa_type=Uuid)
    confidential: bool = False
    delegate_agrees_public: bool | None = None
    state: str = State.DRAFT
    revision: int = 1
    created_at: datetime
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None


class SuggestionNumber(TenantTable, table=True):
    """The last number given by a congress in a term; numbers are never reused."""

    __tablename__ = "suggestion_numbers"

    congress_id: UUID = Field(primary_key=True, foreign_key="congresses.id", sa_type=Uuid)
    series: str = Field(primary_key=True)
    last: int


class SuggestionOrigin(TenantTable, table=True):
    """A resident's opinion behind a suggestion, and when that resident was told the result."""

    __tablename__ = "suggestion_origins"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    opinion_id: UUID = Field(primary_key=True, sa_type=Uuid)  # opinions stand above: no FK upward
    told_at: datetime | None = None


class Assignment(TenantTable, table=True):
    """One unit's duty. State, clocks, contacts, reply and evaluation hang here."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("state", AssignmentState),
        one_of("role", Role),
        Index(
            "uq_assignments_one_lead",
            "suggestion_id",
            unique=True,
            postgresql_where=text("role = 'lead' AND state <> 'returned'"),
        ),
        Index("ix_assignments_unit", "unit_id", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", index=True, sa_type=Uuid)
    unit_id: UUID = Field(foreign_key="organisations.id", sa_type=Uuid)
    unit_name: str
    role: str
    state: str = AssignmentState.PENDING
    round: int = 1
    complex: bool = False
    assigned_on: date  # legal date of 交办, local
    accepted_at: datetime | None = None
    replied_at: datetime | None = None


class Step(TenantTable, table=True):
    """One act, appended. `at` is business time, `legal_on` the legal date where an act has one."""

    __tablename__ = "steps"
    __table_args__ = (Index("ix_steps_suggestion", "suggestion_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    suggestion_id: UUID = Field(foreign_key="suggestions.id", sa_type=Uuid)
    assignment_id: UUID | None = Field(default=None, foreign_key="assignments.id", sa_type=Uuid)
    act: str
    left: str
    entered: str
    side: str
    actor_id: UUID | None = Field(default=None, sa_type=Uuid)
    actor_name: str
    on_behalf_of: str | None = None
    at: datetime
    written_at: datetime
    legal_on: date | None = None
    doc_no: str | None = None
    signer: str | None = None
    words: str | None = None


class ContactRecord(TenantTable, table=True):
    """The unit talked with the delegate (面商、电话、走访); `confirmed` None until the delegate taps."""

    __tablename__ = "contact_records"
    __table_args__ = (one_of("how", ContactHow),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True, sa_type=Uuid)
    round: int
    how: str
    at: datetime
    note: str
    unit_person: str | None = None
    rank: str | None = None
    entered_by: UUID = Field(sa_type=Uuid)
    entered_at: datetime
    happened: bool | None = None
    confirmed_at: datetime | None = None


class Reply(TenantTable, table=True):
    """答复 of one assignment in one round; `issued_at` None while a draft."""

    __tablename__ = "replies"
    __table_args__ = (
        one_of("outcome", Outcome),
        one_of("disclosure", Disclosure),
        UniqueConstraint("assignment_id", "round"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", sa_type=Uuid)
    round: int
    content: str
    outcome: str
    disclosure: str
    disclosure_reason: str | None = None
    drafted_by: UUID = Field(sa_type=Uuid)
    drafted_at: datetime
    issued_by: UUID | None = Field(default=None, sa_type=Uuid)
    issued_at: datetime | None = None
    legal_on: date | None = None
    doc_no: str | None = None
    signer: str | None = None


class Commitment(TenantTable, table=True):
    """承诺事项: what, by when, who; followed until kept."""

    __tablename__ = "commitments"
    __table_args__ = (one_of("state", ("open", "reported", "kept", "broken")),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    reply_id: UUID = Field(foreign_key="replies.id", index=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True, sa_type=Uuid)
    content: str
    due_on: date
    owner: str
    state: str = "open"
    evidence: str | None = None
    reported_at: datetime | None = None
    confirmed_at: datetime | None = None


class Evaluation(TenantTable, table=True):
    """评价 by the delegate alone; no unit may see an individual one. Optional marks are never copied."""

    __tablename__ = "evaluations"
    __table_args__ = (
        one_of("overall", Mark),
        CheckConstraint("overall <> 'unsatisfied' OR comment IS NOT NULL", name="reason"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    reply_id: UUID = Field(foreign_key="replies.id", unique=True, sa_type=Uuid)
    delegate_id: UUID = Field(foreign_key="delegates.id", index=True, sa_type=Uuid)
    overall: str
    attitude: str | None = None
    contact: str | None = None
    reply: str | None = None
    result: str | None = None
    comment: str | None = None
    reason_may_reach_unit: bool = False
    proxy_basis: str | None = None
    entered_by: UUID = Field(sa_type=Uuid)
    at: datetime


class StandingAuthorisation(TenantTable, table=True):
    """主席团授权: a minuted authorisation under which the office acts alone, with scope and end."""

    __tablename__ = "standing_authorisations"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    congress_id: UUID = Field(foreign_key="congresses.id", index=True, sa_type=Uuid)
    act: str
    valid_from: date
    valid_until: date
    minutes_no: str
