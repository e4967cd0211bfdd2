"""Bodies of stations, rotas and check-ins."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, Field

from app.infra.schemas import Body, ListQuery, Out, Reason, Short
from app.kernel.geo import Coordinate, System
from app.kernel.text import Line
from app.stations.models import CheckInMethod, Tier
from app.stations.presence import USUAL_RADIUS, Verdict


def _in_utc(moment: datetime) -> datetime:
    """As it will be read again: a first answer and its repetition are then the same."""
    return moment.astimezone(UTC)


# What a wrong clock may say at worst; beyond it conversions between zones overflow.
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
    AfterValidator(_in_utc),
]
ClientId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class CoordinateIn(Body):
    """A position in degrees with its frame; `accuracy` in metres. Without `system` it is no place."""

    lat: float
    lng: float
    accuracy: float | None = None
    system: Literal["gcj02", "wgs84"]

    def coordinate(self) -> Coordinate:
        """Raises CoordinateInvalid."""
        return Coordinate(self.lat, self.lng, self.accuracy, System(self.system))


class CoordinateOut(Out):
    lat: float
    lng: float
    system: Literal["wgs84"] = "wgs84"


class StationFacts(Body):
    """`hours`: the reception days in words; `phone`: the station's own, public; `radius`: metres."""

    name: Short
    tier: Tier
    address: Annotated[str, Line(200, blank=True)] = ""
    hours: Annotated[str, Line(200, blank=True)] = ""
    phone: Annotated[str, Line(40)] | None = None
    coordinate: CoordinateIn | None = None
    radius: Annotated[int, Field(ge=20, le=5_000)] = USUAL_RADIUS


class StationIn(StationFacts):
    township_id: UUID


class StationEdit(StationFacts):
    """The whole station anew; `closed` ends or resumes its work."""

    closed: bool = False


class StationOut(Out):
    id: UUID
    code: str
    name: str
    tier: Tier
    township_id: UUID
    township_name: str
    address: str
    hours: str
    phone: str | None
    coordinate: CoordinateOut | None
    radius: int
    closed: bool


class StationQuery(ListQuery):
    township_id: UUID | None = None
    tier: Tier | None = None
    closed: bool | None = None
    q: Annotated[str, Field(max_length=80)] | None = None


class ShiftIn(Body):
    delegate_id: UUID
    starts_at: Moment
    ends_at: Moment


class ShiftOut(Out):
    """`published_late`: fewer than 3 local days before it begins."""

    id: UUID
    station_id: UUID
    delegate_id: UUID
    delegate_name: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    published_at: AwareDatetime | None
    published_late: bool


class ShiftQuery(ListQuery):
    """`from` and `to`: local days, both included."""

    since: Annotated[date | None, Query(alias="from", ge=date(2000, 1, 1), le=date(2100, 1, 1))] = None
    until: Annotated[date | None, Query(alias="to", ge=date(2000, 1, 1), le=date(2100, 1, 1))] = None


class CheckInIn(Body):
    """`client_id` is given by the phone and names this presence for ever; the rest is voluntary.

    `delegate_id` chooses among the actor's own seats.
    """

    client_id: ClientId
    code: Annotated[str, Line(64)] | None = None
    coordinate: CoordinateIn | None = None
    occurred_at: Moment | None = None
    delegate_id: UUID | None = None


class CheckInOut(Out):
    """`distance`: whole metres from the station; `sheet_upload_id`: the signed sheet, as a scan."""

    id: UUID
    station_id: UUID
    delegate_id: UUID
    verdict: Verdict
    distance: int | None
    method: CheckInMethod
    late: bool
    occurred_at: AwareDatetime
    received_at: AwareDatetime
    checked_out_at: AwareDatetime | None
    sheet_upload_id: UUID | None
    disputed_at: AwareDatetime | None
    dispute_reason: str | None


class NamedCheckInOut(CheckInOut):
    delegate_name: str


class CodeOut(Out):
    """What the screen shows now, till `valid_until` (machine time); it is taken a few seconds longer."""

    code: str
    valid_until: AwareDatetime


class AttendanceIn(Body):
    """Who was at the station on that local day, as the keeper saw or the signed sheet says."""

    date: date
    delegate_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    sheet_upload_id: UUID | None = None


class AttendanceOut(Out):
    items: list[NamedCheckInOut]


class DisputeIn(Body):
    reason: Reason
