"""`/api/v1/statistics/overview`, `/api/v1/registers/…`: figures with their denominators, and the lists
they are the sums of."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from app.accounts.actor import Actor
from app.accounts.deps import CurrentActor
from app.accounts.errors import PermissionMissing
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.reports import overview, presenting, registers
from app.reports.overview import Asked
from app.reports.registers import ASSIGNMENT_COLUMNS, SUGGESTION_COLUMNS
from app.reports.schemas import OverviewOut, OverviewQuery, RegisterQuery
from app.reports.workbook import MEDIA_TYPE, written

router = APIRouter(tags=["reports"], route_class=UnitRoute)


async def counting(actor: CurrentActor) -> Actor:
    """Who may read figures; a unit, its own."""
    if not (actor.may(Permission.STATISTICS_READ) or actor.may(Permission.SUGGESTION_HANDLE)):
        raise PermissionMissing(Permission.STATISTICS_READ)
    return actor


Counting = Annotated[Actor, Depends(counting)]


@router.get("/statistics/overview")
async def statistics(
    asked: Annotated[OverviewQuery, Query()], actor: Counting, tx: Tx, now: Now
) -> OverviewOut:
    """Each figure with numerator, denominator, what was left out and the period. A breakdown row carries
    the same figures for one unit, township or category."""
    overview.need_place(actor, asked.township_id)
    span = overview.span_of(asked.since, asked.until, now)
    return await presenting.shown(tx, Asked(actor, span, now, asked.township_id, asked.by))


Register = Annotated[RegisterQuery, Query()]
XLSX: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}


@router.get("/registers/suggestions.xlsx", response_class=Response, responses=XLSX)
async def suggestions_register(asked: Register, actor: Counting, tx: Tx, request: Request) -> Response:
    """建议登记簿: the rows of `GET /api/v1/suggestions` under the same filters."""
    found = await registers.entries(tx, actor, asked)
    rows = [registers.suggestion_row(entry) for entry in found]
    return await _sheet(request, "代表建议登记簿", SUGGESTION_COLUMNS, rows)


@router.get("/registers/assignments.xlsx", response_class=Response, responses=XLSX)
async def assignments_register(asked: Register, actor: Counting, tx: Tx, request: Request) -> Response:
    """交办一览表: one line for each unit charged."""
    found = await registers.entries(tx, actor, asked)
    return await _sheet(request, "交办一览表", ASSIGNMENT_COLUMNS, list(registers.assignment_rows(found)))


async def _sheet(request: Request, title: str, columns: Any, rows: Any) -> Response:
    content = await asyncio.to_thread(written, title, columns, rows, demo=request.app.state.settings.demo)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title)}.xlsx"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
