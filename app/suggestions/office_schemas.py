"""Bodies of the congress's acts."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.infra.schemas import Body, Reason, Short
from app.suggestions.schemas import ApprovalIn, SignedAct

ReasonCode = Literal[
    "own_matter",  # 涉及本人或亲属
    "forwarded_letter",  # 代转群众来信
    "accusation",  # 检举控告、申诉
    "judicial_case",  # 具体司法案件
    "bidding",  # 招投标和推介
    "no_content",  # 没有具体内容
    "several_matters",  # 不是一事一议
    "not_in_remit",  # 不属于本级职权
    "other",
]


class ReviewIn(SignedAct):
    decision: Literal["accept", "send_back", "transfer", "merge"]
    reason_code: ReasonCode | None = None
    reason: Reason | None = None
    into_id: UUID | None = None
    to: Short | None = None
    reference: Short | None = None


class AssignmentIn(SignedAct):
    lead_unit_id: UUID | None = None
    co_unit_ids: list[UUID] = Field(default_factory=list, max_length=20)
    separate_unit_ids: list[UUID] = Field(default_factory=list, max_length=20)
    complex: bool = False


class AssignmentBatchItem(AssignmentIn):
    suggestion_id: UUID
    approval: None = None


class AssignmentBatch(Body):
    """交办一览表: one signature for the list; all of it, or nothing."""

    items: list[AssignmentBatchItem] = Field(min_length=1, max_length=100)
    approval: ApprovalIn | None = None


class ElevationIn(SignedAct):
    to: Literal["county_government_via_town", "county_standing_committee", "county_delegate"]
    reason: Reason


class ReturnDecisionIn(SignedAct):
    agree: bool
    reason: Reason
    assignment_id: UUID | None = None


class ExtensionDecisionIn(SignedAct):
    agree: bool
    until: date | None = None
    reason: Reason
    assignment_id: UUID | None = None


class RejectionDecisionIn(SignedAct):
    """`upload_id`: the delegate's signed consent, where the reply is to stand."""

    decision: Literal["rehandle", "stand", "conference"]
    reason: Reason
    assignment_id: UUID | None = None


class ConferenceIn(Body):
    held_on: date
    participants: list[Short] = Field(min_length=1, max_length=50)
    upload_id: UUID | None = None
    result: Literal["new_plan", "closed"]
    due_on: date | None = None
    delegate_position: Literal["agrees", "disagrees", "absent"]
    assignment_id: UUID | None = None


class ClearanceIn(Body):
    how: Reason


class DemandIn(Body):
    content: Reason
    unit_id: UUID
    due_on: date | None = None


class SupervisionIn(Body):
    kind: Literal["urge", "meeting", "inspection"]
    held_on: date | None = None
    participants: list[Short] = Field(default_factory=list, max_length=50)
    demands: list[DemandIn] = Field(default_factory=list, max_length=20)
    note: Reason


class KeyDesignationIn(Body):
    decided_by: Short
    leader_ids: list[UUID] = Field(default_factory=list, max_length=20)
    meeting_id: Short | None = None


class WithdrawalTalkIn(Body):
    """`asked_by_other`: did anybody ask the delegate to withdraw?"""

    note: Reason
    asked_by_other: bool


class SuccessionIn(Body):
    """`to_delegate_id` null: nobody is left to lead (无评价人)."""

    to_delegate_id: UUID | None = None
    reason: Reason


class ReasonIn(Body):
    reason: Reason


class PublicationIn(Body):
    public: bool
    redactions: list[Short] = Field(default_factory=list, max_length=50)


class DecisionIn(Body):
    """The chair's word on a prepared act."""

    agree: bool
    reason: Reason | None = None
    basis: Literal["chair", "presidium_meeting"] = "chair"
    meeting_id: Short | None = None


class DecisionBatch(DecisionIn):
    ids: list[UUID] = Field(min_length=1, max_length=100)
