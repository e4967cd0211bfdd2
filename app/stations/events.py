"""What others may learn of stations: ids only, never a place on the earth."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class StationCheckedIn(Event):
    name: ClassVar[str] = "station.checked_in"
    check_in_id: UUID
    station_id: UUID
    delegate_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReceptionHeld(Event):
    name: ClassVar[str] = "station.reception_held"
    reception_id: UUID
    station_id: UUID
