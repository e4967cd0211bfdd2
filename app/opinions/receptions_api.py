"""`/api/v1/stations/{id}/receptions`: who was received, and what they left behind."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.ids import new_id
from app.kernel.paging import Cursor, page_of
from app.opinions import receptions
from app.opinions.receiving import Contact, Words
from app.opinions.reception_schemas import LeftBehindIn, ReceptionIn, ReceptionOut
from app.opinions.receptions import Account

router = APIRouter(prefix="/stations/{id}/receptions", tags=["stations"], route_class=UnitRoute)
Recorder = Annotated[Actor, Depends(holding(Permission.OPINION_RECORD))]


@router.get("")
async def held(
    id: UUID, asked: Annotated[ListQuery, Query()], actor: Recorder, tx: Tx
) -> PageOut[ReceptionOut]:
    """Latest first: all for the keeper and the office, a delegate's own for the delegate."""
    station = await receptions.station_of(tx, id, actor)
    rows = await receptions.listed(tx, station, actor, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.received_at, row.id))
    items = [ReceptionOut.model_validate(row) for row in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def hold(
    id: UUID, body: ReceptionIn, actor: Recorder, tx: Tx, now: Now, response: Response
) -> ReceptionOut:
    """Record a reception (接待); 200 with the first record where this `client_id` came before."""
    station = await receptions.station_of(tx, id, actor)
    account = Account(
        client_id=body.client_id or str(new_id()),
        received_at=body.received_at or now,
        summary=body.summary,
        people=body.people,
        delegate_id=receptions.receiving_seat(actor, body.delegate_id),
        words=_words(body.opinion) if body.opinion else None,
    )
    received = await receptions.hold(tx, station, account, actor=actor, now=now)
    response.status_code = 201 if received.new else 200
    out = ReceptionOut.model_validate(received.reception)
    return out.model_copy(update={"receipt": received.receipt})


def _words(said: LeftBehindIn) -> Words:
    contact = Contact(**said.contact.model_dump()) if said.contact else None
    facts = said.model_dump(exclude={"contact", "upload_ids"})
    return Words(**facts, contact=contact, uploads=tuple(said.upload_ids))
