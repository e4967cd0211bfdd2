"""Liaison stations, who is on duty, who was there."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, Uuid
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id, random_code

StationId = NewType("StationId", UUID)
CODE_LENGTH = 8


def new_station_code() -> str:
    return random_code(CODE_LENGTH)


class Tier(StrEnum):
    CENTER = "center"  # 中心联络站
    STATION = "station"  # 联络站
    POINT = "point"  # 联络点


class CheckInMethod(StrEnum):
    CODE = "code"  # the printed or the rotating code was scanned
    COORDINATE = "coordinate"
    KEEPER = "keeper"  # recorded by the keeper, disputable by the delegate
    NONE = "none"  # the delegate's word alone


class LiaisonStation(TenantTable, table=True):
    """`code` is printed on posters: random, so that nobody walks through them. Coordinates: WGS-84."""

    __tablename__ = "stations"
    __table_args__ = (
        one_of("tier", Tier),
        CheckConstraint("(lat IS NULL) = (lng IS NULL)", name="coordinate_whole"),
        UniqueConstraint("region_id", "name"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    code: str = Field(default_factory=new_station_code, unique=True, max_length=16)
    name: str
    tier: str
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    address: str = ""
    hours: str = ""
    phone: str | None = None  # the station's own, public number
    lat: float | None = None
    lng: float | None = None
    radius: int = 200
    closed_at: datetime | None = None
    revision: int = 1


class DutyShift(TenantTable, table=True):
    """A delegate receives voters here, from `starts_at` to `ends_at` (half-open, UTC).

    `published_at` (business time) is None where history does not tell.
    """

    __tablename__ = "duty_shifts"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="forward"),
        UniqueConstraint("station_id", "delegate_id", "starts_at"),
        Index("ix_duty_shifts_station_time", "station_id", "starts_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    station_id: UUID = Field(foreign_key="stations.id", sa_type=Uuid)
    delegate_id: UUID = Field(foreign_key="delegates.id", index=True, sa_type=Uuid)
    starts_at: datetime
    ends_at: datetime
    published_at: datetime | None = None


class CheckIn(TenantTable, table=True):
    """Presence without a track: one verdict and a distance, never a coordinate.

    `occurred_at` is the phone's word, `received_at` the server's (business time); both are kept.
    `checked_out_at`: when the delegate left, by the server's clock; voluntary as well.
    A dispute by the delegate stands beside the record, which stays as it was.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        one_of("verdict", ("inside", "outside", "unknown")),
        one_of("method", CheckInMethod),
        CheckConstraint("(disputed_at IS NULL) = (dispute_reason IS NULL)", name="dispute_whole"),
        UniqueConstraint("delegate_id", "client_id"),
        Index("ix_check_ins_station", "station_id", "received_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    client_id: str
    station_id: UUID = Field(foreign_key="stations.id", sa_type=Uuid)
    delegate_id: UUID = Field(foreign_key="delegates.id", index=True, sa_type=Uuid)
    occurred_at: datetime
    received_at: datetime
    method: str
    verdict: str
    distance: int | None = None  # metres
    late: bool = False
    checked_out_at: datetime | None = None
    sheet_upload_id: UUID | None = Field(default=None, foreign_key="uploads.id", sa_type=Uuid)
    disputed_at: datetime | None = None
    dispute_reason: str | None = None


class Reception(TenantTable, table=True):
    """接待: one resident (or a few together) received at a station. Nobody's name: what was said is theirs.

    `delegate_id` is who received them, None where only the keeper did. `opinion_id` is what was left
    behind; opinions stand above stations, so it is no foreign key.
    """

    __tablename__ = "receptions"
    __table_args__ = (
        CheckConstraint("people > 0", name="people"),
        UniqueConstraint("entered_by", "client_id"),
        Index("ix_receptions_station", "station_id", "received_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    client_id: str
    station_id: UUID = Field(foreign_key="stations.id", sa_type=Uuid)
    delegate_id: UUID | None = Field(default=None, foreign_key="delegates.id", index=True, sa_type=Uuid)
    received_at: datetime
    people: int = 1
    summary: str
    opinion_id: UUID | None = Field(default=None, index=True, sa_type=Uuid)
    entered_by: UUID = Field(sa_type=Uuid)
    entered_at: datetime
