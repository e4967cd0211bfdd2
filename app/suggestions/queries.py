"""Questions about suggestions. What an actor may not see is not found."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.directory.models import CongressSession
from app.infra.db import sql
from app.kernel.paging import Cursor
from app.suggestions.errors import SuggestionUnknown
from app.suggestions.models import (
    Assignment,
    CoSigner,
    Seconder,
    Step,
    Suggestion,
    SuggestionOrigin,
    SuggestionUpload,
)
from app.suggestions.oversight_models import (
    Approval,
    Demand,
    StandingAuthorisation,
    Supervision,
    Withdrawal,
    WithdrawalConsent,
)
from app.suggestions.reply_models import (
    Commitment,
    ContactRecord,
    CoOpinion,
    Evaluation,
    FurtherReply,
    Reply,
    Request,
)
from app.suggestions.visibility import visible
from app.suggestions.workflow import GONE


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
            col(Assignment.state).not_in(GONE),
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
    """Oldest first."""
    rows = select(Evaluation).where(col(Evaluation.reply_id).in_(reply_ids)).order_by(col(Evaluation.id))
    return (await tx.exec(rows)).all()


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


async def uploads(tx: AsyncSession, suggestion_id: UUID) -> Sequence[SuggestionUpload]:
    rows = await tx.exec(select(SuggestionUpload).where(SuggestionUpload.suggestion_id == suggestion_id))
    return rows.all()


async def session(tx: AsyncSession, id: UUID) -> CongressSession | None:
    return await tx.get(CongressSession, id)


async def cosigners(tx: AsyncSession, suggestion_id: UUID) -> Sequence[CoSigner]:
    """In the order in which they signed."""
    rows = select(CoSigner).where(CoSigner.suggestion_id == suggestion_id).order_by(col(CoSigner.place))
    return (await tx.exec(rows)).all()


async def seconders(tx: AsyncSession, suggestion_id: UUID) -> Sequence[Seconder]:
    rows = select(Seconder).where(Seconder.suggestion_id == suggestion_id).order_by(col(Seconder.at))
    return (await tx.exec(rows)).all()


async def requests(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[Request]:
    rows = select(Request).where(col(Request.assignment_id).in_(assignment_ids)).order_by(col(Request.id))
    return (await tx.exec(rows)).all()


async def open_request(tx: AsyncSession, assignment_id: UUID, what: str) -> Request | None:
    rows = select(Request).where(
        Request.assignment_id == assignment_id, Request.what == what, col(Request.decided_at).is_(None)
    )
    return (await tx.exec(rows)).first()


async def subjects_of(tx: AsyncSession, assignment_id: UUID) -> list[UUID]:
    """What else obliges under this assignment: its requests and its promises."""
    asked = await tx.exec(select(Request.id).where(Request.assignment_id == assignment_id))
    promised = await tx.exec(select(Commitment.id).where(Commitment.assignment_id == assignment_id))
    return [*asked, *promised]


async def co_opinions(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[CoOpinion]:
    rows = select(CoOpinion).where(col(CoOpinion.assignment_id).in_(assignment_ids))
    return (await tx.exec(rows.order_by(col(CoOpinion.id)))).all()


async def co_opinion(tx: AsyncSession, assignment_id: UUID, round: int) -> CoOpinion | None:
    rows = select(CoOpinion).where(CoOpinion.assignment_id == assignment_id, CoOpinion.round == round)
    return (await tx.exec(rows)).first()


async def further_replies(tx: AsyncSession, assignment_ids: Sequence[UUID]) -> Sequence[FurtherReply]:
    rows = select(FurtherReply).where(col(FurtherReply.assignment_id).in_(assignment_ids))
    return (await tx.exec(rows.order_by(col(FurtherReply.id)))).all()


async def judged_replies(tx: AsyncSession, assignment_ids: Sequence[UUID], suggestion_id: UUID) -> set[UUID]:
    """Replies of these assignments that have been evaluated for this suggestion."""
    rows = await tx.exec(
        select(Evaluation.reply_id)
        .join(Reply, col(Reply.id) == col(Evaluation.reply_id))
        .where(col(Reply.assignment_id).in_(assignment_ids), Evaluation.suggestion_id == suggestion_id)
    )
    return set(rows)


async def withdrawal(tx: AsyncSession, suggestion_id: UUID) -> Withdrawal | None:
    return await tx.get(Withdrawal, suggestion_id)


async def withdrawal_consents(tx: AsyncSession, suggestion_id: UUID) -> Sequence[WithdrawalConsent]:
    rows = select(WithdrawalConsent).where(WithdrawalConsent.suggestion_id == suggestion_id)
    return (await tx.exec(rows)).all()


async def approvals(tx: AsyncSession, suggestion_id: UUID, *, state: str | None = None) -> Sequence[Approval]:
    rows = select(Approval).where(Approval.suggestion_id == suggestion_id).order_by(col(Approval.id))
    return (await tx.exec(rows.where(Approval.state == state) if state else rows)).all()


async def pending_approval(tx: AsyncSession, suggestion_id: UUID, act: str) -> Approval | None:
    return next((a for a in await approvals(tx, suggestion_id, state="pending") if a.act == act), None)


async def supervisions(tx: AsyncSession, suggestion_id: UUID) -> Sequence[Supervision]:
    rows = select(Supervision).where(Supervision.suggestion_id == suggestion_id)
    return (await tx.exec(rows.order_by(col(Supervision.id)))).all()


async def demands(tx: AsyncSession, supervision_ids: Sequence[UUID]) -> Sequence[Demand]:
    rows = select(Demand).where(col(Demand.supervision_id).in_(supervision_ids)).order_by(col(Demand.id))
    return (await tx.exec(rows)).all()
