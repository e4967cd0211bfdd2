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
class SuggestionEvaluated(SuggestionEvent):
    """Internal: no webhook, no feed, no unit."""

    name: ClassVar[str] = "internal.suggestion_evaluated"
    reply_id: UUID


@dataclass(frozen=True, kw_only=True)
class SuggestionClosed(SuggestionEvent):
    name: ClassVar[str] = "suggestion.closed"
