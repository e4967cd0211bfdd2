"""`/api/partner/v1/delegates`: who the delegates are, as a public page names them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.directory import queries
from app.directory.errors import DelegateUnknown
from app.directory.schemas import DelegateQuery, PublicDelegateOut
from app.infra.deps import Tx
from app.infra.schemas import PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import EPOCH, Cursor
from app.partners.caller import Partner
from app.partners.deps import scoped

router = APIRouter(prefix="/delegates", tags=["directory"], route_class=UnitRoute)
Reader = Annotated[Partner, Depends(scoped("delegates:read"))]


@router.get("")
async def delegates(
    asked: Annotated[DelegateQuery, Query()], _: Reader, tx: Tx
) -> PageOut[PublicDelegateOut]:
    """Scope `delegates:read`. Sitting delegates in order of entry, without phone or occupation."""
    rows = await queries.delegates(
        tx,
        limit=asked.limit + 1,
        congress_id=asked.congress_id,
        name=asked.q,
        after=asked.after.id if asked.after else None,
    )
    return paged(rows, asked.limit, PublicDelegateOut, key=lambda row: Cursor(EPOCH, row.id))


@router.get("/{id}")
async def delegate(id: UUID, _: Reader, tx: Tx) -> PublicDelegateOut:
    """Scope `delegates:read`. One sitting delegate."""
    rows = await queries.delegates(tx, limit=1, id=id)
    if not rows:
        raise DelegateUnknown
    return PublicDelegateOut.model_validate(rows[0])
