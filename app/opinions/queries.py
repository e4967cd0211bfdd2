"""Questions about opinions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.directory.models import Region
from app.infra.db import sql
from app.kernel.paging import Cursor
from app.opinions import visibility
from app.opinions.errors import OpinionUnknown
from app.opinions.models import (
    Opinion,
    OpinionMessage,
    OpinionPhoto,
    OpinionStep,
    Publication,
    Referral,
    ReferralExtension,
)
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


async def to_decide(tx: AsyncSession, id: UUID, actor: Actor, *, lock: bool = True) -> Opinion:
    """The opinion, for the office that decides on it. Raises OpinionUnknown, PermissionMissing, Recused."""
    found = await seen(tx, id, actor, lock=lock)
    visibility.need_office(actor, found)
    return found


async def by_receipt(tx: AsyncSession, index: bytes, *, lock: bool = False) -> Opinion | None:
    query = select(Opinion).where(Opinion.receipt_index == index)
    return (await tx.exec(query.with_for_update() if lock else query)).first()


async def open_to_partners(tx: AsyncSession, id: UUID, *, lock: bool = False) -> Opinion:
    """The opinion, if a partner system may learn of it; OpinionUnknown otherwise."""
    query = select(Opinion).where(Opinion.id == id, visibility.open_to_partners())
    found = (await tx.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        raise OpinionUnknown
    return found


async def by_ids(tx: AsyncSession, ids: Collection[UUID]) -> Sequence[Opinion]:
    """These, in the order of the ids."""
    rows = {row.id: row for row in await tx.exec(select(Opinion).where(col(Opinion.id).in_(ids)))}
    return [rows[id] for id in ids]


async def regions_of(tx: AsyncSession, opinions: Sequence[Opinion]) -> dict[UUID, Region]:
    ids = {opinion.region_id for opinion in opinions}
    return {region.id: region for region in await tx.exec(select(Region).where(col(Region.id).in_(ids)))}


async def station_codes(tx: AsyncSession, opinions: Sequence[Opinion]) -> dict[UUID | None, str]:
    ids = {opinion.station_id for opinion in opinions if opinion.station_id}
    rows = await tx.exec(
        select(LiaisonStation.id, LiaisonStation.code).where(col(LiaisonStation.id).in_(ids))
    )
    return {id: code for id, code in rows.all()}


async def by_external(tx: AsyncSession, source_name: str, external_id: str) -> Opinion | None:
    rows = await tx.exec(
        select(Opinion).where(Opinion.source_name == source_name, Opinion.external_id == external_id)
    )
    return rows.first()


async def triage_due(tx: AsyncSession, opinion_id: UUID) -> datetime:
    """When its first triage was, or is, due: exclusive end."""
    rows = await tx.exec(
        select(Deadline.due_at)
        .where(Deadline.subject_id == opinion_id, Deadline.kind == Kind.TRIAGE)
        .order_by(col(Deadline.round))
        .limit(1)
    )
    return rows.one()


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


async def merged_into(tx: AsyncSession, opinion_id: UUID) -> Sequence[Opinion]:
    """Those still waiting for this one's result, locked, by id."""
    rows = await tx.exec(
        select(Opinion)
        .where(Opinion.merged_into_id == opinion_id, Opinion.state == State.MERGED)
        .order_by(col(Opinion.id))
        .with_for_update()
    )
    return rows.all()


# Of issued replies that may be shown, behind an opinion or the one it was merged into. The owner is the
# unit, never a person. The newest word of this resident stands.
PROMISES = text("""
    SELECT c.id, c.content, c.due_on, a.unit_name AS owner, w.kept, w.note
      FROM suggestions s
      JOIN assignments a ON a.suggestion_id = s.id
      JOIN replies r ON r.assignment_id = a.id AND r.issued_at IS NOT NULL
                    AND r.disclosure IN ('full', 'summary')
      JOIN commitments c ON c.reply_id = r.id
      LEFT JOIN LATERAL (
          SELECT kept, note FROM commitment_words
           WHERE opinion_id = :opinion AND commitment_id = c.id ORDER BY id DESC LIMIT 1) w ON true
     WHERE s.id = coalesce(CAST(:suggestion AS uuid),
                           (SELECT suggestion_id FROM opinions WHERE id = :merged_into))
       AND NOT s.confidential
     ORDER BY c.due_on, c.id""")


async def promises(tx: AsyncSession, opinion: Opinion) -> Sequence[Any]:
    """(id, content, due_on, owner, kept, note) of what was promised, once the result is the resident's."""
    if opinion.result is None:
        return []
    facts = {
        "opinion": opinion.id,
        "suggestion": opinion.suggestion_id,
        "merged_into": opinion.merged_into_id,
    }
    return (await sql(tx, PROMISES, facts)).all()


async def published(tx: AsyncSession, region_id: UUID, *, limit: int) -> Sequence[Publication]:
    """What hangs on the walls of this township, newest first."""
    rows = await tx.exec(
        select(Publication)
        .where(Publication.region_id == region_id, col(Publication.withdrawn_at).is_(None))
        .order_by(col(Publication.published_at).desc(), col(Publication.opinion_id).desc())
        .limit(limit)
    )
    return rows.all()


async def standing_referral(tx: AsyncSession, opinion_id: UUID) -> Referral | None:
    """The one that is neither handed back nor answered, locked."""
    rows = await tx.exec(
        select(Referral)
        .where(
            Referral.opinion_id == opinion_id,
            col(Referral.returned_at).is_(None),
            col(Referral.replied_at).is_(None),
        )
        .with_for_update()
    )
    return rows.first()


async def open_extension(tx: AsyncSession, referral_id: UUID) -> ReferralExtension | None:
    """The request for more time that waits for the office, locked."""
    rows = await tx.exec(
        select(ReferralExtension)
        .where(ReferralExtension.referral_id == referral_id, col(ReferralExtension.decided_at).is_(None))
        .with_for_update()
    )
    return rows.first()


async def open_due(tx: AsyncSession, subject_id: UUID, kind: Kind) -> datetime | None:
    """The exclusive end of its open clock of this kind."""
    rows = await tx.exec(
        select(Deadline.due_at).where(
            Deadline.subject_id == subject_id, Deadline.kind == kind, col(Deadline.stopped_at).is_(None)
        )
    )
    return rows.first()


async def acts_by(tx: AsyncSession, opinion_id: UUID, actor: str) -> set[str]:
    """What this person has done with it (回避)."""
    rows = await tx.exec(
        select(OpinionStep.act).where(OpinionStep.opinion_id == opinion_id, OpinionStep.actor == actor)
    )
    return set(rows)


async def orphaned(tx: AsyncSession, *, limit: int) -> Sequence[Opinion]:
    """Adopted into a draft that was thrown away; locked."""
    rows = await tx.exec(
        select(Opinion)
        .where(Opinion.state == State.ADOPTED, col(Opinion.suggestion_id).is_(None))
        .order_by(col(Opinion.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
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
