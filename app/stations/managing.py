"""Stations are founded, changed, closed; their rota is published."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.directory import queries as directory
from app.directory.models import RegionKind
from app.infra import audit
from app.kernel.geo import Coordinate, System
from app.stations import queries
from app.stations.errors import (
    DelegatesUnknown,
    ShiftBackwards,
    ShiftOverlaps,
    StationClosed,
    StationNameTaken,
    TownshipNotInCare,
)
from app.stations.models import DutyShift, LiaisonStation, Tier
from app.stations.rota import forward


@dataclass(frozen=True)
class Facts:
    """What a station's office says of it. `radius` in metres; `place` in any frame, kept as WGS-84."""

    name: str
    tier: Tier
    address: str
    hours: str
    phone: str | None
    place: Coordinate | None
    radius: int


async def found_station(
    tx: AsyncSession, facts: Facts, *, township_id: UUID, actor: Actor, now: datetime
) -> LiaisonStation:
    """Open a station in a township or street of the office's care; it gets a code of its own."""
    await _need_township(tx, actor, township_id)
    await _need_free_name(tx, township_id, facts.name, but=None)
    station = LiaisonStation(name=facts.name, tier=facts.tier, region_id=township_id)
    _describe(station, facts)
    tx.add(station)
    await tx.flush()
    _note(tx, "station.create", station, actor, now)
    return station


async def change(
    tx: AsyncSession,
    station: LiaisonStation,
    facts: Facts,
    *,
    closed: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Describe a (locked) station anew. A closed one keeps its code, rota and history."""
    await _need_free_name(tx, station.region_id, facts.name, but=station.id)
    before = station.model_dump()
    _describe(station, facts)
    station.closed_at = (station.closed_at or now) if closed else None
    changed = [name for name, value in before.items() if getattr(station, name) != value]
    station.revision += 1
    tx.add(station)
    _note(tx, "station.change", station, actor, now, fields=changed)


async def publish_shift(
    tx: AsyncSession,
    station: LiaisonStation,
    delegate_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> DutyShift:
    """Put a delegate on the rota of a (locked) station. Late publication is shown, not refused."""
    if station.closed_at:
        raise StationClosed
    if not forward(starts_at, ends_at):
        raise ShiftBackwards
    if not await queries.sitting(tx, [delegate_id]):
        raise DelegatesUnknown("delegate_id")
    if await queries.overlapping(tx, station.id, delegate_id, starts_at=starts_at, ends_at=ends_at):
        raise ShiftOverlaps
    shift = DutyShift(
        station_id=station.id,
        delegate_id=delegate_id,
        starts_at=starts_at,
        ends_at=ends_at,
        published_at=now,
    )
    tx.add(shift)
    await tx.flush()
    _note(tx, "station.publish_shift", station, actor, now)
    return shift


async def _need_township(tx: AsyncSession, actor: Actor, township_id: UUID) -> None:
    cared_for = actor.in_county(Role.CONGRESS_OFFICE) or township_id in actor.scopes(Role.CONGRESS_OFFICE)
    townships = await directory.regions(tx, kinds=(RegionKind.TOWNSHIP, RegionKind.STREET))
    if not cared_for or township_id not in {township.id for township in townships}:
        raise TownshipNotInCare


async def _need_free_name(tx: AsyncSession, region_id: UUID, name: str, *, but: UUID | None) -> None:
    taken = await queries.named(tx, region_id, name)
    if taken is not None and taken.id != but:
        raise StationNameTaken(name)


def _describe(station: LiaisonStation, facts: Facts) -> None:
    place = facts.place.within(System.WGS84) if facts.place else None
    station.name = facts.name
    station.tier = facts.tier
    station.address = facts.address
    station.hours = facts.hours
    station.phone = facts.phone
    station.lat = place.lat if place else None
    station.lng = place.lng if place else None
    station.radius = facts.radius


def _note(
    tx: AsyncSession,
    action: str,
    station: LiaisonStation,
    actor: Actor,
    now: datetime,
    *,
    fields: list[str] | None = None,
) -> None:
    audit.note(
        tx,
        action,
        actor=actor.label,
        subject_kind="station",
        subject_id=station.id,
        now=now,
        fields=fields or (),
    )
