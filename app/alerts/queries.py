"""Questions about alerts. What an actor may not see is not found."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts.errors import AlertUnknown
from app.alerts.models import Acknowledgement, Alert
from app.alerts.visibility import visible
from app.deadlines.models import Deadline
from app.kernel.paging import Cursor
from app.suggestions import visibility as suggestions
from app.suggestions.models import Suggestion

AlertWithClock = tuple[Alert, Deadline]


async def listed(
    tx: AsyncSession, actor: Actor, *, open_only: bool, after: Cursor | None, limit: int
) -> Sequence[AlertWithClock]:
    """Newest first, with the clock. Open: the clock runs, and its due date is still the one crossed."""
    query = (
        select(Alert, Deadline)
        .join(Deadline, col(Deadline.id) == col(Alert.subject_id))
        .where(visible(actor))
    )
    if open_only:
        query = query.where(
            col(Deadline.stopped_at).is_(None), col(Deadline.due_revision) == col(Alert.occurrence)
        )
    if after:
        query = query.where(
            or_(
                col(Alert.noticed_at) < after.at,
                and_(col(Alert.noticed_at) == after.at, col(Alert.id) < after.id),
            )
        )
    order = (col(Alert.noticed_at).desc(), col(Alert.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def seen(tx: AsyncSession, id: UUID, actor: Actor) -> AlertWithClock:
    """The alert as this actor may see it; AlertUnknown otherwise."""
    rows = await tx.exec(
        select(Alert, Deadline)
        .join(Deadline, col(Deadline.id) == col(Alert.subject_id))
        .where(Alert.id == id, visible(actor))
    )
    found = rows.first()
    if found is None:
        raise AlertUnknown
    return found


async def titles(tx: AsyncSession, root_ids: Sequence[UUID], actor: Actor) -> dict[UUID, str]:
    """Titles of the suggestions among these that the actor may see (a leader no confidential one)."""
    rows = await tx.exec(
        select(Suggestion.id, Suggestion.title).where(
            col(Suggestion.id).in_(root_ids), suggestions.visible(actor)
        )
    )
    return dict(rows.all())


async def acknowledgements(tx: AsyncSession, alert_id: UUID) -> Sequence[Acknowledgement]:
    """In the order in which they came."""
    rows = await tx.exec(
        select(Acknowledgement)
        .where(Acknowledgement.alert_id == alert_id)
        .order_by(col(Acknowledgement.at), col(Acknowledgement.account_id))
    )
    return rows.all()
