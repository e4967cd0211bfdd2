"""Questions of the pages alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.queries import of_root
from app.directory.models import Region
from app.stations.models import LiaisonStation, Tier

CENTRES_FIRST = case((col(LiaisonStation.tier) == Tier.CENTER, 0), else_=1)


async def open_stations(
    tx: AsyncSession, *, limit: int, region_id: UUID | None = None
) -> Sequence[tuple[LiaisonStation, Region]]:
    """Stations that take opinions, centres first, then by name."""
    query = (
        select(LiaisonStation, Region)
        .join(Region, col(Region.id) == col(LiaisonStation.region_id))
        .where(col(LiaisonStation.closed_at).is_(None))
        .order_by(CENTRES_FIRST, col(Region.code), col(LiaisonStation.name))
        .limit(limit)
    )
    if region_id:
        query = query.where(LiaisonStation.region_id == region_id)
    return (await tx.exec(query)).all()


async def next_due(tx: AsyncSession, opinion_id: UUID) -> datetime | None:
    """The nearest exclusive end among the clocks that run for this opinion."""
    running = [clock for clock in await of_root(tx, opinion_id) if clock.stopped_at is None]
    return min((clock.due_at for clock in running), default=None)
