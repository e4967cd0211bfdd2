"""Questions about alerts. What an actor may not see is not found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts.errors import AlertUnknown
from app.alerts.models import Acknowledgement, Alert, LineSetting, Undertaking
from app.alerts.signals import SHIPPED, Setting
from app.alerts.standing import standing
from app.alerts.visibility import visible
from app.deadlines.models import Deadline
from app.kernel.paging import Cursor
from app.suggestions import visibility as suggestions
from app.suggestions.models import Suggestion


@dataclass(frozen=True)
class Seen:
    """An alert with its clock (None for lines that no clock drew); `open`: it still stands."""

    alert: Alert
    clock: Deadline | None
    open: bool


async def listed(
    tx: AsyncSession, actor: Actor, *, open_only: bool, after: Cursor | None, limit: int
) -> Sequence[Seen]:
    """Newest first."""
    condition: ColumnElement[bool] = and_(visible(actor), standing() if open_only else true())
    if after:
        earlier = and_(col(Alert.noticed_at) == after.at, col(Alert.id) < after.id)
        condition = and_(condition, or_(col(Alert.noticed_at) < after.at, earlier))
    return await _seen(tx, condition, limit=limit)


async def seen(tx: AsyncSession, id: UUID, actor: Actor) -> Seen:
    """The alert as this actor may see it; AlertUnknown otherwise."""
    found = await _seen(tx, and_(col(Alert.id) == id, visible(actor)), limit=1)
    if not found:
        raise AlertUnknown
    return found[0]


async def by_id(tx: AsyncSession, id: UUID) -> Seen:
    """For our own machinery: no actor asks."""
    [found] = await _seen(tx, col(Alert.id) == id, limit=1)
    return found


async def _seen(tx: AsyncSession, condition: ColumnElement[bool], *, limit: int) -> list[Seen]:
    rows = await tx.exec(
        select(Alert, Deadline, standing())
        .outerjoin(Deadline, col(Deadline.id) == col(Alert.subject_id))
        .where(condition)
        .order_by(col(Alert.noticed_at).desc(), col(Alert.id).desc())
        .limit(limit)
    )
    return [Seen(alert, clock, bool(stands)) for alert, clock, stands in rows]


async def titles(tx: AsyncSession, root_ids: Collection[UUID | None], actor: Actor) -> dict[UUID | None, str]:
    """Titles of the suggestions among these that the actor may see (a leader no confidential one)."""
    rows = await tx.exec(
        select(Suggestion.id, Suggestion.title).where(
            col(Suggestion.id).in_([id for id in root_ids if id]), suggestions.visible(actor)
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


async def undertakings(tx: AsyncSession, subject_id: UUID) -> Sequence[Undertaking]:
    """Of every alert of the same clock or assignment, oldest first: the next line shows them too."""
    rows = await tx.exec(
        select(Undertaking)
        .join(Alert, col(Alert.id) == col(Undertaking.alert_id))
        .where(Alert.subject_id == subject_id)
        .order_by(col(Undertaking.id))
    )
    return rows.all()


async def settings(tx: AsyncSession) -> dict[str, Setting]:
    """Every line with this county's choice, or as shipped."""
    chosen = {row.line: Setting(row.enabled, row.days) for row in await tx.exec(select(LineSetting))}
    return {line: chosen.get(line, shipped) for line, shipped in SHIPPED.items()}
