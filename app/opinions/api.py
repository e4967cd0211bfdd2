"""`/api/v1/opinions`: keepers, delegates and the office."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from app.accounts.actor import Actor
from app.accounts.deps import holding, quick_actor, quickly_holding
from app.accounts.permissions import Permission
from app.infra import audit
from app.infra.deps import Now, Tx, one_row, vault_of_request
from app.infra.hot_route import HotRoute, asked_by, path_of, query_of
from app.infra.schemas import ListQuery, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.clock import local_date
from app.kernel.paging import Cursor, page_of
from app.opinions import answering, beyond, publishing, queries, receiving, receptions
from app.opinions.models import Source, ToldHow
from app.opinions.public_api import received_out, words_of
from app.opinions.reading import DETAIL, LIST, detail, listed, shown
from app.opinions.receiving import From, contact_of
from app.opinions.schemas import (
    AdoptedOut,
    AdoptionIn,
    AnswerIn,
    BeyondOut,
    ContactOut,
    ContactRevealIn,
    MessageIn,
    OpinionOut,
    OpinionQuery,
    OpinionSummary,
    PublicationIn,
    RecommendationIn,
    ToldIn,
    TransferIn,
    WalkInIn,
    WalkInOut,
)
from app.opinions.steps import staff
from app.opinions.visibility import scope_of

router = APIRouter(tags=["opinions"], route_class=UnitRoute)
quick = APIRouter(tags=["opinions"], route_class=HotRoute)  # hot reads: no transaction, one statement each

QuickReader = Annotated[Actor, Depends(quickly_holding(Permission.OPINION_READ))]
Recorder = Annotated[Actor, Depends(holding(Permission.OPINION_RECORD))]
Recommender = Annotated[Actor, Depends(holding(Permission.OPINION_RECOMMEND))]
Answerer = Annotated[Actor, Depends(holding(Permission.OPINION_ANSWER))]
Adopter = Annotated[Actor, Depends(holding(Permission.OPINION_ADOPT))]
Decider = Annotated[Actor, Depends(holding(Permission.OPINION_DECIDE))]


async def quick_reader(request: Request) -> Actor:
    """The actor of a hot read, as QuickReader would find it."""
    actor = await quick_actor(request, request.headers.get("authorization"))
    actor.need(Permission.OPINION_READ)
    return actor


async def _asked_for_list(request: Request) -> dict[str, Any]:
    actor = await quick_reader(request)  # who asks comes before what is asked
    return {"actor": actor, "asked": query_of(request, OpinionQuery), "request": request}


@quick.get("/opinions", response_model=PageOut[OpinionSummary])
@asked_by(_asked_for_list)
async def opinions(asked: Annotated[OpinionQuery, Query()], request: Request, actor: QuickReader) -> Response:
    """Newest first, of those this actor may read."""
    after = asked.after
    facts = {
        **scope_of(actor),
        "state": asked.state,
        "station_id": asked.station_id,
        "category": asked.category,
        "q": asked.q,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": asked.limit + 1,
    }
    row = await one_row(request, LIST, facts)
    return Response(listed(row, asked.limit), media_type="application/json")


class _Named(BaseModel):
    id: UUID


async def _asked_for_one(request: Request) -> dict[str, Any]:
    actor = await quick_reader(request)
    return {"actor": actor, "id": path_of(request, _Named).id, "request": request}


@quick.get("/opinions/{id}", response_model=OpinionOut)
@asked_by(_asked_for_one)
async def opinion(id: UUID, request: Request, actor: QuickReader) -> Response:
    """One opinion with its history, messages and photos."""
    row = await one_row(request, DETAIL, {"id": id, **scope_of(actor)})
    out = shown(row, actor, vault_of_request(request))
    return Response(out.model_dump_json(), media_type="application/json")


@router.post("/opinions", status_code=201)
async def record_walk_in(body: WalkInIn, request: Request, actor: Recorder, tx: Tx, now: Now) -> WalkInOut:
    """Type in what somebody said at a station; print the receipt for them."""
    station = await receiving.open_station(tx, body.station_code)
    came = From(Source.WALK_IN, actor.label, name=actor.label)
    received = await receiving.receive(tx, station, words_of(body), came, staff(actor, now))
    return WalkInOut(id=received.opinion.id, **received_out(request, received))


@router.post("/opinions/{id}/recommendation")
async def recommend(id: UUID, body: RecommendationIn, actor: Recommender, tx: Tx, now: Now) -> OpinionOut:
    """The keeper or a delegate recommends what should become of it; the office decides."""
    found = await queries.seen(tx, id, actor, lock=True)
    by = staff(actor, now)
    await answering.recommend(tx, found, by, what=body.what, note=body.note)
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/answer")
async def answer(id: UUID, body: AnswerIn, actor: Answerer, tx: Tx, now: Now) -> OpinionOut:
    """Explain to the resident: a delegate explains or passes on, the office decides."""
    found = await queries.seen(tx, id, actor, lock=True)
    await answering.answer(tx, found, body.content, staff(actor, now))
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/adoption", status_code=201)
async def adopt(id: UUID, body: AdoptionIn, actor: Adopter, tx: Tx, now: Now) -> AdoptedOut:
    """Take it (and others alike) up into a draft suggestion with an analysis of one's own."""
    ids = sorted({id, *body.opinion_ids})
    found = [await queries.seen(tx, one, actor, lock=True) for one in ids]
    adoption = answering.Adoption(**body.model_dump(exclude={"opinion_ids"}))
    suggestion = await answering.adopt(tx, found, adoption, actor, now)
    return AdoptedOut(id=suggestion.id, state=suggestion.state, title=suggestion.title, opinion_ids=ids)


