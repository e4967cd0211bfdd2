"""What others may learn of a visit: ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class VisitRecorded(Event):
    name: ClassVar[str] = "visit.recorded"
    visit_id: UUID
    delegate_id: UUID
    region_id: UUID
