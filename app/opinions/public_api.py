"""`/api/public/v1`: residents, without log-in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.adapters.files import FileKey
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.opinions import following, queries
from app.opinions.deps import Budgets, Device, Flood
from app.opinions.errors import PhotoUnknown, ReceiptUnknown
from app.opinions.models import Opinion
from app.opinions.presenting import follow_up
from app.opinions.receiving import Contact, Received, Words
from app.opinions.schemas import (
    CommitmentWordIn,
    FollowUpOut,
    MessageIn,
    OpinionIn,
    RatingIn,
    ReopeningIn,
    StationView,
)
from app.opinions.station_view import station_view
from app.opinions.steps import resident
from app.stations import queries as stations
from app.stations.errors import StationUnknown
from app.uploads.receiving import store_of

router = APIRouter(tags=["residents"], route_class=UnitRoute)


def words_of(body: OpinionIn) -> Words:
    contact = Contact(**body.contact.model_dump()) if body.contact else None
    facts = body.model_dump(include={"content", "category", "place", "route", "confidential"})
    return Words(**facts, contact=contact, uploads=tuple(body.upload_ids))


def received_out(request: Request, received: Received) -> dict[str, Any]:
    return receipt_out(request, received.opinion.number, received.receipt, received.triage_due_at)


def receipt_out(request: Request, number: str, receipt: str, due_at: datetime) -> dict[str, Any]:
    base = request.app.state.settings.base_url
    url = f"{base}/o/{receipt}"
    return {"number": number, "receipt": receipt, "url": url, "triage_due_at": due_at}


def check_flood(flood: Budgets, device: str, code: str, content: str) -> None:
    """Refuse floods: per station, per device, and the same text over and over."""
    flood.station.check(code)
    flood.device.check(device)
    flood.same_text.check(f"{code}|{content}")


def count_spoken(flood: Budgets, device: str, code: str, content: str) -> None:
    """Only what was received counts: who repeats an attempt during an outage is not a flood."""
    flood.station.take(code)
    flood.device.take(device)
    flood.same_text.take(f"{code}|{content}")


async def find(tx: Tx, flood: Budgets, device: str, receipt: str, *, lock: bool = False) -> Opinion:
    """By receipt; only failed look-ups use up the budget."""
    flood.receipts.check(device)
    try:
        return await following.by_receipt(tx, receipt, lock=lock)
    except ReceiptUnknown:
        flood.receipts.take(device)
        raise


@router.get("/stations/{code}")
async def station(code: str, tx: Tx, now: Now) -> StationView:
    """The station, who is on duty, what one can write about, and a form token for photos."""
    found = await stations.by_code(tx, code)
    if found is None:
        raise StationUnknown
    return await station_view(tx, found, now=now)


@router.get("/opinions/{receipt}")
async def follow(receipt: str, tx: Tx, now: Now, flood: Flood, device: Device) -> FollowUpOut:
    """Where it stands. Reading a result here is being told."""
    opinion = await find(tx, flood, device, receipt, lock=True)
    await following.note_read(tx, opinion, resident(now))
    return await follow_up(tx, opinion, receipt)


@router.post("/opinions/{receipt}/messages")
async def add_message(
    receipt: str, body: MessageIn, tx: Tx, now: Now, flood: Flood, device: Device
) -> FollowUpOut:
    """Add something, or answer the office's question."""
    opinion = await find(tx, flood, device, receipt, lock=True)
    await following.supplement(tx, opinion, body.content, resident(now))
    return await follow_up(tx, opinion, receipt)


@router.post("/opinions/{receipt}/rating")
async def rate(receipt: str, body: RatingIn, tx: Tx, now: Now, flood: Flood, device: Device) -> FollowUpOut:
    opinion = await find(tx, flood, device, receipt, lock=True)
    await following.rate(tx, opinion, body.satisfied, body.comment, resident(now))
    return await follow_up(tx, opinion, receipt)


@router.post("/opinions/{receipt}/reopening")
async def reopen(
    receipt: str, body: ReopeningIn, tx: Tx, now: Now, flood: Flood, device: Device
) -> FollowUpOut:
    """Ask once for it to be looked at again."""
    opinion = await find(tx, flood, device, receipt, lock=True)
    await following.reopen(tx, opinion, body.reason, resident(now))
    return await follow_up(tx, opinion, receipt)


@router.post("/opinions/{receipt}/commitments/{id}/confirmation")
async def confirm_commitment(
    receipt: str, id: UUID, body: CommitmentWordIn, tx: Tx, now: Now, flood: Flood, device: Device
) -> FollowUpOut:
    """Say whether a promise was kept; it may be said again when things change."""
    opinion = await find(tx, flood, device, receipt, lock=True)
    await following.confirm_commitment(tx, opinion, id, kept=body.kept, note=body.note, by=resident(now))
    return await follow_up(tx, opinion, receipt)


@router.get("/opinions/{receipt}/photos/{id}", response_class=Response)
async def photo(
    receipt: str,
    id: UUID,
    request: Request,
    tx: Tx,
    flood: Flood,
    device: Device,
    small: Annotated[bool, Query()] = False,
) -> Response:
    """One photo of this opinion; `small=true` for the thumbnail."""
    opinion = await find(tx, flood, device, receipt)
    found = await queries.photo(tx, opinion.id, id)
    if found is None:
        raise PhotoUnknown
    key = FileKey(found.thumbnail_sha256 if small else found.sha256)
    content = await store_of(request).open(key)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(content, media_type=found.media_type, headers=headers)
