"""What others learn of a line crossed."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class LineCrossed(Event):
    """`root_id`: the opinion or suggestion; `kind` tells evaluation clocks, which never leave us."""

    name: ClassVar[str] = "deadline.line_crossed"

    alert_id: UUID
    deadline_id: UUID
    root_id: UUID
    region_id: UUID
    unit_id: UUID | None
    kind: str
    line: str


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """A line that no clock drew. For our own use: no webhook, no feed."""

    name: ClassVar[str] = "internal.alert_raised"

    alert_id: UUID
    line: str
