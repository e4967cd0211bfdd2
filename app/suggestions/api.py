"""`/api/v1/suggestions`: drafts, lists, and the congress's and the delegate's acts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import ColumnElement, exists
from sqlmodel import col, or_, select

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission, Side
from app.deadlines.models import Deadline
from app.directory import queries as directory
from app.directory.errors import DelegateUnknown
from app.infra import audit, preconditions
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.suggestions import assigning, evaluating, proposing, queries
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.presenting import detail, steps_shown, summary
from app.suggestions.proposing import Draft
from app.suggestions.schemas import (
    Act,
    AssignmentIn,
    EvaluationIn,
    LegalAct,
    ReviewIn,
    StepsOut,
    SuggestionEdit,
    SuggestionIn,
    SuggestionOut,
    SuggestionQuery,
    SuggestionSummary,
)
from app.suggestions.steps import Doing, Paper
from app.suggestions.visibility import state_filter
from app.suggestions.workflow import Act as Acts
from app.suggestions.workflow import State, advance

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)

Reader = Annotated[Actor, Depends(holding(Permission.SUGGESTION_READ))]
Proposer = Annotated[Actor, Depends(holding(Permission.SUGGESTION_PROPOSE))]
Reviewer = Annotated[Actor, Depends(holding(Permission.SUGGESTION_REVIEW))]
Assigner = Annotated[Actor, Depends(holding(Permission.SUGGESTION_ASSIGN))]
Evaluator = Annotated[Actor, Depends(holding(Permission.SUGGESTION_EVALUATE))]


def paper_of(body: LegalAct) -> Paper:
    return Paper(legal_on=body.legal_date, doc_no=body.doc_no, signer=body.signer)


@router.post("", status_code=201)
async def propose(body: SuggestionIn, actor: Proposer, tx: Tx, now: Now, response: Response) -> SuggestionOut:
    """Write a draft: as a delegate, or by the congress office on a delegate's behalf."""
    side, delegate_id = Side.DELEGATE, None
    if body.on_behalf_of is not None:
        found = await directory.seat(tx, body.on_behalf_of)
        if found is None:
            raise DelegateUnknown
        basis = body.proxy.basis if body.proxy else None
        region = found[2].region_id
        proposing.proxy_for(actor, on_behalf_of=body.on_behalf_of, basis=basis, region_id=region)
        side, delegate_id = Side.CONGRESS, body.on_behalf_of
    own = delegate_id or proposing.own_seat(actor, body.seat_id).delegate_id
    draft = Draft(**body.model_dump(include=set(Draft.__dataclass_fields__)))
    doing = Doing(actor, side, now)
    assert own is not None  # a seat has its delegate
    suggestion = await proposing.create(tx, draft, delegate_id=own, doing=doing)
    audit.note(
        tx,
        "suggestion.create",
        actor=actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=now,
    )
    preconditions.mark(response, suggestion.revision)
    return await detail(tx, suggestion, actor)


@router.get("")
async def suggestions(
    asked: Annotated[SuggestionQuery, Query()], actor: Reader, tx: Tx, now: Now
) -> PageOut[SuggestionSummary]:
    """Newest first, in the actor's projection."""
    filters = _filters(asked, actor) + _overdue(asked, now)
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
        (Suggestion.delegate_id, asked.delegate_id),
        (Suggestion.category, asked.category),
    ):
        if value is not None:
            found.append(col(column) == value)
    if asked.unit_id:
        mine = select(Assignment.id).where(
            Assignment.suggestion_id == Suggestion.id, Assignment.unit_id == asked.unit_id
        )
        found.append(exists(mine))
    if asked.q:
        like = f"%{asked.q}%"
        found.append(or_(col(Suggestion.title).like(like), col(Suggestion.situation).like(like)))
    return found


