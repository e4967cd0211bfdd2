"""Bodies of the government's acts."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.infra.schemas import Body, Long, Reason, Short
from app.suggestions.models import ContactHow, Disclosure, Outcome
from app.suggestions.schemas import LegalAct


class DispatchIn(Body):
    lead_unit_id: UUID
    co_unit_ids: list[UUID] = Field(default_factory=list, max_length=20)
    note: Reason | None = None


class ReturnRequestIn(Body):
    reason: Reason
    proposed_unit_id: UUID | None = None
    assignment_id: UUID | None = None


class ExtensionRequestIn(Body):
    """`until`: the last local day asked for."""

    until: date
    reason: Reason
    assignment_id: UUID | None = None


class CoOpinionIn(Body):
    content: Long
    assignment_id: UUID | None = None


class CoOpinionDecisionIn(Body):
    assignment_id: UUID
    accept: bool
    reason: Reason | None = None


class FulfilmentIn(Body):
    evidence: Reason
    upload_ids: list[UUID] = Field(default_factory=list, max_length=9)


class SlipIn(Body):
    new_due_on: date
    reason: Reason


class FurtherReplyIn(Body):
    content: Long
    outcome: Outcome
    commitment_id: UUID | None = None
    assignment_id: UUID | None = None


class FeedbackIn(Body):
    content: Reason


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
    """Signs the draft; a `content` (then `outcome`, `disclosure` too) replaces the draft first."""

    assignment_id: UUID | None = None
    content: Long | None = None
    outcome: Outcome | None = None
    disclosure: Disclosure | None = None
    disclosure_reason: Reason | None = None
    commitments: list[PromiseIn] = Field(default_factory=list, max_length=20)
