"""Bodies of suggestions and their acts."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.infra.schemas import Body, ListQuery, Long, Out, Reason, Short
from app.suggestions.models import ContactHow, Disclosure, Mark, Outcome
from app.suggestions.workflow import AssignmentState, Role, State


class Proxy(Body):
    """Why the office enters for the delegate."""

    basis: Literal["signed_paper", "recorded_call", "in_person"]
    upload_id: UUID | None = None
    witness: Short | None = None


class SuggestionIn(Body):
    """A draft. `seat_id` only for holders of two seats; `on_behalf_of` is a delegate's seat."""

    title: Short
    situation: Long
    proposal: Long
    category: Short | None = None
    seat_id: UUID | None = None
    raised_in: Literal["session", "intersession"] = "intersession"
    session_id: UUID | None = None
    proposer: Literal["delegate", "group", "delegation"] = "delegate"
    origin: Literal["suggestion", "converted_motion"] = "suggestion"
    proposed_unit_id: UUID | None = None
    confidential: bool = False
    delegate_agrees_public: bool | None = None
    on_behalf_of: UUID | None = None
    proxy: Proxy | None = None


class SuggestionEdit(Body):
    title: Short
    situation: Long
    proposal: Long
    category: Short | None = None
    proposed_unit_id: UUID | None = None
    confidential: bool = False
    delegate_agrees_public: bool | None = None


class Act(Body):
    """What every act may carry: a note."""

    note: Reason | None = None


class LegalAct(Body):
    """Acts with legal effect: the paper's date (local; default today), number and signer."""

    legal_date: date | None = None
    doc_no: Short | None = None
    signer: Short | None = None


class ReviewIn(LegalAct):
    decision: Literal["accept", "send_back"]
    reason_code: Short | None = None
    reason: Reason | None = None


class AssignmentIn(LegalAct):
    lead_unit_id: UUID
    complex: bool = False


class AcceptanceIn(Body):
    assignment_id: UUID | None = None


class ContactIn(Body):
    """`at`: when they talked, with time zone."""

    how: ContactHow
    at: AwareDatetime
    note: Reason
    unit_person: Short | None = None
    rank: Literal["head", "deputy", "officer"] | None = None
    assignment_id: UUID | None = None


class ContactConfirmationIn(Body):
    happened: bool


class PromiseIn(Body):
    content: Reason
    due_on: date
    owner: Short


class ReplyDraftIn(Body):
    content: Long
    outcome: Outcome
    disclosure: Disclosure
    disclosure_reason: Reason | None = None
    commitments: list[PromiseIn] = Field(default_factory=list, max_length=20)
    assignment_id: UUID | None = None


class ReplyReturnIn(Body):
    reason: Reason
    assignment_id: UUID | None = None


class ReplyIssueIn(LegalAct):
    assignment_id: UUID | None = None


class EvaluationIn(Body):
    overall: Mark
    attitude: Mark | None = None
    contact: Mark | None = None
    reply: Mark | None = None
    result: Mark | None = None
    comment: Reason | None = None
    reason_may_reach_unit: bool = False
    proxy: Proxy | None = None


class SuggestionQuery(ListQuery):
    state: State | None = None
    congress_id: UUID | None = None
    unit_id: UUID | None = None
    delegate_id: UUID | None = None
    overdue: bool | None = None
    category: str | None = None
    q: Annotated[str, Field(max_length=80)] | None = None


class AssignmentOut(Out):
    id: UUID
    unit_id: UUID
    unit_name: str
    role: Role
    state: AssignmentState
    round: int
    complex: bool
    assigned_on: date
    accepted_at: AwareDatetime | None
    replied_at: AwareDatetime | None


class SuggestionSummary(Out):
    """A line of a list. `delegate_name` is null where a confidential item hides it."""

    id: UUID
    number: str | None
    title: str
    state: State
    category: str | None
    congress_id: UUID
    delegate_id: UUID | None
    delegate_name: str | None
    confidential: bool
    created_at: AwareDatetime
    submitted_at: AwareDatetime | None
    accepted_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    assignments: list[AssignmentOut]


class ContactOut(Out):
    id: UUID
    assignment_id: UUID
    how: ContactHow
    at: AwareDatetime
    note: str
    unit_person: str | None
    rank: str | None
    happened: bool | None


class CommitmentOut(Out):
    id: UUID
    content: str
    due_on: date
    owner: str
    state: str


class ReplyOut(Out):
    id: UUID
    assignment_id: UUID
    round: int
    content: str
    outcome: Outcome
    disclosure: Disclosure
    issued_at: AwareDatetime | None
    legal_on: date | None
    doc_no: str | None
    signer: str | None
    commitments: list[CommitmentOut]


class EvaluationOut(Out):
    overall: Mark
    attitude: Mark | None
    contact: Mark | None
    reply: Mark | None
    result: Mark | None
    comment: str | None
    at: AwareDatetime


class SuggestionOut(SuggestionSummary):
    situation: str
    proposal: str
    raised_in: str
    proposer: str
    origin: str
    proposed_unit_id: UUID | None
    delegate_agrees_public: bool | None
    allowed: list[str]
    contacts: list[ContactOut]
    replies: list[ReplyOut]
    evaluations: list[EvaluationOut]
    opinion_ids: list[UUID]


class StepOut(Out):
    id: UUID
    assignment_id: UUID | None
    act: str
    left: str
    entered: str
    actor_name: str | None
    on_behalf_of: str | None
    at: AwareDatetime
    written_at: AwareDatetime
    legal_on: date | None
    doc_no: str | None
    signer: str | None
    words: str | None


class StepsOut(Out):
    items: list[StepOut]
