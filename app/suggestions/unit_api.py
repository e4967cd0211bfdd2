"""`/api/v1/suggestions/{id}/…`: the handling unit's acts, and the delegate's tap on a contact."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission, Side
from app.infra.deps import Now, Tx
from app.infra.unit_route import UnitRoute
from app.suggestions import handling, queries
from app.suggestions.api import paper_of
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.presenting import detail
from app.suggestions.schemas import (
    AcceptanceIn,
    ContactConfirmationIn,
    ContactIn,
    ContactOut,
    ReplyDraftIn,
    ReplyIssueIn,
    ReplyReturnIn,
    SuggestionOut,
)
from app.suggestions.steps import Doing

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)

Officer = Annotated[Actor, Depends(holding(Permission.SUGGESTION_HANDLE))]
Head = Annotated[Actor, Depends(holding(Permission.SUGGESTION_ISSUE))]
Delegate = Annotated[Actor, Depends(holding(Permission.SUGGESTION_EVALUATE))]


async def _mine(tx: Tx, id: UUID, actor: Actor, assignment_id: UUID | None) -> tuple[Suggestion, Assignment]:
    found = await queries.seen_for_update(tx, id, actor)
    return found, await handling.own_assignment(tx, found, actor, assignment_id)


@router.post("/{id}/acceptance")
async def accept(
    id: UUID, actor: Officer, tx: Tx, now: Now, body: AcceptanceIn | None = None
) -> SuggestionOut:
    """Sign for it (签收)."""
    found, assignment = await _mine(tx, id, actor, body.assignment_id if body else None)
    await handling.accept(tx, found, assignment, Doing(actor, Side.GOVERNMENT, now))
    return await detail(tx, found, actor)


@router.post("/{id}/contacts", status_code=201)
async def record_contact(id: UUID, body: ContactIn, actor: Officer, tx: Tx, now: Now) -> ContactOut:
    """Log a talk with the delegate (面商、电话、走访)."""
    found, assignment = await _mine(tx, id, actor, body.assignment_id)
    contact = handling.Contact(**body.model_dump(exclude={"assignment_id"}))
    doing = Doing(actor, Side.GOVERNMENT, now)
    record = await handling.record_contact(tx, found, assignment, contact, doing)
    return ContactOut.model_validate(record)


@router.post("/{id}/contacts/{cid}/confirmation")
async def confirm_contact(
    id: UUID, cid: UUID, body: ContactConfirmationIn, actor: Delegate, tx: Tx, now: Now
) -> SuggestionOut:
    """The delegate says whether the talk took place."""
    found = await queries.seen_for_update(tx, id, actor)
    doing = Doing(actor, Side.DELEGATE, now)
    await handling.confirm_contact(tx, found, cid, happened=body.happened, doing=doing)
    return await detail(tx, found, actor)


@router.post("/{id}/reply-draft")
async def draft_reply(id: UUID, body: ReplyDraftIn, actor: Officer, tx: Tx, now: Now) -> SuggestionOut:
    """Put a reply before the unit's head."""
    found, assignment = await _mine(tx, id, actor, body.assignment_id)
    promises = tuple(handling.Promise(**p.model_dump()) for p in body.commitments)
    answer = handling.Answer(
        content=body.content,
        outcome=body.outcome,
        disclosure=body.disclosure,
        disclosure_reason=body.disclosure_reason,
        promises=promises,
    )
    doing = Doing(actor, Side.GOVERNMENT, now)
    await handling.draft_reply(tx, found, assignment, answer, doing)
    return await detail(tx, found, actor)


@router.post("/{id}/reply-return")
async def return_reply(id: UUID, body: ReplyReturnIn, actor: Head, tx: Tx, now: Now) -> SuggestionOut:
    """The head sends the draft back with the reason."""
    found, assignment = await _mine(tx, id, actor, body.assignment_id)
    doing = Doing(actor, Side.GOVERNMENT, now, words=body.reason)
    await handling.return_reply(tx, found, assignment, doing)
    return await detail(tx, found, actor)


@router.post("/{id}/reply")
async def issue_reply(
    id: UUID, actor: Head, tx: Tx, now: Now, body: ReplyIssueIn | None = None
) -> SuggestionOut:
    """The head signs and sends the reply (签发)."""
    asked = body or ReplyIssueIn()
    found, assignment = await _mine(tx, id, actor, asked.assignment_id)
    doing = Doing(actor, Side.GOVERNMENT, now, paper_of(asked))
    await handling.issue_reply(tx, found, assignment, doing)
    return await detail(tx, found, actor)
