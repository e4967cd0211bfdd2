"""Who was at a station: checked in by the delegate, recorded by the keeper, disputed by the delegate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.infra import audit, outbox
from app.kernel.clock import local_date, local_midnight
from app.kernel.geo import Coordinate, System
from app.stations import queries
from app.stations.errors import (
    AttendanceInFuture,
    AttendanceTooLongAgo,
    CheckOutTooLate,
    DelegatesUnknown,
    DisputedAlready,
    DisputeTooLate,
    OccurredTooLongAgo,
    SeatNotOwn,
    StationClosed,
    StationCodeWrong,
)
from app.stations.events import StationCheckedIn
from app.stations.models import CheckIn, CheckInMethod, LiaisonStation
from app.stations.presence import LATE_AFTER, Verdict, occurrence, presence
from app.stations.rota import RECENT, dispute_ends, may_check_out
from app.stations.screens import Screen, screen_of
from app.uploads import service as uploads


@dataclass(frozen=True)
class Report:
    """What the phone sends. `place` is compared and forgotten; `client_id` names the presence."""

    client_id: str
    code: str | None = None
    place: Coordinate | None = None
    occurred_at: datetime | None = None


def own_seat(actor: Actor, delegate_id: UUID | None) -> UUID:
    """The seat named, which must be the actor's; else the one held longest. Raises SeatNotOwn."""
    seats = sorted(actor.delegate_ids)
    if delegate_id is None and seats:
        return seats[0]
    if delegate_id not in seats:
        raise SeatNotOwn
    return delegate_id


async def check_in(
    tx: AsyncSession,
    station_id: UUID,
    delegate_id: UUID,
    report: Report,
    *,
    actor: Actor,
    now: datetime,
    historic: bool = False,
) -> tuple[CheckIn, bool]:
    """The delegate's presence and whether it is new: the same client id always gives the first record.

    `historic`: entered afterwards from older records, `now` being its own time; nobody is told.
    Raises StationUnknown, StationClosed, StationCodeWrong, OccurredInFuture, OccurredTooLongAgo.
    """
    station = await queries.station(tx, station_id)
    known = await queries.by_client(tx, delegate_id, report.client_id)
    if known is not None:
        return known, False
    wanted = _record(station, delegate_id, report, now, codes=screen_of(tx, station))
    if not await _keep(tx, [wanted], actor, now, historic=historic):
        return await _first(tx, delegate_id, report.client_id), False
    return wanted, True


def _record(
    station: LiaisonStation, delegate_id: UUID, report: Report, now: datetime, *, codes: Screen
) -> CheckIn:
    if station.closed_at:
        raise StationClosed
    when = occurrence(report.occurred_at, now=now)
    if now - when.occurred_at > RECENT:
        raise OccurredTooLongAgo
    where = presence(place_of(station), report.place, radius=station.radius)
    return CheckIn(
        client_id=report.client_id,
        station_id=station.id,
        delegate_id=delegate_id,
        occurred_at=when.occurred_at,
        received_at=when.received_at,
        method=_method(station, report, codes),
        verdict=where.verdict,
        distance=where.distance,
        late=when.late,
    )


def _method(station: LiaisonStation, report: Report, codes: Screen) -> CheckInMethod:
    if report.code is not None:
        if report.code.upper() != station.code.upper() and not codes.showed(report.code, report.occurred_at):
            raise StationCodeWrong
        return CheckInMethod.CODE
    return CheckInMethod.COORDINATE if report.place else CheckInMethod.NONE


def place_of(station: LiaisonStation) -> Coordinate | None:
    if station.lat is None or station.lng is None:
        return None
    return Coordinate(station.lat, station.lng, None, System.WGS84)


async def _keep(
    tx: AsyncSession, records: Sequence[CheckIn], actor: Actor, now: datetime, *, historic: bool
) -> int:
    """Insert what is new, with event and audit; how many were. A concurrent twin is waited for."""
    rows = [record.model_dump() for record in records]
    once = insert(CheckIn).values(rows).on_conflict_do_nothing(index_elements=["delegate_id", "client_id"])
    new = (await tx.exec(once.returning(col(CheckIn.id)))).scalars().all()
    for record in records:
        if record.id in new:
            _announce(tx, record, actor, now, historic=historic)
    return len(new)


