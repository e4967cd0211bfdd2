"""From the rows to what a template is given; what may be seen is decided here and below."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory.models import Region, RegionKind
from app.kernel.clock import local_date
from app.opinions import queries as opinions
from app.opinions.models import Opinion, OpinionMessage, OpinionStep
from app.opinions.presenting import photo_for_receipt
from app.opinions.rules import CATEGORY_NAMES, Category
from app.opinions.schemas import AnswerOut, DelegateOnDuty
from app.opinions.station_view import station_view
from app.opinions.workflow import Act, State, allowed
from app.pages import queries, views
from app.pages.wording import (
    ACT_WORDS,
    GROUPS,
    RESULT_WORDS,
    TIER_WORDS,
    grouped,
    half_day,
    hours,
    level_words,
)
from app.stations.models import LiaisonStation, Tier
from app.uploads.images import THUMBNAIL_SIDE
from app.uploads.models import Upload

OFFICE = "人大办公室"
FRESH = timedelta(hours=1)
ELSEWHERE = 5
SHOWN_IN_DEMO = 12
CATEGORY_GROUPS = tuple(
    views.CategoryGroup(
        name=name,
        categories=tuple(views.Category(code=one, name=CATEGORY_NAMES[one]) for one in categories),
    )
    for name, categories in GROUPS.items()
)


def new_key() -> str:
    """122 random bits: the kept answer, receipt and all, is sealed under it."""
    return str(uuid4())


async def station_page(
    tx: AsyncSession,
    station: LiaisonStation,
    *,
    county: str,
    now: datetime,
    form: views.OpinionForm | None = None,
    errors: tuple[views.FieldError, ...] = (),
) -> views.StationPage:
    """The station with an empty form, or with `form` as it was sent and what is to be mended."""
    seen = await station_view(tx, station, now=now)
    region = await tx.get_one(Region, station.region_id)
    today = [d for d in seen.delegates if local_date(d.starts_at) == local_date(now)]
    later = [d for d in seen.delegates if local_date(d.starts_at) > local_date(now)]
    form = form or views.OpinionForm(key=new_key(), form_token="")
    return views.StationPage(
        code=seen.code,
        name=seen.name,
        tier=TIER_WORDS[Tier(seen.tier)],
        township=seen.township,
        address=seen.address,
        hours=seen.hours,
        phone=seen.phone,
        township_office=office_of(region),
        duty=tuple(_on_duty(delegate, seen.township) for delegate in today),
        next_reception=half_day(later[0].starts_at) if later else None,
        categories=CATEGORY_GROUPS,
        answers=tuple(_published(answer, region) for answer in seen.answers),
        privacy=views.PrivacyNotice(handler=f"{county}人大常委会", phone=seen.phone),
        form=form if form.form_token else replace(form, form_token=seen.form_token),
        errors=errors,
    )


def office_of(region: Region) -> str:
    """Who receives what goes past the station; a street has no congress."""
    return f"{region.name}人大工委" if region.kind == RegionKind.STREET else f"{region.name}人大"


def _on_duty(delegate: DelegateOnDuty, township: str) -> views.DutyDelegate:
    return views.DutyDelegate(
        name=delegate.name,
        title=level_words(delegate.level, township),
        hours=hours(delegate.starts_at, delegate.ends_at),
        phone=delegate.phone,
    )


def _published(answer: AnswerOut, region: Region) -> views.PublishedAnswer:
    return views.PublishedAnswer(
        township=answer.township,
        category=CATEGORY_NAMES[Category(answer.category or Category.OTHER)],
        question=answer.content,
        answer=answer.result,
        answered_by=office_of(region),
        answered_on=local_date(answer.at),
    )


async def closed_station(tx: AsyncSession, station: LiaisonStation) -> views.ClosedStationPage:
    region = await tx.get_one(Region, station.region_id)
    return views.ClosedStationPage(
        name=station.name,
        tier=TIER_WORDS[Tier(station.tier)],
        township=region.name,
        township_office=office_of(region),
        phone=station.phone,
        elsewhere=_links(await queries.open_stations(tx, limit=ELSEWHERE, region_id=region.id)),
    )


async def home(tx: AsyncSession, *, demo: bool) -> views.HomePage:
    """In the demo some stations to look at; a real county's are found by their posters."""
    return views.HomePage(
        stations=_links(await queries.open_stations(tx, limit=SHOWN_IN_DEMO)) if demo else ()
    )


def _links(rows: Iterable[tuple[LiaisonStation, Region]]) -> tuple[views.StationLink, ...]:
    return tuple(
        views.StationLink(
            code=station.code,
            name=station.name,
            tier=TIER_WORDS[Tier(station.tier)],
            township=region.name,
            address=station.address or None,
        )
        for station, region in rows
    )


def is_fresh(opinion: Opinion, *, now: datetime) -> bool:
    """The receipt's first page may be kept as a favourite: later it shows where things stand."""
    return opinion.state == State.RECEIVED and now - opinion.created_at < FRESH


