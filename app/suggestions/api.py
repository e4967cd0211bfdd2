"""`/api/v1/suggestions`: drafts and lists; what a delegate hands in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import ColumnElement, exists
from sqlmodel import col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission, Side
from app.deadlines.models import Deadline
from app.deadlines.presenting import shown
from app.deadlines.queries import of_root as clocks_of
from app.directory import queries as directory
from app.directory.errors import DelegateUnknown
from app.infra import audit, preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.suggestions import cosigning, proposing, queries
from app.suggestions.deps import ToPropose
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.presenting import detail, steps_shown, summary
from app.suggestions.proposing import Draft, Proxy
from app.suggestions.schemas import (
    Act,
    SuggestionBatch,
    SuggestionEdit,
    SuggestionIn,
    SuggestionQuery,
)
from app.suggestions.shown import (
    ClocksOut,
    SimilarItem,
    SimilarOut,
    StepsOut,
    SuggestionOut,
    SuggestionsOut,
    SuggestionSummary,
)
from app.suggestions.similar import similar_to
from app.suggestions.steps import Doing
from app.suggestions.visibility import (
    HIDDEN_CLOCKS,
    facing,
    read_as_government,
    shown_revision,
    shown_state,
    side_on,
    state_filter,
)

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)

Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]
Proposer = Annotated[Actor, Depends(holding(Permission.SUGGESTION_PROPOSE))]


@router.post("", status_code=201)
async def propose(body: SuggestionIn, actor: Proposer, tx: Tx, now: Now, response: Response) -> SuggestionOut:
    """Write a draft: as a delegate, or by the congress office on a delegate's behalf."""
    suggestion = await _written(tx, body, actor, now)
    preconditions.mark(response, shown_revision(suggestion, side_on(actor, suggestion)))
    return await detail(tx, suggestion, actor)


@router.post("/batch", status_code=201)
async def propose_batch(body: SuggestionBatch, actor: Proposer, tx: Tx, now: Now) -> SuggestionsOut:
    """What a session brought on paper, entered and handed in together: all of it or nothing."""
    made = []
    for item in body.items:
        suggestion = await _written(tx, item, actor, now)
        side = proposing.need_author(actor, suggestion)
        await proposing.submit(
            tx, suggestion, Doing(actor, side, now, on_behalf_of=proposing.on_behalf(suggestion, side))
        )
        made.append(suggestion)
    return SuggestionsOut(items=[await detail(tx, suggestion, actor) for suggestion in made])


async def _written(tx: Tx, body: SuggestionIn, actor: Actor, now: Now) -> Suggestion:
    side, seat, proxy = await _author(tx, body, actor)
    draft = Draft(**body.model_dump(include=set(Draft.__dataclass_fields__)))
    suggestion = await proposing.create(
        tx,
        draft,
        delegate_id=seat,
        doing=Doing(actor, side, now),
        proxy=proxy,
        cosigner_ids=body.cosigner_ids,
    )
    scan = [body.proxy.upload_id] if body.proxy and body.proxy.upload_id else []
    await proposing.attach(tx, suggestion, [*body.upload_ids, *scan], actor)
    audit.note(
        tx,
        "suggestion.create",
        actor=actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=now,
    )
    return suggestion


async def _author(tx: Tx, body: SuggestionIn, actor: Actor) -> tuple[Side, UUID, Proxy | None]:
    """From which side, for which seat, on what proof."""
    if body.on_behalf_of is None:
        seat = proposing.own_seat(actor, body.seat_id).delegate_id
        assert seat is not None  # a seat has its delegate
        return Side.DELEGATE, seat, None
    found = await directory.seat(tx, body.on_behalf_of)
    if found is None:
        raise DelegateUnknown
    basis = body.proxy.basis if body.proxy else None
    region = found[2].region_id
    proposing.proxy_for(actor, on_behalf_of=body.on_behalf_of, basis=basis, region_id=region)
    assert body.proxy is not None  # proxy_for refuses without
    return Side.CONGRESS, body.on_behalf_of, Proxy(**body.proxy.model_dump())


