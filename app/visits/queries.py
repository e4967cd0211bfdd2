"""Questions about visits. What an actor may not see is not found."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.kernel.paging import Cursor
from app.visits.errors import VisitUnknown
from app.visits.models import VisitIssue, VisitPhoto, VoterVisit
from app.visits.visibility import visible


async def seen(tx: AsyncSession, id: UUID, actor: Actor) -> VoterVisit:
    """The visit, if this actor may see it; VisitUnknown otherwise."""
    found = (await tx.exec(select(VoterVisit).where(VoterVisit.id == id, visible(actor)))).first()
    if found is None:
        raise VisitUnknown
    return found


async def by_client(tx: AsyncSession, delegate_id: UUID, client_id: str) -> VoterVisit | None:
    """The visit that this delegate's phone sent under this id before."""
    rows = await tx.exec(
        select(VoterVisit).where(VoterVisit.delegate_id == delegate_id, VoterVisit.client_id == client_id)
    )
    return rows.first()


async def listed(
    tx: AsyncSession,
    actor: Actor,
    *,
    filters: Sequence[ColumnElement[bool]],
    after: Cursor | None,
    limit: int,
) -> Sequence[VoterVisit]:
    """Those the actor may see, latest recorded first."""
    query = select(VoterVisit).where(visible(actor), *filters)
    if after:
        earlier = col(VoterVisit.created_at) < after.at
        same = and_(col(VoterVisit.created_at) == after.at, col(VoterVisit.id) < after.id)
        query = query.where(or_(earlier, same))
    order = (col(VoterVisit.created_at).desc(), col(VoterVisit.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def issues_of(tx: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, list[VisitIssue]]:
    """By visit, in the order in which they were raised."""
    found: dict[UUID, list[VisitIssue]] = {id: [] for id in visit_ids}
    rows = await tx.exec(
        select(VisitIssue).where(col(VisitIssue.visit_id).in_(visit_ids)).order_by(col(VisitIssue.position))
    )
    for row in rows:
        found[row.visit_id].append(row)
    return found


async def photos_of(tx: AsyncSession, visit_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Upload ids by visit, in the order in which they were sent."""
    found: dict[UUID, list[UUID]] = {id: [] for id in visit_ids}
    rows = await tx.exec(
        select(VisitPhoto).where(col(VisitPhoto.visit_id).in_(visit_ids)).order_by(col(VisitPhoto.position))
    )
    for row in rows:
        found[row.visit_id].append(row.upload_id)
    return found
