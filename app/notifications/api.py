"""`/api/v1/inbox`, the whole trail of an alert, and the office's list of people to phone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.accounts.actor import Actor
from app.accounts.deps import CurrentActor, holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.notifications import calling, queries
from app.notifications.schemas import AlertTrailOut, CallDone, CallOut, InboxItemOut, PhoneOut
from app.notifications.trailing import trail

router = APIRouter(tags=["alerts"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.ALERT_READ))]
Office = Annotated[Actor, Depends(holding(Permission.SUGGESTION_CLOSE))]


@router.get("/inbox")
async def inbox(asked: Annotated[ListQuery, Query()], actor: CurrentActor, tx: Tx) -> PageOut[InboxItemOut]:
    """My messages, newest first."""
    rows = await queries.inbox(tx, actor.id, after=asked.after, limit=asked.limit + 1)
    return paged(rows, asked.limit, InboxItemOut, key=lambda item: Cursor(item.created_at, item.id))


@router.post("/inbox/{id}/read")
async def read(id: UUID, actor: CurrentActor, tx: Tx, now: Now) -> InboxItemOut:
    """I have read it; the first time counts."""
    item = await queries.own_item_for_update(tx, id, actor.id)
    item.read_at = item.read_at or now
    return InboxItemOut.model_validate(item)


@router.get("/alerts/{id}")
async def alert_trail(id: UUID, actor: Reader, tx: Tx, now: Now) -> AlertTrailOut:
    """One alert: the line, when it was crossed, every delivery and why it went so, what people said."""
    return await trail(tx, id, actor, now=now)


@router.get("/call-list")
async def call_list(asked: Annotated[ListQuery, Query()], actor: Office, tx: Tx) -> PageOut[CallOut]:
    """待电话告知: delegates whom no message has reached after a working day, newest first."""
    rows = await calling.listed(tx, actor, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.since, row.id))
    phones = await calling.masked_phones(tx, [row.account_id for row in page.items])
    items = [CallOut(**row._mapping, phone=phones.get(row.account_id)) for row in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("/call-list/{id}/phone")
async def reveal_phone(id: UUID, actor: Office, tx: Tx, now: Now) -> PhoneOut:
    """The number in clear, to dial it; who looked is kept in the audit."""
    call = await calling.own_for_update(tx, id, actor)
    return PhoneOut(phone=await calling.phone(tx, call, actor, now=now))


@router.post("/call-list/{id}/done", status_code=204)
async def call_done(id: UUID, body: CallDone, actor: Office, tx: Tx, now: Now) -> None:
    """The delegate has been told by phone, or what else came of it."""
    call = await calling.own_for_update(tx, id, actor)
    await calling.done(tx, call, actor, result=body.result, now=now)
