"""`/api/v1/delegates`, `/units`, `/regions`: the directory as everybody logged in may see it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.directory import queries
from app.directory.errors import DelegateUnknown
from app.directory.models import RegionKind
from app.directory.schemas import DelegateOut, DelegateQuery, RegionOut, UnitOut
from app.infra.deps import Tx
from app.infra.schemas import PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import EPOCH, Cursor

router = APIRouter(tags=["directory"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.DIRECTORY_READ))]


@router.get("/delegates")
async def delegates(_: Reader, tx: Tx, asked: Annotated[DelegateQuery, Query()]) -> PageOut[DelegateOut]:
    """Sitting delegates in order of entry."""
    rows = await queries.delegates(
        tx,
        limit=asked.limit + 1,
        congress_id=asked.congress_id,
        name=asked.q,
        after=asked.after.id if asked.after else None,
    )
    return paged(rows, asked.limit, DelegateOut, key=lambda row: Cursor(EPOCH, row.id))


@router.get("/delegates/{id}")
async def delegate(id: UUID, _: Reader, tx: Tx) -> DelegateOut:
    rows = await queries.delegates(tx, limit=1, id=id)
    if not rows:
        raise DelegateUnknown
    return DelegateOut.model_validate(rows[0])


@router.get("/units")
async def units(_: Reader, tx: Tx) -> list[UnitOut]:
    """Handling units that still exist, by name."""
    return [UnitOut.model_validate(unit) for unit in await queries.units(tx)]


@router.get("/regions")
async def regions(_: Reader, tx: Tx) -> list[RegionOut]:
    """The county, its townships and streets, by official code."""
    kinds = (RegionKind.COUNTY, RegionKind.TOWNSHIP, RegionKind.STREET)
    return [RegionOut.model_validate(region) for region in await queries.regions(tx, kinds=kinds)]
