"""`/api/v1/handling-reports`: the yearly report, drafted from the facts, signed, published."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import and_, col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra import preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut, paged
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor
from app.reports import report_presenting, reporting
from app.reports.errors import ReportUnknown
from app.reports.models import HandlingReport, ReportState
from app.reports.report_presenting import shown
from app.reports.report_schemas import (
    HandlingApprovalIn,
    HandlingReportEdit,
    HandlingReportIn,
    HandlingReportOut,
    HandlingReportQuery,
    HandlingReportSummary,
    PublicReport,
)
from app.reports.visibility import visible

router = APIRouter(prefix="/handling-reports", tags=["reports"], route_class=UnitRoute)
public = APIRouter(prefix="/handling-reports", tags=["residents"], route_class=UnitRoute)
Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]
Office = Annotated[Actor, Depends(holding(Permission.SUGGESTION_CLOSE))]
Chair = Annotated[Actor, Depends(holding(Permission.SUGGESTION_SIGN))]


def _demo(request: Request) -> bool:
    demo: bool = request.app.state.settings.demo
    return demo


@router.post("", status_code=201)
async def draft(
    body: HandlingReportIn, actor: Office, tx: Tx, now: Now, request: Request, response: Response
) -> HandlingReportOut:
    """Draft the report of one congress and year from its facts; a second one is refused."""
    report = await reporting.draft(tx, **body.model_dump(), actor=actor, now=now)
    preconditions.mark(response, report.revision)
    return await shown(tx, report, actor, demo=_demo(request))


@router.get("")
async def reports(
    asked: Annotated[HandlingReportQuery, Query()], actor: Reader, tx: Tx
) -> PageOut[HandlingReportSummary]:
    """Newest first: published ones, and those of the reader's own congress."""
    query = select(HandlingReport).where(visible(actor))
    if asked.congress_id:
        query = query.where(HandlingReport.congress_id == asked.congress_id)
    if asked.period:
        query = query.where(HandlingReport.period == asked.period)
    if after := asked.after:
        earlier = col(HandlingReport.drafted_at) < after.at
        same = and_(col(HandlingReport.drafted_at) == after.at, col(HandlingReport.id) < after.id)
        query = query.where(or_(earlier, same))
    order = (col(HandlingReport.drafted_at).desc(), col(HandlingReport.id).desc())
    rows = (await tx.exec(query.order_by(*order).limit(asked.limit + 1))).all()
    return paged(rows, asked.limit, HandlingReportSummary, key=lambda row: Cursor(row.drafted_at, row.id))


@router.get("/{id}")
async def report(id: UUID, actor: Reader, tx: Tx, request: Request, response: Response) -> HandlingReportOut:
    found = await reporting.seen(tx, id, actor)
    preconditions.mark(response, found.revision)
    return await shown(tx, found, actor, demo=_demo(request))


@router.put("/{id}")
async def edit(
    id: UUID, body: HandlingReportEdit, actor: Office, tx: Tx, now: Now, request: Request, response: Response
) -> HandlingReportOut:
    """Change the words of a draft; needs If-Match."""
    found = await reporting.seen(tx, id, actor, lock=True)
    preconditions.check(request, found.revision)
    await reporting.edit(tx, found, **body.model_dump(), actor=actor, now=now)
    preconditions.mark(response, found.revision)
    return await shown(tx, found, actor, demo=_demo(request))


@router.post("/{id}/facts")
async def count_again(id: UUID, actor: Office, tx: Tx, now: Now, request: Request) -> HandlingReportOut:
    """Count the facts again and draft the words anew; what was edited is lost."""
    found = await reporting.seen(tx, id, actor, lock=True)
    preconditions.check(request, found.revision)
    await reporting.count_again(tx, found, actor, now)
    return await shown(tx, found, actor, demo=_demo(request))


@router.post("/{id}/approval")
async def decide(
    id: UUID, body: HandlingApprovalIn, actor: Chair, tx: Tx, now: Now, request: Request
) -> HandlingReportOut:
    """The chair signs, or sends it back with the reason; a text with a telephone number is refused."""
    found = await reporting.seen(tx, id, actor, lock=True)
    preconditions.check(request, found.revision)
    await reporting.decide(tx, found, **body.model_dump(), actor=actor, now=now)
    return await shown(tx, found, actor, demo=_demo(request))


@router.post("/{id}/publication")
async def publish(id: UUID, actor: Office, tx: Tx, now: Now, request: Request) -> HandlingReportOut:
    """Public from now on (代表法 §51); its clock stops."""
    found = await reporting.seen(tx, id, actor, lock=True)
    preconditions.check(request, found.revision)
    await reporting.publish(tx, found, actor, now)
    return await shown(tx, found, actor, demo=_demo(request))


@public.get("/{id}")
async def published(id: UUID, tx: Tx, request: Request) -> PublicReport:
    """A published report, for anybody."""
    query = select(HandlingReport).where(
        HandlingReport.id == id, HandlingReport.state == ReportState.PUBLISHED
    )
    found = (await tx.exec(query)).first()
    if found is None:
        raise ReportUnknown
    return report_presenting.public(found, demo=_demo(request))
