"""Questions about suggestions. What an actor may not see is not found."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.infra.db import sql
from app.kernel.paging import Cursor
from app.suggestions.errors import SuggestionUnknown
from app.suggestions.models import (
    Assignment,
    Commitment,
    ContactRecord,
    Evaluation,
    Reply,
    StandingAuthorisation,
    Step,
    Suggestion,
    SuggestionOrigin,
)
from app.suggestions.visibility import visible
from app.suggestions.workflow import AssignmentState


async def seen(tx: AsyncSession, id: UUID, actor: Actor) -> Suggestion:
    """The suggestion as this actor may see it; SuggestionUnknown otherwise."""
    rows = await tx.exec(select(Suggestion).where(Suggestion.id == id, visible(actor)))
    found = rows.first()
    if found is None:
        raise SuggestionUnknown
    return found


async def seen_for_update(tx: AsyncSession, id: UUID, actor: Actor) -> Suggestion:
    """The same, locked: the aggregate root comes first in the lock order."""
    rows = await tx.exec(select(Suggestion).where(Suggestion.id == id, visible(actor)).with_for_update())
    found = rows.first()
    if found is None:
        raise SuggestionUnknown
    return found


async def listed(
    tx: AsyncSession,
    actor: Actor,
    *,
    filters: Sequence[ColumnElement[bool]],
    after: Cursor | None,
    limit: int,
) -> Sequence[Suggestion]:
    """Newest first."""
    query = select(Suggestion).where(visible(actor), *filters)
    if after:
        query = query.where(
            or_(
                col(Suggestion.created_at) < after.at,
                and_(col(Suggestion.created_at) == after.at, col(Suggestion.id) < after.id),
            )
        )
    order = (col(Suggestion.created_at).desc(), col(Suggestion.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def assignments(tx: AsyncSession, suggestion_id: UUID) -> Sequence[Assignment]:
    """Every assignment of it, returned ones too, oldest first."""
    rows = await tx.exec(
        select(Assignment).where(Assignment.suggestion_id == suggestion_id).order_by(col(Assignment.id))
    )
    return rows.all()


async def assignments_of(tx: AsyncSession, suggestion_ids: Sequence[UUID]) -> dict[UUID, list[Assignment]]:
    rows = await tx.exec(
        select(Assignment)
        .where(col(Assignment.suggestion_id).in_(suggestion_ids))
        .order_by(col(Assignment.id))
    )
    found: dict[UUID, list[Assignment]] = {id: [] for id in suggestion_ids}
    for row in rows:
        found[row.suggestion_id].append(row)
    return found


async def assignment_of_units(
    tx: AsyncSession, suggestion_id: UUID, unit_ids: set[UUID]
) -> Sequence[Assignment]:
    """The standing assignments of these units, locked."""
    rows = await tx.exec(
        select(Assignment)
        .where(
            Assignment.suggestion_id == suggestion_id,
            col(Assignment.unit_id).in_(unit_ids),
            Assignment.state != AssignmentState.RETURNED,
        )
        .order_by(col(Assignment.id))
        .with_for_update()
    )
    return rows.all()


async def steps(tx: AsyncSession, suggestion_id: UUID) -> Sequence[Step]:
    """In the order in which they were taken."""
    rows = await tx.exec(select(Step).where(Step.suggestion_id == suggestion_id).order_by(col(Step.id)))
    return rows.all()


async def sides_taken(tx: AsyncSession, suggestion_id: UUID, actor_id: UUID) -> set[Side]:
    """The sides on which this person has acted on the suggestion (回避)."""
    rows = await tx.exec(
        select(Step.side).where(Step.suggestion_id == suggestion_id, Step.actor_id == actor_id).distinct()
    )
    return {Side(side) for side in rows}


async def contacts(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[ContactRecord]:
    rows = await tx.exec(
        select(ContactRecord)
        .where(col(ContactRecord.assignment_id).in_(assignment_ids))
        .order_by(col(ContactRecord.id))
    )
    return rows.all()


async def replies(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[Reply]:
    rows = await tx.exec(
        select(Reply).where(col(Reply.assignment_id).in_(assignment_ids)).order_by(col(Reply.id))
    )
    return rows.all()


async def reply_of_round(tx: AsyncSession, assignment_id: UUID, round: int) -> Reply | None:
    rows = await tx.exec(select(Reply).where(Reply.assignment_id == assignment_id, Reply.round == round))
    return rows.first()


async def commitments(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[Commitment]:
    rows = await tx.exec(
        select(Commitment)
        .where(col(Commitment.assignment_id).in_(assignment_ids))
        .order_by(col(Commitment.id))
    )
    return rows.all()


async def evaluations(tx: AsyncSession, reply_ids: Sequence[UUID]) -> Sequence[Evaluation]:
    rows = await tx.exec(select(Evaluation).where(col(Evaluation.reply_id).in_(reply_ids)))
    return rows.all()


async def origins(tx: AsyncSession, suggestion_id: UUID) -> Sequence[SuggestionOrigin]:
    rows = await tx.exec(select(SuggestionOrigin).where(SuggestionOrigin.suggestion_id == suggestion_id))
    return rows.all()


async def authorised(tx: AsyncSession, congress_id: UUID, act: str, *, on: date) -> bool:
    """Is a minuted standing authorisation for this class of acts in force on that local day?"""
    rows = await tx.exec(
        select(StandingAuthorisation.id).where(
            StandingAuthorisation.congress_id == congress_id,
            StandingAuthorisation.act == act,
            StandingAuthorisation.valid_from <= on,
            StandingAuthorisation.valid_until >= on,
        )
    )
    return rows.first() is not None


# One statement takes the next number: the row lock lasts till the commit of this rare act.
NEXT_NUMBER = text("""
    INSERT INTO suggestion_numbers AS n (congress_id, series, last) VALUES (:congress, :series, 1)
    ON CONFLICT (congress_id, series) DO UPDATE SET last = n.last + 1
    RETURNING last""")


async def next_number(tx: AsyncSession, congress_id: UUID, series: str) -> int:
    found = await sql(tx, NEXT_NUMBER, {"congress": congress_id, "series": series})
    return int(found.scalar_one())
