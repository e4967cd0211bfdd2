"""What a station's people may know of an opinion that skipped them: that it exists (domain.md 3)."""

from collections.abc import Sequence

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kernel.paging import Cursor
from app.opinions.models import Opinion
from app.opinions.rules import Route
from app.stations.models import LiaisonStation


async def listed(
    tx: AsyncSession, station: LiaisonStation, *, after: Cursor | None, limit: int
) -> Sequence[Opinion]:
    """Left at this station for the congress's eyes, newest first; of confidential ones not even that."""
    query = select(Opinion).where(
        Opinion.station_id == station.id,
        Opinion.audience != Route.STATION,
        col(Opinion.confidential).is_(False),
    )
    if after:
        same = and_(col(Opinion.created_at) == after.at, col(Opinion.id) < after.id)
        query = query.where(or_(col(Opinion.created_at) < after.at, same))
    order = (col(Opinion.created_at).desc(), col(Opinion.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()
