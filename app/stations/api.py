"""`/api/v1/stations`: the network of stations and their rotas."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra import preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.clock import end_of_day, local_midnight
from app.kernel.paging import EPOCH, Cursor, page_of
from app.stations import managing, queries
from app.stations.managing import Facts
from app.stations.models import LiaisonStation
from app.stations.presenting import shifts_out, station_out, stations_out
from app.stations.schemas import (
    ShiftIn,
    ShiftOut,
    ShiftQuery,
    StationEdit,
    StationFacts,
    StationIn,
    StationOut,
    StationQuery,
)
from app.stations.visibility import in_care, managed

router = APIRouter(prefix="/stations", tags=["stations"], route_class=UnitRoute)

Reader = Annotated[Actor, Depends(holding(Permission.STATION_READ))]
Manager = Annotated[Actor, Depends(holding(Permission.STATION_MANAGE))]
Planner = Annotated[Actor, Depends(holding(Permission.ROTA_WRITE))]


@router.get("")
async def stations(asked: Annotated[StationQuery, Query()], _: Reader, tx: Tx) -> PageOut[StationOut]:
    """The county's stations in order of entry, closed ones too unless `closed=false`."""
    rows = await queries.stations(tx, filters=filters_of(asked), after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda station: Cursor(EPOCH, station.id))
    return PageOut(items=await stations_out(tx, page.items), next_cursor=page.next_cursor)


def filters_of(asked: StationQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.township_id:
        found.append(col(LiaisonStation.region_id) == asked.township_id)
    if asked.tier:
        found.append(col(LiaisonStation.tier) == asked.tier)
    if asked.closed is not None:
        found.append(col(LiaisonStation.closed_at).is_not(None) == asked.closed)
    if asked.q:
        columns = (col(LiaisonStation.name), col(LiaisonStation.address))
        found.append(or_(*(column.contains(asked.q, autoescape=True) for column in columns)))
    return found


@router.post("", status_code=201)
async def found_station(body: StationIn, actor: Manager, tx: Tx, now: Now, response: Response) -> StationOut:
    """Open a station: the office of that township, or of the county."""
    station = await managing.found_station(
        tx, facts_of(body), township_id=body.township_id, actor=actor, now=now
    )
    preconditions.mark(response, station.revision)
    return await station_out(tx, station)


def facts_of(body: StationFacts) -> Facts:
    return Facts(
        name=body.name,
        tier=body.tier,
        address=body.address,
        hours=body.hours,
        phone=body.phone,
        place=body.coordinate.coordinate() if body.coordinate else None,
        radius=body.radius,
    )


@router.get("/{id}")
async def station(id: UUID, _: Reader, tx: Tx, response: Response) -> StationOut:
    found = await queries.station(tx, id)
    preconditions.mark(response, found.revision)
    return await station_out(tx, found)


@router.put("/{id}")
async def change_station(
    id: UUID, body: StationEdit, actor: Manager, tx: Tx, now: Now, request: Request, response: Response
) -> StationOut:
    """Describe it anew, close it or open it again; needs If-Match."""
    found = await queries.station_in_care(tx, id, managed(actor))
    preconditions.check(request, found.revision)
    await managing.change(tx, found, facts_of(body), closed=body.closed, actor=actor, now=now)
    preconditions.mark(response, found.revision)
    return await station_out(tx, found)


@router.get("/{id}/duty-shifts")
async def duty_shifts(
    id: UUID, asked: Annotated[ShiftQuery, Query()], _: Reader, tx: Tx
) -> PageOut[ShiftOut]:
    """The rota, earliest first."""
    found = await queries.station(tx, id)
    rows = await queries.shifts(
        tx,
        found.id,
        since=local_midnight(asked.since) if asked.since else None,
        until=end_of_day(asked.until) if asked.until else None,
        after=asked.after,
        limit=asked.limit + 1,
    )
    page = page_of(rows, limit=asked.limit, key=lambda shift: Cursor(shift.starts_at, shift.id))
    return PageOut(items=await shifts_out(tx, page.items), next_cursor=page.next_cursor)


@router.post("/{id}/duty-shifts", status_code=201)
async def publish_shift(id: UUID, body: ShiftIn, actor: Planner, tx: Tx, now: Now) -> ShiftOut:
    """Put a delegate on duty: the station's keeper or its office."""
    found = await queries.station_in_care(tx, id, in_care(actor))
    shift = await managing.publish_shift(tx, found, **body.model_dump(), actor=actor, now=now)
    [out] = await shifts_out(tx, [shift])
    return out
