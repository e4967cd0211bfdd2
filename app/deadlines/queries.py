"""Questions about clocks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines.models import Deadline, DeadlineChange, RuleChoice


async def chosen_pack(tx: AsyncSession) -> str | None:
    rows = await tx.exec(select(RuleChoice.pack).order_by(col(RuleChoice.id).desc()).limit(1))
    return rows.first()


async def newest_choice(tx: AsyncSession) -> RuleChoice | None:
    rows = await tx.exec(select(RuleChoice).order_by(col(RuleChoice.id).desc()).limit(1))
    return rows.first()


async def choices_made(tx: AsyncSession) -> int:
    """How often a pack was chosen: the revision of the choice."""
    rows = await tx.exec(select(func.count()).select_from(RuleChoice))
    return rows.one()


async def for_update(tx: AsyncSession, id: UUID, seen: ColumnElement[bool]) -> Deadline | None:
    """The clock if it is seen, locked."""
    rows = await tx.exec(select(Deadline).where(Deadline.id == id, seen).with_for_update())
    return rows.first()


async def open_of_subject_for_update(tx: AsyncSession, subject_id: UUID) -> Sequence[Deadline]:
    """Its running clocks, by id: the second place in the lock order, after the aggregate."""
    rows = await tx.exec(
        select(Deadline)
        .where(Deadline.subject_id == subject_id, col(Deadline.stopped_at).is_(None))
        .order_by(col(Deadline.id))
        .with_for_update()
    )
    return rows.all()


async def of_root(tx: AsyncSession, root_id: UUID) -> Sequence[Deadline]:
    """Every clock of one file, in the order in which they were started."""
    rows = await tx.exec(select(Deadline).where(Deadline.root_id == root_id).order_by(col(Deadline.id)))
    return rows.all()


async def of_roots(tx: AsyncSession, root_ids: Collection[UUID]) -> Sequence[Deadline]:
    """Every clock of these files, in the order in which they were started."""
    rows = await tx.exec(
        select(Deadline).where(col(Deadline.root_id).in_(root_ids)).order_by(col(Deadline.id))
    )
    return rows.all()


async def changes_of(tx: AsyncSession, deadline_id: UUID) -> Sequence[DeadlineChange]:
    rows = await tx.exec(
        select(DeadlineChange)
        .where(DeadlineChange.deadline_id == deadline_id)
        .order_by(col(DeadlineChange.id))
    )
    return rows.all()


async def changes_of_all(
    tx: AsyncSession, deadline_ids: Collection[UUID]
) -> dict[UUID, list[DeadlineChange]]:
    """clock → what moved it, in order; clocks that never moved are absent."""
    rows = await tx.exec(
        select(DeadlineChange)
        .where(col(DeadlineChange.deadline_id).in_(deadline_ids))
        .order_by(col(DeadlineChange.id))
    )
    moved: dict[UUID, list[DeadlineChange]] = {}
    for change in rows:
        moved.setdefault(change.deadline_id, []).append(change)
    return moved


async def to_look_at(tx: AsyncSession, *, now: datetime, limit: int) -> Sequence[Deadline]:
    """Open clocks whose next line has come, oldest first; rows another worker holds are skipped."""
    rows = await tx.exec(
        select(Deadline)
        .where(col(Deadline.next_line_at) <= now, col(Deadline.stopped_at).is_(None))
        .order_by(col(Deadline.next_line_at), col(Deadline.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return rows.all()


async def rounds_used(tx: AsyncSession, subject_id: UUID) -> dict[str, int]:
    """kind → the highest round any clock of this subject has had."""
    rows = await tx.exec(
        select(Deadline.kind, func.max(Deadline.round))
        .where(Deadline.subject_id == subject_id)
        .group_by(Deadline.kind)
    )
    return dict(rows.all())
