"""What the API shows of a suggestion."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime

from app.deadlines.schemas import DeadlineOut
from app.infra.schemas import Out
from app.suggestions.models import ContactHow, Disclosure, Mark, Outcome
from app.suggestions.states import Role, State


class AssignmentOut(Out):
    """`judged`: what became of the reply; for the congress and the delegate, never for a unit."""

    id: UUID
    unit_id: UUID
    unit_name: str
    role: Role
    state: str
    round: int
    complex: bool
    assigned_on: date
    accepted_at: AwareDatetime | None
    replied_at: AwareDatetime | None
    dispatched_by: str | None
    judged: str | None = None
    rehandling_reason: str | None = None


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
    evidence: str | None
    slips: int


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
    reply_id: UUID
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
    cosigners: list["CosignerOut"]
    seconders: list[str]
    requests: list["RequestOut"]
    co_opinions: list["CoOpinionOut"]
    further_replies: list["FurtherReplyOut"]
    supervisions: list["SupervisionOut"]
    approvals: list["ApprovalOut"]
    is_key: bool
    merged_into_id: UUID | None
    transferred_to: str | None
    reference: str | None
    no_evaluator: bool
    proxy_basis: str | None
    public: bool | None


class CosignerOut(Out):
    delegate_id: UUID
    name: str
    agreed: bool | None


class RequestOut(Out):
    """延期, 退办. `agreed` null until decided."""

    id: UUID
    assignment_id: UUID
    what: str
    reason: str
    until: date | None
    agreed: bool | None
    agreed_until: date | None
    decision_reason: str | None
    asked_at: AwareDatetime
    decided_at: AwareDatetime | None


class CoOpinionOut(Out):
    id: UUID
    assignment_id: UUID
    round: int
    content: str
    given_at: AwareDatetime
    accepted: bool | None
    decision_reason: str | None


class FurtherReplyOut(Out):
    id: UUID
    assignment_id: UUID
    commitment_id: UUID | None
    content: str
    outcome: Outcome
    at: AwareDatetime


class DemandOut(Out):
    id: UUID
    unit_id: UUID
    content: str
    due_on: date | None
    feedback: str | None
    fed_back_at: AwareDatetime | None


class SupervisionOut(Out):
    id: UUID
    kind: str
    held_on: date | None
    participants: list[str]
    note: str
    by_name: str
    at: AwareDatetime
    demands: list[DemandOut]


class ApprovalOut(Out):
    """A prepared act; `state` pending, agreed or refused. `body` is what will be done, word for word."""

    id: UUID
    suggestion_id: UUID
    act: str
    state: str
    body: dict[str, Any]
    prepared_name: str
    prepared_at: AwareDatetime
    basis: str | None
    decided_name: str | None
    decided_at: AwareDatetime | None
    reason: str | None


class ApprovalsOut(Out):
    items: list[ApprovalOut]


class ClocksOut(Out):
    """The clocks of one suggestion that the actor may see, in the order in which they were started."""

    items: list[DeadlineOut]


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
    upload_id: UUID | None
    words: str | None


class StepsOut(Out):
    items: list[StepOut]


class SuggestionsOut(Out):
    items: list[SuggestionOut]


class SimilarItem(Out):
    """`likeness`: 0-1."""

    id: UUID
    number: str | None
    title: str
    state: str
    likeness: float


class SimilarOut(Out):
    items: list[SimilarItem]
