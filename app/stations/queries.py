"""Questions about stations, rotas and check-ins."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.directory.models import Delegate, Person, Region
from app.kernel.paging import Cursor
from app.stations.errors import CheckInUnknown, StationUnknown
from app.stations.models import CheckIn, DutyShift, LiaisonStation
from app.stations.visibility import in_care, own, visible


async def station(tx: AsyncSession, id: UUID) -> LiaisonStation:
    """Any station, closed ones too; StationUnknown otherwise."""
    found = await tx.get(LiaisonStation, id)
    if found is None:
        raise StationUnknown
    return found


async def station_in_care(tx: AsyncSession, id: UUID, care: ColumnElement[bool]) -> LiaisonStation:
    """A station of the actor's care (visibility.managed, kept, in_care), locked against other changes.

    Not against check-ins: their foreign key needs only the key.
    """
    asked = select(LiaisonStation).where(LiaisonStation.id == id, care).with_for_update(key_share=True)
    found = (await tx.exec(asked)).first()
    if found is None:
        raise StationUnknown
    return found


async def stations(
    tx: AsyncSession, *, filters: Sequence[ColumnElement[bool]], after: Cursor | None, limit: int
) -> Sequence[LiaisonStation]:
    """In order of entry."""
    query = select(LiaisonStation).where(*filters)
    if after:
        query = query.where(col(LiaisonStation.id) > after.id)
    return (await tx.exec(query.order_by(col(LiaisonStation.id)).limit(limit))).all()


async def township_names(tx: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await tx.exec(select(Region.id, Region.name).where(col(Region.id).in_(ids)))
    return {id: name for id, name in rows.all()}


async def named(tx: AsyncSession, region_id: UUID, name: str) -> LiaisonStation | None:
    rows = await tx.exec(
        select(LiaisonStation).where(LiaisonStation.region_id == region_id, LiaisonStation.name == name)
    )
    return rows.first()


async def delegate_names(tx: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Who these seats are, those who left too."""
    rows = await tx.exec(
        select(Delegate.id, Person.name)
        .join(Person, col(Person.id) == col(Delegate.person_id))
        .where(col(Delegate.id).in_(ids))
    )
    return {id: name for id, name in rows.all()}


async def sitting(tx: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Which of these seats are held today."""
    rows = await tx.exec(
        select(Delegate.id).where(col(Delegate.id).in_(ids), col(Delegate.left_on).is_(None))
    )
    return set(rows)


async def shifts(
    tx: AsyncSession,
    station_id: UUID,
    *,
    since: datetime | None,
    until: datetime | None,
    after: Cursor | None,
    limit: int,
) -> Sequence[DutyShift]:
    """Shifts that begin in [since, until), earliest first."""
    query = select(DutyShift).where(DutyShift.station_id == station_id)
    if since:
        query = query.where(col(DutyShift.starts_at) >= since)
    if until:
        query = query.where(col(DutyShift.starts_at) < until)
    if after:
        later = col(DutyShift.starts_at) > after.at
        same = and_(col(DutyShift.starts_at) == after.at, col(DutyShift.id) > after.id)
        query = query.where(or_(later, same))
    order = (col(DutyShift.starts_at), col(DutyShift.id))
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def overlapping(
    tx: AsyncSession, station_id: UUID, delegate_id: UUID, *, starts_at: datetime, ends_at: datetime
) -> DutyShift | None:
    rows = await tx.exec(
        select(DutyShift).where(
            DutyShift.station_id == station_id,
            DutyShift.delegate_id == delegate_id,
            col(DutyShift.starts_at) < ends_at,
            col(DutyShift.ends_at) > starts_at,
        )
    )
    return rows.first()


async def by_client(tx: AsyncSession, delegate_id: UUID, client_id: str) -> CheckIn | None:
    """The check-in that this delegate's phone sent under this id before."""
    rows = await tx.exec(
        select(CheckIn).where(CheckIn.delegate_id == delegate_id, CheckIn.client_id == client_id)
    )
    return rows.first()


async def by_client_id(tx: AsyncSession, delegate_ids: Collection[UUID], client_id: str) -> Sequence[CheckIn]:
    """One record of each of these delegates, in order of entry."""
    rows = await tx.exec(
        select(CheckIn)
        .where(col(CheckIn.delegate_id).in_(delegate_ids), CheckIn.client_id == client_id)
        .order_by(col(CheckIn.id))
    )
    return rows.all()


async def own_check_in(tx: AsyncSession, id: UUID, actor: Actor) -> CheckIn:
    """A check-in of the actor's own seat, locked; CheckInUnknown otherwise."""
    found = (await tx.exec(select(CheckIn).where(CheckIn.id == id, own(actor)).with_for_update())).first()
    if found is None:
        raise CheckInUnknown
    return found


async def looked_after(tx: AsyncSession, id: UUID, actor: Actor) -> LiaisonStation:
    """A station in the actor's care, not locked; StationUnknown otherwise."""
    asked = select(LiaisonStation).where(LiaisonStation.id == id, in_care(actor))
    found = (await tx.exec(asked)).first()
    if found is None:
        raise StationUnknown
    return found


async def may_look(tx: AsyncSession, id: UUID, actor: Actor) -> LiaisonStation:
    """A station whose check-ins the actor may ask for: any for a delegate, else one in care."""
    found = await station(tx, id)
    if actor.delegate_ids:
        return found
    if (await tx.exec(select(LiaisonStation.id).where(LiaisonStation.id == id, in_care(actor)))).first():
        return found
    raise StationUnknown


async def check_ins(
    tx: AsyncSession, station_id: UUID, actor: Actor, *, after: Cursor | None, limit: int
) -> Sequence[CheckIn]:
    """Those the actor may see, latest received first."""
    query = (
        select(CheckIn)
        .join(LiaisonStation, col(LiaisonStation.id) == col(CheckIn.station_id))
        .where(CheckIn.station_id == station_id, visible(actor))
    )
    if after:
        earlier = col(CheckIn.received_at) < after.at
        same = and_(col(CheckIn.received_at) == after.at, col(CheckIn.id) < after.id)
        query = query.where(or_(earlier, same))
    order = (col(CheckIn.received_at).desc(), col(CheckIn.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def by_code(tx: AsyncSession, code: str) -> LiaisonStation | None:
    """The station of a printed code, in whatever case it was typed; closed ones too."""
    rows = await tx.exec(select(LiaisonStation).where(LiaisonStation.code == code.upper()))
    return rows.first()
