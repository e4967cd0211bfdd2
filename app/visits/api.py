"""`/api/v1/visits`: delegates record their visits to voters; the congress's side reads them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import ColumnElement
from sqlmodel import col

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.stations.attending import own_seat
from app.visits import queries, recording
from app.visits.models import VoterVisit
from app.visits.presenting import visits_out
from app.visits.recording import Account, Issue
from app.visits.schemas import VisitIn, VisitOut, VisitQuery

router = APIRouter(prefix="/visits", tags=["visits"], route_class=UnitRoute)

Reader = Annotated[Actor, Depends(holding(Permission.VISIT_READ))]
Writer = Annotated[Actor, Depends(holding(Permission.VISIT_WRITE))]


@router.get("")
async def visits(asked: Annotated[VisitQuery, Query()], actor: Reader, tx: Tx) -> PageOut[VisitOut]:
    """Latest recorded first: a delegate's own, or those of the office's region."""
    rows = await queries.listed(tx, actor, filters=_filters(asked), after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda visit: Cursor(visit.created_at, visit.id))
    return PageOut(items=await visits_out(tx, page.items), next_cursor=page.next_cursor)


def _filters(asked: VisitQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.delegate_id:
        found.append(col(VoterVisit.delegate_id) == asked.delegate_id)
    if asked.since:
        found.append(col(VoterVisit.visited_on) >= asked.since)
    if asked.until:
        found.append(col(VoterVisit.visited_on) <= asked.until)
    return found


@router.post("", status_code=201)
async def record_visit(body: VisitIn, actor: Writer, tx: Tx, now: Now, response: Response) -> VisitOut:
    """Record a visit (走访选民); 200 with the first record where this `client_id` came before."""
    if body.coordinate:
        body.coordinate.coordinate()  # a wrong one is a fault of the client; a right one is not kept
    seat = own_seat(actor, body.delegate_id)
    recorded = await recording.record(tx, account_of(body), seat, actor=actor, now=now)
    response.status_code = 201 if recorded.new else 200
    [out] = await visits_out(tx, [recorded.visit], recorded.receipts)
    return out


def account_of(body: VisitIn) -> Account:
    return Account(
        client_id=body.client_id,
        visited_on=body.visited_on,
        place=body.place,
        summary=body.summary,
        households=body.households,
        people_met=body.people_met,
        issues=[Issue(**issue.model_dump()) for issue in body.issues],
        uploads=body.upload_ids,
    )


@router.get("/{id}")
async def visit(id: UUID, actor: Reader, tx: Tx) -> VisitOut:
    found = await queries.seen(tx, id, actor)
    [out] = await visits_out(tx, [found])
    return out
