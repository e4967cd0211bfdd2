"""Bodies of suggestions and of the delegate's acts."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.infra.schemas import Body, ListQuery, Long, Reason, Short
from app.suggestions.models import Mark
from app.suggestions.states import State


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
    cosigner_ids: list[UUID] = Field(default_factory=list, max_length=200)
    upload_ids: list[UUID] = Field(default_factory=list, max_length=9)
    on_behalf_of: UUID | None = None
    proxy: Proxy | None = None


class SuggestionBatch(Body):
    """What was handed in on paper at a session: all of it, or nothing."""

    items: list[SuggestionIn] = Field(min_length=1, max_length=100)


class SuggestionEdit(Body):
    title: Short
    situation: Long
    proposal: Long
    category: Short | None = None
    proposed_unit_id: UUID | None = None
    confidential: bool = False
    delegate_agrees_public: bool | None = None
    cosigner_ids: list[UUID] | None = Field(default=None, max_length=200)


class Act(Body):
    """What every act may carry: a note."""

    note: Reason | None = None


class LegalAct(Body):
    """Acts with legal effect: the paper's date (local; default today), number and signer."""

    legal_date: date | None = None
    doc_no: Short | None = None
    signer: Short | None = None
    upload_id: UUID | None = None


class ApprovalIn(Body):
    """On what the chair's signature rests."""

    basis: Literal["chair", "standing_delegation", "presidium_meeting"] = "chair"
    meeting_id: Short | None = None


class SignedAct(LegalAct):
    """An act of the presidium; without `approval` the office's act may wait for the chair."""

    approval: ApprovalIn | None = None


class CosignatureIn(Body):
    agree: bool
    on_behalf_of: UUID | None = None
    proxy: Proxy | None = None


class KeptIn(Body):
    kept: bool
    seen_how: Literal["site", "phone", "told"]
    note: Reason | None = None


class PressureIn(Body):
    content: Reason
    to: Literal["chair", "county"]


class WithdrawalIn(Body):
    reason: Reason
    proxy: Proxy | None = None


class ConsentIn(Body):
    agree: bool


class ContactConfirmationIn(Body):
    happened: bool


class EvaluationIn(Body):
    overall: Mark
    attitude: Mark | None = None
    contact: Mark | None = None
    reply: Mark | None = None
    result: Mark | None = None
    comment: Reason | None = None
    reason_may_reach_unit: bool = False
    reply_id: UUID | None = None
    proxy: Proxy | None = None


class SuggestionQuery(ListQuery):
    state: State | None = None
    congress_id: UUID | None = None
    unit_id: UUID | None = None
    delegate_id: UUID | None = None
    overdue: bool | None = None
    category: str | None = None
    q: Annotated[str, Field(max_length=80)] | None = None
