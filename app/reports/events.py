"""What others may learn of a yearly report: ids and the year."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class HandlingReportPublished(Event):
    name: ClassVar[str] = "handling_report.published"
    report_id: UUID
    congress_id: UUID
    region_id: UUID
    period: str
