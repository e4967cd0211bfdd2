"""What passes between unit and delegate: contacts, requests, co-opinions, replies, promises, evaluations."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id
from app.suggestions.models import ContactHow, Disclosure, Mark, Outcome


class CommitmentState(StrEnum):
    OPEN = "open"
    REPORTED = "reported"  # the unit says it is done
    KEPT = "kept"  # the delegate confirms
    DENIED = "denied"  # the delegate says it is not
    CLEARED = "cleared"  # the delegate stayed silent, the office looked for itself (未表态)
    SUPERSEDED = "superseded"  # re-handled: the next reply promises anew


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
    """承诺事项: what, by when, who; followed until kept.

    Two truths: `reported_at` is the unit's, `confirmed_at` the delegate's (`seen_how`), `cleared_how` the
    office's own check where the delegate stayed silent. `slips` counts moved dates.
    """

    __tablename__ = "commitments"
    __table_args__ = (one_of("state", CommitmentState),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    reply_id: UUID = Field(foreign_key="replies.id", index=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True, sa_type=Uuid)
    content: str
    due_on: date
    owner: str
    state: str = CommitmentState.OPEN
    evidence: str | None = None
    reported_at: datetime | None = None
    confirmed_at: datetime | None = None
    seen_how: str | None = None
    cleared_how: str | None = None
    slips: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Evaluation(TenantTable, table=True):
    """评价 by the delegate alone; no unit may see an individual one. Optional marks are never copied.

    One for each suggestion that the reply answers: `suggestion_id` is the delegate's own, which may have
    been merged into the one that was handled.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        one_of("overall", Mark),
        CheckConstraint("overall <> 'unsatisfied' OR comment IS NOT NULL", name="reason"),
        UniqueConstraint("reply_id", "suggestion_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    reply_id: UUID = Field(foreign_key="replies.id", sa_type=Uuid)
    suggestion_id: UUID | None = Field(default=None, foreign_key="suggestions.id", sa_type=Uuid)
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


class Request(TenantTable, table=True):
    """A unit asks for more time (延期) or to hand the matter back (退办); `agreed` None until decided."""

    __tablename__ = "requests"
    __table_args__ = (
        one_of("what", ("extension", "return")),
        Index(
            "uq_requests_one_open",
            "assignment_id",
            "what",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", sa_type=Uuid)
    what: str
    round: int
    reason: str
    until: date | None = None
    proposed_unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", sa_type=Uuid)
    asked_by: UUID = Field(sa_type=Uuid)
    asked_at: datetime
    agreed: bool | None = None
    agreed_until: date | None = None
    decision_reason: str | None = None
    decided_at: datetime | None = None


class CoOpinion(TenantTable, table=True):
    """会办意见: what a co-unit answers the lead unit; one redo. `accepted` None until the lead decides."""

    __tablename__ = "co_opinions"
    __table_args__ = (UniqueConstraint("assignment_id", "round"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", sa_type=Uuid)
    round: int
    content: str
    given_by: UUID = Field(sa_type=Uuid)
    given_at: datetime
    accepted: bool | None = None
    decision_reason: str | None = None


class FurtherReply(TenantTable, table=True):
    """再次答复: what came of a promise, told to the delegate and every co-signer."""

    __tablename__ = "further_replies"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True, sa_type=Uuid)
    commitment_id: UUID | None = Field(default=None, foreign_key="commitments.id", sa_type=Uuid)
    content: str
    outcome: str
    by: UUID = Field(sa_type=Uuid)
    at: datetime
