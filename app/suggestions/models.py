"""Suggestions and what happens to them. History is steps: nothing is edited away."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id
from app.suggestions.states import AssignmentState, Role, State

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
    """One matter, raised by the lead delegate. `state` mirrors the assignments' (workflow.derive).

    `revision` counts changes that anybody may notice, `judgements` those hidden from the units.
    `no_evaluator` (无评价人): the lead delegate is gone and nobody leads now; the reply is still owed.
    """

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
    judgements: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    session_id: UUID | None = Field(default=None, sa_type=Uuid)
    merged_into_id: UUID | None = Field(default=None, foreign_key="suggestions.id", sa_type=Uuid)
    transferred_to: str | None = None
    reference: str | None = None
    is_key: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    no_evaluator: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    public: bool | None = None
    proxy_basis: str | None = None
    proxy_upload_id: UUID | None = Field(default=None, sa_type=Uuid)
    proxy_witness: str | None = None
    created_at: datetime
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None


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


class SuggestionUpload(TenantTable, table=True):
    """A photo or scan handed in with the suggestion."""

    __tablename__ = "suggestion_uploads"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    upload_id: UUID = Field(primary_key=True, foreign_key="uploads.id", sa_type=Uuid)


class Assignment(TenantTable, table=True):
    """One unit's duty. State, clocks, contacts, reply and evaluation hang here.

    `return_asked`: the one request to return it is used up. `reminded_on`: local date on which the silent
    delegate was reminded. `plan_due_on`: what a conference agreed. `rehandling_reason`: the delegate's
    reason, with consent. `dispatched_by`: the office that passed it on (分办).
    """

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("state", AssignmentState),
        one_of("role", Role),
        Index(
            "uq_assignments_one_lead",
            "suggestion_id",
            unique=True,
            postgresql_where=text("role = 'lead' AND state NOT IN ('returned', 'ended')"),
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
    return_asked: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    dispatched_by: str | None = None
    reminded_on: date | None = None
    plan_due_on: date | None = None
    rehandling_reason: str | None = None


class CoSigner(TenantTable, table=True):
    """联名人: a delegate of the same congress who confirms and is answered too; `place` is the order."""

    __tablename__ = "cosigners"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    delegate_id: UUID = Field(primary_key=True, foreign_key="delegates.id", index=True, sa_type=Uuid)
    name: str
    place: int
    agreed: bool | None = None
    decided_at: datetime | None = None


class Seconder(TenantTable, table=True):
    """附议: supports, and owes and is owed nothing."""

    __tablename__ = "seconders"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestions.id", sa_type=Uuid)
    delegate_id: UUID = Field(primary_key=True, foreign_key="delegates.id", sa_type=Uuid)
    name: str
    at: datetime


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
    upload_id: UUID | None = Field(default=None, sa_type=Uuid)
    words: str | None = None
