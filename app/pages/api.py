"""`/s/{code}`, `/o/{receipt}` and `/`: pages that work without JavaScript, in any browser."""

from typing import get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.infra.deps import Now, Tx
from app.opinions import following, receiving
from app.opinions.deps import Device, Flood
from app.opinions.errors import CommitmentUnknown, ReceiptUnknown
from app.opinions.models import Source
from app.opinions.public_api import check_flood, count_spoken, words_of
from app.opinions.receiving import From
from app.opinions.schemas import CommitmentWordIn, MessageIn, RatingIn, ReopeningIn
from app.opinions.steps import resident
from app.pages import presenting
from app.pages.forms import shown_again, typed
from app.pages.holding import Held
from app.pages.keys import claim
from app.pages.page_route import PageRoute
from app.pages.receipts import plain
from app.pages.responding import page, see_other, site_of
from app.pages.submitting import Attempt, OpinionFormRoute, station_code
from app.pages.views import FollowUpForm, Satisfaction
from app.pages.wording import NOTICES
from app.stations import queries as stations
from app.stations.errors import StationUnknown
from app.uploads.service import FORMS

LOOKS = ["GET", "HEAD"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)
forms = APIRouter(route_class=OpinionFormRoute, include_in_schema=False)


@router.api_route("/", methods=LOOKS)
async def home(request: Request, tx: Tx) -> Response:
    demo = request.app.state.settings.demo
    return page(request, "home.html", await presenting.home(tx, demo=demo))


@router.api_route("/s/{code}", methods=LOOKS)
async def station(code: str, request: Request, tx: Tx, now: Now) -> Response:
    """What a poster's code leads to: the station, who is on duty, the form."""
    found = await stations.by_code(tx, station_code(code))
    if found is None:
        raise StationUnknown
    if found.closed_at is not None:
        return page(request, "station_closed.html", await presenting.closed_station(tx, found), 410)
    county = request.state.tenant.name
    return page(request, "station.html", await presenting.station_page(tx, found, county=county, now=now))


@forms.post("/s/{code}")
async def speak(request: Request, tx: Tx, now: Now, flood: Flood, device: Device) -> Response:
    """Leave an opinion. The answer leads to the receipt, the same one however often it is pressed."""
    attempt: Attempt = request.state.attempt
    await claim(request, tx, attempt.form.key, attempt.said)
    check_flood(flood, device, attempt.body.station_code, attempt.body.content)
    place = await receiving.open_station(tx, attempt.body.station_code)
    came = From(Source.RESIDENT, FORMS)
    received = await receiving.receive(tx, place, words_of(attempt.body), came, resident(now))
    count_spoken(flood, device, attempt.body.station_code, attempt.body.content)
    return see_other(request, f"/o/{received.receipt}?new=1")


@router.api_route("/o", methods=LOOKS)
async def nothing_to_look_up(request: Request) -> Response:
    return see_other(request, "/")


@router.post("/o")
async def look_up(request: Request) -> Response:
    """The receipt as typed or pasted, to its page."""
    receipt = plain(typed(await request.form(), "receipt"))
    if not receipt:
        raise ReceiptUnknown
    return see_other(request, f"/o/{receipt}")


@router.api_route("/o/{receipt}", methods=LOOKS)
async def follow(request: Request, tx: Tx, now: Now, held: Held) -> Response:
    """Where it stands. Reading a result here is being told; a HEAD (a link's preview) reads nothing."""
    reads = request.method == "GET"
    opinion = await held.opinion(lock=reads)
    if "new" in request.query_params and presenting.is_fresh(opinion, now=now):
        view = await presenting.submitted(tx, opinion, held.receipt, site=site_of(request))
        return page(request, "submitted.html", view)
    if reads:
        await following.note_read(tx, opinion, held.by)
    notice = NOTICES.get(request.query_params.get("done", ""))
    shown = await presenting.follow_up(tx, opinion, held.receipt, now=now, notice=notice)
    return page(request, "follow_up.html", shown)


@router.post("/o/{receipt}/messages")
async def add_message(held: Held) -> Response:
    """Add something, or answer the office's question."""
    key, content = await held.typed("key", "content")
    form = FollowUpForm(key=key, message=shown_again(content))
    return await held.act(
        MessageIn,
        {"content": content},
        form,
        lambda opinion, body: following.supplement(held.tx, opinion, body.content, held.by),
    )


@router.post("/o/{receipt}/rating")
async def rate(held: Held) -> Response:
    key, satisfied, comment = await held.typed("key", "satisfied", "comment")
    mark: Satisfaction | None = satisfied if satisfied in get_args(Satisfaction) else None  # type: ignore[assignment]
    form = FollowUpForm(key=key, satisfied=mark, comment=shown_again(comment))
    return await held.act(
        RatingIn,
        {"satisfied": satisfied, "comment": comment if comment.strip() else None},
        form,
        lambda opinion, body: following.rate(held.tx, opinion, body.satisfied, body.comment, held.by),
    )


@router.post("/o/{receipt}/reopening")
async def reopen(held: Held) -> Response:
    """Ask once for it to be looked at again."""
    key, reason = await held.typed("key", "reason")
    form = FollowUpForm(key=key, reopening=shown_again(reason))
    return await held.act(
        ReopeningIn,
        {"reason": reason},
        form,
        lambda opinion, body: following.reopen(held.tx, opinion, body.reason, held.by),
    )


@router.post("/o/{receipt}/commitments/{id}/confirmation")
async def confirm_commitment(id: str, held: Held) -> Response:
    """Say whether what was promised has been done."""
    key, kept, note = await held.typed("key", "kept", "note")
    form = FollowUpForm(key=key, notes={id: shown_again(note)})
    return await held.act(
        CommitmentWordIn,
        {"kept": kept, "note": note if note.strip() else None},
        form,
        lambda opinion, body: following.confirm_commitment(
            held.tx, opinion, _commitment(id), kept=body.kept, note=body.note, by=held.by
        ),
        beside=f"note-{id}",
    )


def _commitment(id: str) -> UUID:
    """CommitmentUnknown for what is no id of ours."""
    try:
        return UUID(id)
    except ValueError as error:
        raise CommitmentUnknown from error
