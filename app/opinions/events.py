"""What others may learn of an opinion: ids and the state, never words, names or phones."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OpinionEvent(Event):
    opinion_id: UUID
    region_id: UUID
    confidential: bool


@dataclass(frozen=True, kw_only=True)
class OpinionReceived(OpinionEvent):
    name: ClassVar[str] = "opinion.received"


@dataclass(frozen=True, kw_only=True)
class OpinionAdopted(OpinionEvent):
    name: ClassVar[str] = "opinion.adopted"
    suggestion_id: UUID


@dataclass(frozen=True, kw_only=True)
class OpinionAnswered(OpinionEvent):
    name: ClassVar[str] = "opinion.answered"


@dataclass(frozen=True, kw_only=True)
class OpinionTransferred(OpinionEvent):
    name: ClassVar[str] = "opinion.transferred"


@dataclass(frozen=True, kw_only=True)
class OpinionTold(OpinionEvent):
    name: ClassVar[str] = "opinion.told"


@dataclass(frozen=True, kw_only=True)
class OpinionClosed(OpinionEvent):
    name: ClassVar[str] = "opinion.closed"


@dataclass(frozen=True, kw_only=True)
class OpinionReopened(OpinionEvent):
    name: ClassVar[str] = "opinion.reopened"