def _announce(tx: AsyncSession, record: CheckIn, actor: Actor, now: datetime, *, historic: bool) -> None:
    event = StationCheckedIn(
        check_in_id=record.id, station_id=record.station_id, delegate_id=record.delegate_id
    )
    outbox.record(tx, event, now=now, history=historic)
    _note(tx, "check_in.create", record, actor, now)


async def _first(tx: AsyncSession, delegate_id: UUID, client_id: str) -> CheckIn:
    known = await queries.by_client(tx, delegate_id, client_id)
    assert known is not None  # the insert has just met it
    return known


@dataclass(frozen=True)
class Attendance:
    """Who was there that local day, with the scan of the signed sheet where there is one."""

    on: date
    delegate_ids: Sequence[UUID]
    sheet: UUID | None = None


async def record_attendance(
    tx: AsyncSession,
    station: LiaisonStation,
    seen: Attendance,
    *,
    actor: Actor,
    now: datetime,
    historic: bool = False,
) -> Sequence[CheckIn]:
    """The keeper's word at a (locked) station: one record a delegate and day, ever. `historic` as above.

    It stands beside a check-in of the delegate's own: presence is counted by days, not by rows.
    """
    await _need_attendable(tx, station, seen, now)
    wanted = sorted(set(seen.delegate_ids))
    client_id = f"attendance:{station.id}:{seen.on}"  # a phone's own ids have no colon
    known = {record.delegate_id for record in await queries.by_client_id(tx, wanted, client_id)}
    new = [id for id in wanted if id not in known]
    if new:
        await uploads.claim(tx, [seen.sheet] if seen.sheet else [], owner=actor.label)
        records = [_seen(station, id, client_id, seen, now) for id in new]
        await _keep(tx, records, actor, now, historic=historic)
    return await queries.by_client_id(tx, wanted, client_id)


def _seen(
    station: LiaisonStation, delegate_id: UUID, client_id: str, seen: Attendance, now: datetime
) -> CheckIn:
    return CheckIn(
        client_id=client_id,
        station_id=station.id,
        delegate_id=delegate_id,
        occurred_at=local_midnight(seen.on),
        received_at=now,
        method=CheckInMethod.KEEPER,
        verdict=Verdict.UNKNOWN,
        late=local_date(now) - seen.on > LATE_AFTER,
        sheet_upload_id=seen.sheet,
    )


async def _need_attendable(
    tx: AsyncSession, station: LiaisonStation, seen: Attendance, now: datetime
) -> None:
    if station.closed_at and seen.on > local_date(station.closed_at):
        raise StationClosed
    today = local_date(now)
    if seen.on > today:
        raise AttendanceInFuture
    if today - seen.on > RECENT:
        raise AttendanceTooLongAgo
    if await queries.sitting(tx, seen.delegate_ids) != set(seen.delegate_ids):
        raise DelegatesUnknown("delegate_ids")


async def check_out(tx: AsyncSession, record: CheckIn, *, actor: Actor, now: datetime) -> None:
    """The delegate leaves (locked record); voluntary, and the first time counts. Raises CheckOutTooLate."""
    if record.checked_out_at is not None:
        return
    if not may_check_out(record.occurred_at, now):
        raise CheckOutTooLate
    record.checked_out_at = now
    tx.add(record)
    _note(tx, "check_in.check_out", record, actor, now)


async def dispute(tx: AsyncSession, record: CheckIn, reason: str, *, actor: Actor, now: datetime) -> None:
    """The delegate contradicts a (locked) record within 7 days; the record itself is not touched."""
    if record.disputed_at:
        raise DisputedAlready
    if now >= dispute_ends(record.received_at):
        raise DisputeTooLate
    record.disputed_at = now
    record.dispute_reason = reason
    tx.add(record)
    _note(tx, "check_in.dispute", record, actor, now)


def _note(tx: AsyncSession, action: str, record: CheckIn, actor: Actor, now: datetime) -> None:
    audit.note(tx, action, actor=actor.label, subject_kind="check_in", subject_id=record.id, now=now)
