"""`…/check-ins`, `…/attendance`: who was at a station."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra.deps import Now, Tx
from app.infra.schemas import ListQuery, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.stations import attending, queries
from app.stations.attending import Report
from app.stations.presenting import check_ins_out
from app.stations.schemas import (
    AttendanceIn,
    AttendanceOut,
    CheckInIn,
    CheckInOut,
    CodeOut,
    DisputeIn,
    NamedCheckInOut,
)
from app.stations.screens import screen_of
from app.stations.visibility import kept

router = APIRouter(tags=["check-ins"], route_class=UnitRoute)

Delegate = Annotated[Actor, Depends(holding(Permission.CHECKIN_WRITE))]
Reader = Annotated[Actor, Depends(holding(Permission.CHECKIN_READ))]
Keeper = Annotated[Actor, Depends(holding(Permission.ATTENDANCE_WRITE))]


@router.post("/stations/{id}/check-ins", status_code=201)
async def check_in(
    id: UUID, body: CheckInIn, actor: Delegate, tx: Tx, now: Now, response: Response
) -> CheckInOut:
    """Check in (签到); 200 with the first record where this `client_id` came before."""
    seat = attending.own_seat(actor, body.delegate_id)
    report = Report(
        client_id=body.client_id,
        code=body.code,
        place=body.coordinate.coordinate() if body.coordinate else None,
        occurred_at=body.occurred_at,
    )
    record, new = await attending.check_in(tx, id, seat, report, actor=actor, now=now)
    response.status_code = 201 if new else 200
    return CheckInOut.model_validate(record)


@router.get("/stations/{id}/check-ins")
async def check_ins(
    id: UUID, asked: Annotated[ListQuery, Query()], actor: Reader, tx: Tx
) -> PageOut[NamedCheckInOut]:
    """Latest first: all for the office and the keeper, a delegate's own for the delegate."""
    found = await queries.may_look(tx, id, actor)
    rows = await queries.check_ins(tx, found.id, actor, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda record: Cursor(record.received_at, record.id))
    return PageOut(items=await check_ins_out(tx, page.items), next_cursor=page.next_cursor)


@router.post("/stations/{id}/attendance", status_code=201)
async def record_attendance(id: UUID, body: AttendanceIn, actor: Keeper, tx: Tx, now: Now) -> AttendanceOut:
    """The keeper's record of who was there; a delegate may dispute it."""
    found = await queries.station_in_care(tx, id, kept(actor))
    seen = attending.Attendance(body.date, body.delegate_ids, body.sheet_upload_id)
    records = await attending.record_attendance(tx, found, seen, actor=actor, now=now)
    return AttendanceOut(items=await check_ins_out(tx, records))


@router.get("/stations/{id}/code")
async def code(id: UUID, actor: Reader, tx: Tx, response: Response) -> CodeOut:
    """The code for the station's screen; it changes every few seconds. The printed one does as well."""
    found = await queries.looked_after(tx, id, actor)
    shown, until = screen_of(tx, found).shows()
    response.headers["Cache-Control"] = "no-store"
    return CodeOut(code=shown, valid_until=until)


@router.post("/check-ins/{id}/checkout")
async def check_out(id: UUID, actor: Delegate, tx: Tx, now: Now) -> CheckInOut:
    """Leave (签退): voluntary; the first time counts."""
    record = await queries.own_check_in(tx, id, actor)
    await attending.check_out(tx, record, actor=actor, now=now)
    return CheckInOut.model_validate(record)


@router.post("/check-ins/{id}/dispute")
async def dispute(id: UUID, body: DisputeIn, actor: Delegate, tx: Tx, now: Now) -> CheckInOut:
    """The delegate contradicts a record of the last 7 days; both stay visible."""
    record = await queries.own_check_in(tx, id, actor)
    await attending.dispute(tx, record, body.reason, actor=actor, now=now)
    return CheckInOut.model_validate(record)
