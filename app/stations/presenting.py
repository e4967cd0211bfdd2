"""Stations, shifts and check-ins as answers; names are fetched for a whole page at once."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.stations import queries
from app.stations.models import CheckIn, DutyShift, LiaisonStation
from app.stations.rota import published_late
from app.stations.schemas import CheckInOut, CoordinateOut, NamedCheckInOut, ShiftOut, StationOut


async def stations_out(tx: AsyncSession, rows: Sequence[LiaisonStation]) -> list[StationOut]:
    names = await queries.township_names(tx, {row.region_id for row in rows})
    return [_station(row, names[row.region_id]) for row in rows]


async def station_out(tx: AsyncSession, row: LiaisonStation) -> StationOut:
    [out] = await stations_out(tx, [row])
    return out


def _station(row: LiaisonStation, township: str) -> StationOut:
    return StationOut(
        id=row.id,
        code=row.code,
        name=row.name,
        tier=row.tier,  # type: ignore[arg-type]  # text in the row, checked by the database
        township_id=row.region_id,
        township_name=township,
        address=row.address,
        hours=row.hours,
        phone=row.phone,
        coordinate=_coordinate(row),
        radius=row.radius,
        closed=row.closed_at is not None,
    )


def _coordinate(row: LiaisonStation) -> CoordinateOut | None:
    if row.lat is None or row.lng is None:
        return None
    return CoordinateOut(lat=row.lat, lng=row.lng)


async def shifts_out(tx: AsyncSession, rows: Sequence[DutyShift]) -> list[ShiftOut]:
    names = await queries.delegate_names(tx, {row.delegate_id for row in rows})
    return [
        ShiftOut(
            **row.model_dump(),
            delegate_name=names[row.delegate_id],
            published_late=published_late(row.starts_at, row.published_at),
        )
        for row in rows
    ]


async def check_ins_out(tx: AsyncSession, rows: Sequence[CheckIn]) -> list[NamedCheckInOut]:
    names = await queries.delegate_names(tx, {row.delegate_id for row in rows})
    return [
        NamedCheckInOut(**CheckInOut.model_validate(row).model_dump(), delegate_name=names[row.delegate_id])
        for row in rows
    ]
