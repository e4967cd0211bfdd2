"""What others may learn of a suggestion. Evaluations never leave: their event is for our own use."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SuggestionEvent(Event):
    suggestion_id: UUID
    region_id: UUID
    confidential: bool


@dataclass(frozen=True, kw_only=True)
class SuggestionSubmitted(SuggestionEvent):
    name: ClassVar[str] = "suggestion.submitted"


@dataclass(frozen=True, kw_only=True)
class SuggestionAccepted(SuggestionEvent):
    name: ClassVar[str] = "suggestion.accepted"


@dataclass(frozen=True, kw_only=True)
class SuggestionSentBack(SuggestionEvent):
    name: ClassVar[str] = "suggestion.sent_back"


@dataclass(frozen=True, kw_only=True)
class SuggestionAssigned(SuggestionEvent):
    name: ClassVar[str] = "suggestion.assigned"
    assignment_id: UUID
    unit_id: UUID
    reply_due_on: date


@dataclass(frozen=True, kw_only=True)
class SuggestionTakenUp(SuggestionEvent):
    name: ClassVar[str] = "suggestion.taken_up"
    assignment_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionReplied(SuggestionEvent):
    name: ClassVar[str] = "suggestion.replied"
    assignment_id: UUID
    unit_id: UUID
    reply_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionCosigning(SuggestionEvent):
    """联名人 are asked to confirm."""

    name: ClassVar[str] = "internal.suggestion_cosigning"
    delegate_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class SuggestionTransferred(SuggestionEvent):
    name: ClassVar[str] = "suggestion.transferred"
    to: str


@dataclass(frozen=True, kw_only=True)
class SuggestionMerged(SuggestionEvent):
    name: ClassVar[str] = "suggestion.merged"
    into_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionElevated(SuggestionEvent):
    name: ClassVar[str] = "suggestion.elevated"
    to: str


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(SuggestionEvent):
    """An act waits for the chair."""

    name: ClassVar[str] = "internal.approval_asked"
    approval_id: UUID
    act: str


@dataclass(frozen=True, kw_only=True)
class SuggestionDispatched(SuggestionEvent):
    name: ClassVar[str] = "suggestion.dispatched"
    assignment_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(SuggestionEvent):
    name: ClassVar[str] = "suggestion.return_requested"
    assignment_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReturnDecided(SuggestionEvent):
    name: ClassVar[str] = "suggestion.return_decided"
    assignment_id: UUID
    unit_id: UUID
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class ExtensionRequested(SuggestionEvent):
    name: ClassVar[str] = "suggestion.extension_requested"
    assignment_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ExtensionDecided(SuggestionEvent):
    name: ClassVar[str] = "suggestion.extension_decided"
    assignment_id: UUID
    unit_id: UUID
    agreed: bool
    reply_due_on: date | None


@dataclass(frozen=True, kw_only=True)
class SuggestionEvaluated(SuggestionEvent):
    """Internal: no webhook, no feed, no unit."""

    name: ClassVar[str] = "internal.suggestion_evaluated"
    reply_id: UUID


@dataclass(frozen=True, kw_only=True)
class EvaluationReminded(SuggestionEvent):
    """The window has passed; the delegate is reminded once."""

    name: ClassVar[str] = "internal.evaluation_reminded"
    reply_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReplyRejected(SuggestionEvent):
    """不满意: for the congress alone."""

    name: ClassVar[str] = "internal.reply_rejected"
    assignment_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionRehandled(SuggestionEvent):
    """重新交办: the unit learns that it answers anew."""

    name: ClassVar[str] = "internal.suggestion_rehandled"
    assignment_id: UUID
    unit_id: UUID
    round: int


@dataclass(frozen=True, kw_only=True)
class ConferenceCalled(SuggestionEvent):
    name: ClassVar[str] = "internal.conference_called"
    assignment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PromiseReported(SuggestionEvent):
    name: ClassVar[str] = "suggestion.promise_reported"
    assignment_id: UUID
    unit_id: UUID
    commitment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PromiseSlipped(SuggestionEvent):
    name: ClassVar[str] = "suggestion.promise_slipped"
    assignment_id: UUID
    unit_id: UUID
    commitment_id: UUID
    due_on: date


@dataclass(frozen=True, kw_only=True)
class PromiseDenied(SuggestionEvent):
    name: ClassVar[str] = "internal.promise_denied"
    assignment_id: UUID
    unit_id: UUID
    commitment_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionUrged(SuggestionEvent):
    """督办: the unit is asked to do something."""

    name: ClassVar[str] = "suggestion.urged"
    unit_id: UUID
    supervision_id: UUID


@dataclass(frozen=True, kw_only=True)
class PressureReported(SuggestionEvent):
    """For the chair in person, or the county; nothing of its words."""

    name: ClassVar[str] = "internal.pressure_reported"
    recipient: str


@dataclass(frozen=True, kw_only=True)
class SuggestionWithdrawn(SuggestionEvent):
    name: ClassVar[str] = "suggestion.withdrawn"


@dataclass(frozen=True, kw_only=True)
class SuggestionClosed(SuggestionEvent):
    name: ClassVar[str] = "suggestion.closed"


@dataclass(frozen=True, kw_only=True)
class SuggestionReopened(SuggestionEvent):
    name: ClassVar[str] = "suggestion.reopened"


@dataclass(frozen=True, kw_only=True)
class SuggestionArchived(SuggestionEvent):
    name: ClassVar[str] = "suggestion.archived"
    public: bool


@dataclass(frozen=True, kw_only=True)
class FurtherReplied(SuggestionEvent):
    """再次答复: what came of a promise."""

    name: ClassVar[str] = "suggestion.further_replied"
    assignment_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class LeadSucceeded(SuggestionEvent):
    """Another delegate leads: the former one is told, and the one who leads now."""

    name: ClassVar[str] = "internal.lead_succeeded"
    delegate_ids: list[str]