@router.post("/opinions/{id}/messages")
async def ask_back(id: UUID, body: MessageIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Ask the resident on the receipt's page."""
    found = await queries.to_decide(tx, id, actor)
    await answering.ask(tx, found, body.content, staff(actor, now))
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/transfer")
async def transfer(id: UUID, body: TransferIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Move it out, with the reason and a reference, to whom the law gives it."""
    found = await queries.to_decide(tx, id, actor)
    await answering.transfer(
        tx, found, staff(actor, now), to=body.to, reason=body.reason, reference=body.reference
    )
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/told")
async def tell(id: UUID, body: ToldIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """The resident was told by phone, in person, or by a notice at the station."""
    found = await queries.to_decide(tx, id, actor)
    if ToldHow(body.how) is ToldHow.POSTED:
        publishing.need_presentable(found)
    await answering.note_told(tx, found, ToldHow(body.how), staff(actor, now), words=body.note)
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/publication")
async def publish(id: UUID, body: PublicationIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Let everybody read question and answer on the stations' pages, or take them down again."""
    found = await queries.to_decide(tx, id, actor)
    by = staff(actor, now)
    if body.public:
        await publishing.publish(tx, found, publishing.Wording(body.content, body.result), by)
    else:
        await publishing.withdraw(tx, found, by)
    return await detail(tx, found.id, actor)


@router.post("/opinions/{id}/closure")
async def close(id: UUID, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    found = await queries.to_decide(tx, id, actor)
    answering.need_told(found, now)
    await answering.close(tx, found, staff(actor, now))
    return await detail(tx, found.id, actor)


@router.get("/stations/{id}/opinions-beyond")
async def beyond_the_station(
    id: UUID, asked: Annotated[ListQuery, Query()], actor: Recorder, tx: Tx
) -> PageOut[BeyondOut]:
    """What was left here for the congress alone: the station knows that it exists, and no more."""
    station = await receptions.station_of(tx, id, actor)
    rows = await beyond.listed(tx, station, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.created_at, row.id))
    items = [BeyondOut(number=row.number, received_on=local_date(row.created_at)) for row in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("/opinions/{id}/contact-reveal")
async def reveal_contact(
    id: UUID, body: ContactRevealIn, actor: Decider, tx: Tx, now: Now
) -> ContactOut | None:
    """The resident's name and phone in clear, one by one; the reveal is in the audit."""
    found = await queries.to_decide(tx, id, actor, lock=False)
    audit.note(
        tx,
        "opinion.contact_revealed",
        actor=actor.label,
        subject_kind="opinion",
        subject_id=found.id,
        now=now,
        fields=["contact"],
    )
    contact = contact_of(tx, found)
    return ContactOut(name=contact.name, phone=contact.phone) if contact else None
