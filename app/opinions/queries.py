"""Questions about opinions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.kernel.paging import Cursor
from app.opinions.errors import OpinionUnknown
from app.opinions.models import Opinion, OpinionMessage, OpinionPhoto, OpinionStep
from app.opinions.visibility import visible
from app.opinions.workflow import State
from app.stations.models import LiaisonStation
from app.uploads.models import Upload


async def seen(tx: AsyncSession, id: UUID, actor: Actor, *, lock: bool = False) -> Opinion:
    """The opinion as this actor may see it; OpinionUnknown otherwise."""
    query = select(Opinion).where(Opinion.id == id, visible(actor))
    found = (await tx.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        raise OpinionUnknown
    return found


async def by_receipt(tx: AsyncSession, index: bytes, *, lock: bool = False) -> Opinion | None:
    query = select(Opinion).where(Opinion.receipt_index == index)
    return (await tx.exec(query.with_for_update() if lock else query)).first()


async def by_external(tx: AsyncSession, source_name: str, external_id: str) -> Opinion | None:
    rows = await tx.exec(
        select(Opinion).where(Opinion.source_name == source_name, Opinion.external_id == external_id)
    )
    return rows.first()


async def known_external(tx: AsyncSession, source_name: str, external_ids: Collection[str]) -> set[str]:
    """Those of the ids under which this source has sent something before."""
    rows = await tx.exec(
        select(Opinion.external_id).where(
            Opinion.source_name == source_name, col(Opinion.external_id).in_(external_ids)
        )
    )
    return {id for id in rows if id}


async def listed(
    tx: AsyncSession, *, where: Sequence[ColumnElement[bool] | TextClause], after: Cursor | None, limit: int
) -> Sequence[Opinion]:
    """Newest first; the caller's `where` holds the visibility predicate."""
    query = select(Opinion).where(*where)
    if after:
        query = query.where(
            or_(
                col(Opinion.created_at) < after.at,
                and_(col(Opinion.created_at) == after.at, col(Opinion.id) < after.id),
            )
        )
    order = (col(Opinion.created_at).desc(), col(Opinion.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def of_suggestion(tx: AsyncSession, suggestion_id: UUID) -> Sequence[Opinion]:
    """The adopted opinions behind a suggestion, locked, by id."""
    rows = await tx.exec(
        select(Opinion)
        .where(Opinion.suggestion_id == suggestion_id, Opinion.state == State.ADOPTED)
        .order_by(col(Opinion.id))
        .with_for_update()
    )
    return rows.all()


async def steps(tx: AsyncSession, opinion_id: UUID) -> Sequence[OpinionStep]:
    """In the order in which they were taken."""
    rows = await tx.exec(
        select(OpinionStep).where(OpinionStep.opinion_id == opinion_id).order_by(col(OpinionStep.id))
    )
    return rows.all()


async def messages(tx: AsyncSession, opinion_id: UUID) -> Sequence[OpinionMessage]:
    rows = await tx.exec(
        select(OpinionMessage).where(OpinionMessage.opinion_id == opinion_id).order_by(col(OpinionMessage.id))
    )
    return rows.all()


async def photos(tx: AsyncSession, opinion_id: UUID) -> Sequence[Upload]:
    """In the order in which the sender put them."""
    rows = await tx.exec(
        select(Upload)
        .join(OpinionPhoto, col(OpinionPhoto.upload_id) == col(Upload.id))
        .where(OpinionPhoto.opinion_id == opinion_id)
        .order_by(col(OpinionPhoto.position))
    )
    return rows.all()


async def photo(tx: AsyncSession, opinion_id: UUID, upload_id: UUID) -> Upload | None:
    rows = await tx.exec(
        select(Upload)
        .join(OpinionPhoto, col(OpinionPhoto.upload_id) == col(Upload.id))
        .where(OpinionPhoto.opinion_id == opinion_id, Upload.id == upload_id)
    )
    return rows.first()


async def opinion_of_upload(tx: AsyncSession, upload_id: UUID, actor: Actor) -> Upload | None:
    """A photo of an opinion this actor may see."""
    rows = await tx.exec(
        select(Upload)
        .join(OpinionPhoto, col(OpinionPhoto.upload_id) == col(Upload.id))
        .join(Opinion, col(Opinion.id) == col(OpinionPhoto.opinion_id))
        .where(Upload.id == upload_id, visible(actor))
    )
    return rows.first()


async def station_by_code(tx: AsyncSession, code: str) -> LiaisonStation | None:
    rows = await tx.exec(select(LiaisonStation).where(LiaisonStation.code == code.upper()))
    return rows.first()


async def to_close(tx: AsyncSession, *, before: datetime, limit: int) -> Sequence[Opinion]:
    """Told, or available without a contact to tell, for the whole quiet time; oldest first."""
    told = and_(col(Opinion.state) == State.TOLD, col(Opinion.told_at) < before)
    available = and_(
        col(Opinion.state) == State.ANSWERED,
        col(Opinion.contact_sealed).is_(None),
        col(Opinion.result_at) < before,
    )
    rows = await tx.exec(
        select(Opinion)
        .where(or_(told, available))
        .order_by(col(Opinion.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()
