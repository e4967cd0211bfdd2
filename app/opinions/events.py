"""What others may learn of an opinion: ids and the state, never words, names or phones."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OpinionEvent(Event):
    """`confidential`: only the offices may learn of it, as somebody asked, or as it may accuse somebody."""

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
class OpinionReferred(OpinionEvent):
    name: ClassVar[str] = "opinion.referred"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralTakenUp(OpinionEvent):
    name: ClassVar[str] = "opinion.taken_up"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralReturned(OpinionEvent):
    name: ClassVar[str] = "opinion.returned"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ExtensionAsked(OpinionEvent):
    name: ClassVar[str] = "opinion.extension_requested"
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ExtensionGiven(OpinionEvent):
    name: ClassVar[str] = "opinion.extension_decided"
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class OpinionMerged(OpinionEvent):
    name: ClassVar[str] = "opinion.merged"
    into_id: UUID


@dataclass(frozen=True, kw_only=True)
class OpinionTransferred(OpinionEvent):
    name: ClassVar[str] = "opinion.transferred"
    to: str


@dataclass(frozen=True, kw_only=True)
class OpinionTold(OpinionEvent):
    name: ClassVar[str] = "opinion.told"


@dataclass(frozen=True, kw_only=True)
class OpinionClosed(OpinionEvent):
    name: ClassVar[str] = "opinion.closed"


@dataclass(frozen=True, kw_only=True)
class CommitmentSeen(OpinionEvent):
    """What a resident says of a promise: evidence for whoever follows it, nobody else's business."""

    name: ClassVar[str] = "internal.commitment_seen"
    commitment_id: UUID
    kept: bool


@dataclass(frozen=True, kw_only=True)
class OpinionReopened(OpinionEvent):
    name: ClassVar[str] = "opinion.reopened"
