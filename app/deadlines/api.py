"""`/api/v1/deadlines`: what is due, and why on that day."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.deadlines import calendars
from app.deadlines.arithmetic import due
from app.deadlines.errors import DeadlineUnknown
from app.deadlines.lines import Nature
from app.deadlines.models import Deadline
from app.deadlines.presenting import explained, limit_of, shown
from app.deadlines.schemas import DeadlineOut, DeadlineQuery, ExplanationOut
from app.deadlines.visibility import visible
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of

router = APIRouter(prefix="/deadlines", tags=["deadlines"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.ALERT_READ))]


@router.get("")
async def deadlines(
    asked: Annotated[DeadlineQuery, Query()], actor: Reader, tx: Tx, now: Now
) -> PageOut[DeadlineOut]:
    """Soonest due first."""
    query = select(Deadline).where(visible(actor), *_filters(asked, now))
    if asked.after:
        query = query.where(
            or_(
                col(Deadline.due_at) > asked.after.at,
                and_(col(Deadline.due_at) == asked.after.at, col(Deadline.id) > asked.after.id),
            )
        )
    query = query.order_by(col(Deadline.due_at), col(Deadline.id)).limit(asked.limit + 1)
    rows = (await tx.exec(query)).all()
    page = page_of(rows, limit=asked.limit, key=lambda d: Cursor(d.due_at, d.id))
    items = [shown(clock, now=now) for clock in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


def _filters(asked: DeadlineQuery, now: Now) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state == "open":
        found.append(col(Deadline.stopped_at).is_(None))
    if asked.overdue is not None:
        late = and_(
            col(Deadline.nature) == Nature.DUTY,
            col(Deadline.stopped_at).is_(None),
            col(Deadline.due_at) <= now,
        )
        found.append(late if asked.overdue else ~late)
    if asked.unit_id:
        found.append(col(Deadline.unit_id) == asked.unit_id)
    if asked.kind:
        found.append(col(Deadline.kind) == asked.kind)
    return found


@router.get("/{id}/explanation")
async def explanation(id: UUID, actor: Reader, tx: Tx) -> ExplanationOut:
    """Every day counted or skipped, with the reason and the article."""
    found = (await tx.exec(select(Deadline).where(Deadline.id == id, visible(actor)))).first()
    if found is None:
        raise DeadlineUnknown
    calendar = await calendars.current(tx)
    return explained(found, calendar, due(limit_of(found), calendar))