@router.get("")
async def suggestions(
    asked: Annotated[SuggestionQuery, Query()], actor: Reader, tx: Tx, now: Now
) -> PageOut[SuggestionSummary]:
    """Newest first, in the actor's projection."""
    filters = _filters(asked, actor) + _overdue(asked, actor, now)
    rows = await queries.listed(tx, actor, filters=filters, after=asked.after, limit=asked.limit + 1)
    page = page_of(rows, limit=asked.limit, key=lambda s: Cursor(s.created_at, s.id))
    assigned = await queries.assignments_of(tx, [s.id for s in page.items])
    items = [summary(s, assigned[s.id], actor) for s in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


def _filters(asked: SuggestionQuery, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state:
        found.append(state_filter(asked.state, actor))
    for column, value in (
        (Suggestion.congress_id, asked.congress_id),
        (Suggestion.category, asked.category),
    ):
        if value is not None:
            found.append(col(column) == value)
    if asked.delegate_id:
        named = or_(col(Suggestion.confidential).is_(False), ~read_as_government(actor))
        found += [col(Suggestion.delegate_id) == asked.delegate_id, named]
    if asked.unit_id:
        mine = select(Assignment.id).where(
            Assignment.suggestion_id == Suggestion.id, Assignment.unit_id == asked.unit_id
        )
        found.append(exists(mine))
    if asked.q:
        like = f"%{asked.q}%"
        found.append(or_(col(Suggestion.title).like(like), col(Suggestion.situation).like(like)))
    return found


def _overdue(asked: SuggestionQuery, actor: Actor, now: Now) -> list[ColumnElement[bool]]:
    """Overdue is computed: some open duty clock of the file, that its reader sees, has passed its end."""
    if asked.overdue is None:
        return []
    late = exists(
        select(Deadline.id).where(
            Deadline.root_id == Suggestion.id,
            col(Deadline.stopped_at).is_(None),
            Deadline.nature == "duty",
            col(Deadline.due_at) <= now,
            or_(~read_as_government(actor), col(Deadline.unit_id).in_(actor.unit_ids)),
        )
    )
    return [late if asked.overdue else ~late]


@router.get("/{id}")
async def suggestion(id: UUID, actor: Reader, tx: Tx, response: Response) -> SuggestionOut:
    found = await queries.seen(tx, id, actor)
    here = facing(actor, await queries.assignments(tx, id))
    preconditions.mark(response, shown_revision(found, side_on(here, found)))
    return await detail(tx, found, actor)


@router.get("/{id}/steps")
async def steps(id: UUID, actor: Reader, tx: Tx) -> StepsOut:
    """Who did what, when, from which state to which."""
    found = await queries.seen(tx, id, actor)
    return StepsOut(items=steps_shown(await queries.steps(tx, id), found, actor))


@router.get("/{id}/deadlines")
async def clocks(id: UUID, actor: Reader, tx: Tx, now: Now) -> ClocksOut:
    """Every clock of this suggestion that the actor may see."""
    found = await queries.seen(tx, id, actor)
    side = side_on(facing(actor, await queries.assignments(tx, id)), found)
    rows = await clocks_of(tx, id)
    return ClocksOut(items=[shown(c, now=now) for c in rows if _ticks_for(c, actor, side)])


def _ticks_for(clock: Deadline, actor: Actor, side: Side) -> bool:
    if side is not Side.GOVERNMENT:
        return True
    return clock.unit_id in actor.unit_ids and clock.kind not in HIDDEN_CLOCKS


@router.get("/{id}/similar")
async def similar(id: UUID, actor: Reader, tx: Tx) -> SimilarOut:
    """Earlier ones that resemble it: a hint against raising twice, and for merging."""
    found = await queries.seen(tx, id, actor)
    alike = await similar_to(tx, found, actor)
    return SimilarOut(
        items=[
            SimilarItem(
                id=one.id,
                number=one.number,
                title=one.title,
                state=shown_state(one.state, side_on(actor, one)),
                likeness=likeness,
            )
            for one, likeness in alike
        ]
    )


@router.put("/{id}")
async def edit(case: ToPropose, body: SuggestionEdit, response: Response) -> SuggestionOut:
    """Change a draft; needs If-Match."""
    found = case.suggestion
    proposing.need_author(case.actor, found)
    await proposing.edit(case.tx, found, body.model_dump(exclude={"cosigner_ids"}))
    if body.cosigner_ids is not None:
        await cosigning.invite(case.tx, found, body.cosigner_ids)
    preconditions.mark(response, shown_revision(found, side_on(case.actor, found)))
    return await case.shown()


@router.delete("/{id}", status_code=204)
async def delete(case: ToPropose) -> None:
    """Throw a draft away; needs If-Match. What was submitted once stays in the file."""
    side = proposing.need_author(case.actor, case.suggestion)
    await proposing.discard(case.tx, case.suggestion, case.doing(side))


@router.post("/{id}/submission")
async def submit(case: ToPropose, body: Act | None = None) -> SuggestionOut:
    """Hand it in: the text is frozen; co-signers confirm first, then the review clock starts."""
    side = proposing.need_author(case.actor, case.suggestion)
    doing = case.doing(
        side, words=body.note if body else None, on_behalf_of=proposing.on_behalf(case.suggestion, side)
    )
    await proposing.submit(case.tx, case.suggestion, doing)
    return await case.shown()
