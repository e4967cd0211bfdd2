"""`/api/v1/deadlines`: what is due, and why on that day."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.deadlines import calendars, queries, service
from app.deadlines.errors import DeadlineUnknown, OfficeOnly
from app.deadlines.lines import Nature
from app.deadlines.models import Deadline
from app.deadlines.presenting import explained, shown
from app.deadlines.schemas import DeadlineOut, DeadlineQuery, ExplanationOut, PauseIn
from app.deadlines.visibility import in_care_of, visible
from app.infra import audit
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.clock import local_date
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
            col(Deadline.paused_on).is_(None),
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
    changes = await queries.changes_of(tx, found.id)
    return explained(found, changes, await calendars.named(tx, found.calendar_version))


@router.post("/{id}/pause")
async def pause(id: UUID, body: PauseIn, actor: Reader, tx: Tx, now: Now) -> DeadlineOut:
    """Stop counting (中止) where the rule names an article for it; by the congress office."""
    clock = await _in_care(tx, id, actor)
    on = body.on or local_date(now)
    await service.pause(tx, clock, reason=body.reason, on=on, by=actor.label, now=now)
    return _noted(tx, clock, "deadline.pause", actor, now)


@router.post("/{id}/resume")
async def resume(id: UUID, body: PauseIn, actor: Reader, tx: Tx, now: Now) -> DeadlineOut:
    """Count again (恢复): the due date moves by the days that did not run; by the congress office."""
    clock = await _in_care(tx, id, actor)
    on = body.on or local_date(now)
    await service.resume(tx, clock, reason=body.reason, on=on, by=actor.label, now=now)
    return _noted(tx, clock, "deadline.resume", actor, now)


async def _in_care(tx: Tx, id: UUID, actor: Actor) -> Deadline:
    clock = await queries.for_update(tx, id, visible(actor))
    if clock is None:
        raise DeadlineUnknown
    if not in_care_of(actor, clock):
        raise OfficeOnly
    return clock


def _noted(tx: Tx, clock: Deadline, action: str, actor: Actor, now: Now) -> DeadlineOut:
    audit.note(tx, action, actor=actor.label, subject_kind="deadline", subject_id=clock.id, now=now)
    return shown(clock, now=now)