def _overdue(asked: SuggestionQuery, now: Now) -> list[ColumnElement[bool]]:
    """Overdue is computed: some open duty clock of the file has passed its end."""
    if asked.overdue is None:
        return []
    late = exists(
        select(Deadline.id).where(
            Deadline.root_id == Suggestion.id,
            col(Deadline.stopped_at).is_(None),
            Deadline.nature == "duty",
            col(Deadline.due_at) <= now,
        )
    )
    return [late if asked.overdue else ~late]


@router.get("/{id}")
async def suggestion(id: UUID, actor: Reader, tx: Tx, response: Response) -> SuggestionOut:
    found = await queries.seen(tx, id, actor)
    preconditions.mark(response, found.revision)
    return await detail(tx, found, actor)


@router.get("/{id}/steps")
async def steps(id: UUID, actor: Reader, tx: Tx) -> StepsOut:
    """Who did what, when, from which state to which."""
    found = await queries.seen(tx, id, actor)
    return StepsOut(items=steps_shown(await queries.steps(tx, id), found, actor))


@router.put("/{id}")
async def edit(
    id: UUID, body: SuggestionEdit, actor: Proposer, tx: Tx, request: Request, response: Response
) -> SuggestionOut:
    """Change a draft; needs If-Match."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    proposing.need_author(actor, found)
    await proposing.edit(tx, found, body.model_dump())
    preconditions.mark(response, found.revision)
    return await detail(tx, found, actor)


@router.delete("/{id}", status_code=204)
async def delete(id: UUID, actor: Proposer, tx: Tx, now: Now, request: Request) -> None:
    """Throw a draft away; needs If-Match. What was submitted once stays in the file."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    proposing.need_author(actor, found)
    advance(State(found.state), Acts.EDIT)
    await proposing.discard(tx, found, Doing(actor, Side.DELEGATE, now))


@router.post("/{id}/submission")
async def submit(
    id: UUID, actor: Proposer, tx: Tx, now: Now, request: Request, body: Act | None = None
) -> SuggestionOut:
    """Hand it in: the text is frozen, the review clock starts."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    side = proposing.need_author(actor, found)
    words = body.note if body else None
    await proposing.submit(tx, found, Doing(actor, side, now, words=words))
    return await detail(tx, found, actor)


@router.post("/{id}/review")
async def review(
    id: UUID, body: ReviewIn, actor: Reviewer, tx: Tx, now: Now, request: Request
) -> SuggestionOut:
    """Accept it (the office alone; it gets its number) or send it back (chair-signed)."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    assigning.need_office(actor, found)
    doing = Doing(actor, Side.CONGRESS, now, paper_of(body), words=body.reason)
    if body.decision == "accept":
        await assigning.accept(tx, found, doing)
    else:
        await assigning.need_signature(tx, actor, found, "review", doing)
        await assigning.send_back(tx, found, doing)
    return await detail(tx, found, actor)


@router.post("/{id}/assignment")
async def assign(
    id: UUID, body: AssignmentIn, actor: Assigner, tx: Tx, now: Now, request: Request
) -> SuggestionOut:
    """Hand it to the unit that must answer (交办): the presidium's act; statutory clocks start."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    assigning.need_office(actor, found)
    doing = Doing(actor, Side.CONGRESS, now, paper_of(body))
    await assigning.need_signature(tx, actor, found, "assignment", doing)
    order = assigning.Order(lead_unit_id=body.lead_unit_id, complex=body.complex)
    await assigning.assign(tx, found, order, doing)
    return await detail(tx, found, actor)


@router.post("/{id}/evaluation")
async def evaluate(
    id: UUID, body: EvaluationIn, actor: Evaluator, tx: Tx, now: Now, request: Request
) -> SuggestionOut:
    """The lead delegate judges the reply; nobody of the unit ever sees or enters it."""
    found = await queries.seen_for_update(tx, id, actor)
    preconditions.check(request, found.revision)
    basis = body.proxy.basis if body.proxy else None
    side = evaluating.evaluator(actor, found, basis)
    judgement = evaluating.Judgement(**body.model_dump(exclude={"proxy"}))
    await evaluating.evaluate(tx, found, judgement, Doing(actor, side, now), proxy_basis=basis)
    return await detail(tx, found, actor)
