"""`/api/partner/v1/stations`: the network of stations as everybody may know it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.infra.deps import Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import EPOCH, Cursor, page_of
from app.partners.caller import Partner
from app.partners.deps import scoped
from app.stations import queries
from app.stations.api import filters_of
from app.stations.presenting import stations_out
from app.stations.schemas import StationOut, StationQuery

router = APIRouter(prefix="/stations", tags=["stations"], route_class=UnitRoute)
Reader = Annotated[Partner, Depends(scoped("stations:read"))]


@router.get("")
async def stations(asked: Annotated[StationQuery, Query()], _: Reader, tx: Tx) -> PageOut[StationOut]:
    """Scope `stations:read`. In order of entry; `phone` is the station's own, public number."""
    rows = await queries.stations(tx, filters=filters_of(asked), after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda station: Cursor(EPOCH, station.id))
    return PageOut(items=await stations_out(tx, page.items), next_cursor=page.next_cursor)


@router.get("/{id}")
async def station(id: UUID, _: Reader, tx: Tx) -> StationOut:
    """Scope `stations:read`. One station."""
    [out] = await stations_out(tx, [await queries.station(tx, id)])
    return out