async def submitted(tx: AsyncSession, opinion: Opinion, receipt: str, *, site: str) -> views.SubmittedPage:
    due_at = await queries.next_due(tx, opinion.id)
    assert due_at is not None  # a received opinion has its triage clock
    return views.SubmittedPage(
        number=opinion.number,
        receipt=receipt,
        shown=grouped(receipt),
        link=f"{site}/o/{receipt}",
        station=await _place_of(tx, opinion),
        triage_due_at=due_at,
        photos=len(await opinions.photos(tx, opinion.id)),
        contact_given=opinion.contact_sealed is not None,
    )


async def follow_up(
    tx: AsyncSession,
    opinion: Opinion,
    receipt: str,
    *,
    now: datetime,
    notice: str | None = None,
    form: views.FollowUpForm | None = None,
    errors: tuple[views.FieldError, ...] = (),
) -> views.FollowUpPage:
    """What the holder of a receipt sees: no name of a person who handles it, none of the submitter."""
    await tx.flush()
    steps = await opinions.steps(tx, opinion.id)
    may = set(allowed(State(opinion.state)))
    rating = _rating(opinion)
    due_at = await queries.next_due(tx, opinion.id)
    return views.FollowUpPage(
        number=opinion.number,
        receipt=receipt,
        state=State(opinion.state).value,
        station=await _place_of(tx, opinion),
        submitted_at=opinion.created_at,
        content=opinion.content,
        category=CATEGORY_NAMES[Category(opinion.category)] if opinion.category else None,
        place=opinion.place,
        next_due_at=due_at,
        late=due_at is not None and due_at <= now,
        timeline=tuple(_entry(step) for step in steps if step.public),
        messages=tuple(_message(m) for m in await opinions.messages(tx, opinion.id)),
        photos=tuple(_photo(receipt, upload) for upload in await opinions.photos(tx, opinion.id)),
        result=_result(opinion, steps),
        commitments=tuple(_promise(row, form) for row in await opinions.promises(tx, opinion)),
        rating=rating,
        may_message=Act.SUPPLEMENT in may,
        may_rate=Act.RATE in may and rating is None,
        may_reopen=Act.REOPEN in may and opinion.reopened_at is None,
        form=form or views.FollowUpForm(key=new_key()),
        notice=notice,
        errors=errors,
    )


async def _place_of(tx: AsyncSession, opinion: Opinion) -> str:
    """Where it was said: the station, or the township if it came by another way."""
    if opinion.station_id:
        return (await tx.get_one(LiaisonStation, opinion.station_id)).name
    return (await tx.get_one(Region, opinion.region_id)).name


def _entry(step: OpinionStep) -> views.TimelineEntry:
    return views.TimelineEntry(at=step.at, title=ACT_WORDS.get(step.act, "有了新的进展"))


def _message(message: OpinionMessage) -> views.Message:
    return views.Message(
        at=message.at,
        by="office" if message.by == "office" else "resident",
        content=message.content,
    )


def _photo(receipt: str, upload: Upload) -> views.Photo:
    url = photo_for_receipt(receipt, upload).url
    scale = min(1, THUMBNAIL_SIDE / max(upload.width, upload.height))
    return views.Photo(
        url=url,
        thumbnail=f"{url}?small=true",
        width=max(1, round(upload.width * scale)),
        height=max(1, round(upload.height * scale)),
    )


def _result(opinion: Opinion, steps: Sequence[OpinionStep]) -> views.Result | None:
    if opinion.result is None or opinion.result_at is None:
        return None
    brought = [step.act for step in steps if step.act in RESULT_WORDS]
    title = RESULT_WORDS[brought[-1]] if brought else RESULT_WORDS[Act.ANSWER]
    again = opinion.reopened_at is not None and opinion.result_at <= opinion.reopened_at
    return views.Result(
        title=f"上一次：{title}" if again else title,
        by=opinion.result_by or OFFICE,
        at=opinion.result_at,
        content=opinion.result,
    )


def _promise(row: Any, form: views.FollowUpForm | None) -> views.Commitment:
    """`form.notes` brings back what was typed where it could not be taken."""
    typed = form.notes.get(str(row.id), "") if form else ""
    return views.Commitment(
        id=str(row.id),
        content=row.content,
        due_on=row.due_on,
        owner=row.owner,
        may_confirm=True,
        kept=row.kept,
        note=typed,
    )


def _rating(opinion: Opinion) -> views.Rating | None:
    """The mark on the result shown; after a new result it is asked for again."""
    if opinion.rating is None or opinion.rated_at is None:
        return None
    if opinion.result_at is not None and opinion.rated_at < opinion.result_at:
        return None
    return views.Rating(
        satisfied=opinion.rating,  # type: ignore[arg-type]  # text in the row, checked by the database
        at=opinion.rated_at,
        comment=opinion.rating_comment,
    )
