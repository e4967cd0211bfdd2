"""`/api/partner/v1/opinions`: partner systems push what people told them, read on, and bring results."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement
from sqlmodel import col

from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.opinions import exchanging, queries
from app.opinions.exchanging import Outcome, Pushed, source_of
from app.opinions.models import Opinion, Source
from app.opinions.partner_reading import for_partner
from app.opinions.partner_schemas import (
    PartnerOpinionOut,
    PartnerOpinionQuery,
    PartnerResultIn,
    PushedOut,
    PushIn,
)
from app.opinions.public_api import receipt_out
from app.opinions.receiving import Contact, Words
from app.opinions.steps import By
from app.opinions.visibility import open_to_partners
from app.partners.caller import Partner
from app.partners.deps import scoped

router = APIRouter(prefix="/opinions", tags=["opinions"], route_class=UnitRoute)

Reader = Annotated[Partner, Depends(scoped("opinions:read"))]
Writer = Annotated[Partner, Depends(scoped("opinions:write"))]


@router.get("")
async def opinions(
    asked: Annotated[PartnerOpinionQuery, Query()], partner: Reader, tx: Tx
) -> PageOut[PartnerOpinionOut]:
    """Scope `opinions:read`. Newest first; nothing confidential, nothing that may accuse somebody."""
    where = [open_to_partners(), *_filters(asked, partner)]
    rows = await queries.listed(tx, where=where, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.created_at, row.id))
    return PageOut(items=await for_partner(tx, page.items, partner.client_id), next_cursor=page.next_cursor)


def _filters(asked: PartnerOpinionQuery, partner: Partner) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state:
        found.append(col(Opinion.state) == asked.state)
    if asked.category:
        found.append(col(Opinion.category) == asked.category)
    if asked.transferred_to:
        found.append(col(Opinion.transferred_to) == asked.transferred_to)
    if asked.external_id:
        found.append(col(Opinion.source) == Source.PARTNER)
        found.append(col(Opinion.external_id) == asked.external_id)
        found.append(col(Opinion.source_name).startswith(partner.client_id, autoescape=True))
    return found


@router.post("", status_code=201)
async def push(
    body: PushIn, partner: Writer, request: Request, tx: Tx, now: Now, response: Response
) -> PushedOut:
    """Scope `opinions:write`. What somebody told you; 200 with the first answer where it came before."""
    received, new = await exchanging.take(tx, _pushed(body, partner), _by(partner, now))
    response.status_code = 201 if new else 200
    opinion = received.opinion
    return PushedOut(
        id=opinion.id,
        external_id=opinion.external_id,
        state=opinion.state,  # type: ignore[arg-type]  # text in the row, checked by the database
        **receipt_out(request, opinion.number, received.receipt, received.triage_due_at),
    )


def _pushed(body: PushIn, partner: Partner) -> Pushed:
    contact = Contact(**body.contact.model_dump()) if body.contact else None
    facts = body.model_dump(include={"content", "category", "place", "route", "confidential"})
    return Pushed(
        source=source_of(partner.client_id, body.source),
        words=Words(**facts, contact=contact, uploads=tuple(body.upload_ids)),
        owner=partner.label,
        external_id=body.external_id,
        station_code=body.station_code,
        township_code=body.township_code,
    )


def _by(partner: Partner, now: Now) -> By:
    return By(partner.label, partner.name, now)


@router.get("/{id}")
async def opinion(id: UUID, partner: Reader, tx: Tx) -> PartnerOpinionOut:
    """Scope `opinions:read`. One opinion and what came of it."""
    found = await queries.open_to_partners(tx, id)
    [out] = await for_partner(tx, [found], partner.client_id)
    return out


@router.post("/{id}/result")
async def bring_result(
    id: UUID, body: PartnerResultIn, partner: Writer, tx: Tx, now: Now
) -> PartnerOpinionOut:
    """Scope `opinions:write`. What came of it: shown to the resident, who is then told."""
    found = await queries.open_to_partners(tx, id, lock=True)
    outcome = Outcome(body.content, body.handled_by or partner.name)
    await exchanging.bring(tx, found, outcome, partner.client_id, _by(partner, now))
    [out] = await for_partner(tx, [found], partner.client_id)
    return out
