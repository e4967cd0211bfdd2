"""A suggestion as one actor may see it: lists and detail share the projection."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.suggestions import queries
from app.suggestions.models import (
    Assignment,
    Commitment,
    Disclosure,
    Outcome,
    Reply,
    Step,
    Suggestion,
)
from app.suggestions.schemas import (
    AssignmentOut,
    CommitmentOut,
    ContactOut,
    EvaluationOut,
    ReplyOut,
    StepOut,
    SuggestionOut,
    SuggestionSummary,
)
from app.suggestions.visibility import HIDDEN_ACTS, identifies_submitter, shown_state, side_on
from app.suggestions.workflow import (
    BEFORE_ASSIGNMENT,
    Act,
    AssignmentState,
    State,
    allowed,
    allowed_on_assignment,
)


def _own(assignment: Assignment, actor: Actor, side: Side) -> bool:
    return side is not Side.GOVERNMENT or not actor.unit_ids or assignment.unit_id in actor.unit_ids


def summary(suggestion: Suggestion, assignments: Sequence[Assignment], actor: Actor) -> SuggestionSummary:
    return SuggestionSummary(**_summary(suggestion, assignments, actor))


def _summary(suggestion: Suggestion, assignments: Sequence[Assignment], actor: Actor) -> dict[str, Any]:
    side = side_on(actor, suggestion)
    named = identifies_submitter(suggestion, side)
    return {
        "id": suggestion.id,
        "number": suggestion.number,
        "title": suggestion.title,
        "state": shown_state(suggestion.state, side),
        "category": suggestion.category,
        "congress_id": suggestion.congress_id,
        "delegate_id": suggestion.delegate_id if named else None,
        "delegate_name": suggestion.delegate_name if named else None,
        "confidential": suggestion.confidential,
        "created_at": suggestion.created_at,
        "submitted_at": suggestion.submitted_at,
        "accepted_at": suggestion.accepted_at,
        "closed_at": suggestion.closed_at,
        "assignments": [AssignmentOut.model_validate(a) for a in assignments if _own(a, actor, side)],
    }


async def detail(tx: AsyncSession, suggestion: Suggestion, actor: Actor) -> SuggestionOut:
    """Everything of one suggestion that this actor may see; a fixed number of queries."""
    await tx.flush()
    side = side_on(actor, suggestion)
    every = await queries.assignments(tx, suggestion.id)
    shown = [a for a in every if _own(a, actor, side)]
    ids = [a.id for a in shown]
    replies = await queries.replies(tx, ids)
    evaluations = await queries.evaluations(tx, [r.id for r in replies])
    return SuggestionOut(
        **_summary(suggestion, every, actor),
        situation=suggestion.situation,
        proposal=suggestion.proposal,
        raised_in=suggestion.raised_in,
        proposer=suggestion.proposer,
        origin=suggestion.origin,
        proposed_unit_id=suggestion.proposed_unit_id,
        delegate_agrees_public=suggestion.delegate_agrees_public,
        allowed=_allowed(suggestion, shown, actor, side),
        contacts=[ContactOut.model_validate(c) for c in await queries.contacts(tx, ids)],
        replies=_replies(replies, await queries.commitments(tx, ids), actor, side),
        evaluations=[] if side is Side.GOVERNMENT else [EvaluationOut.model_validate(e) for e in evaluations],
        opinion_ids=await _opinions(tx, suggestion, side),
    )


async def _opinions(tx: AsyncSession, suggestion: Suggestion, side: Side) -> list[UUID]:
    if side is Side.GOVERNMENT:
        return []
    return [origin.opinion_id for origin in await queries.origins(tx, suggestion.id)]


def _replies(
    replies: Sequence[Reply], promises: Sequence[Commitment], actor: Actor, side: Side
) -> list[ReplyOut]:
    """Drafts are the unit's own until they are issued."""
    issued = [r for r in replies if r.issued_at or (side is Side.GOVERNMENT and actor.unit_ids)]
    return [
        ReplyOut(
            id=r.id,
            assignment_id=r.assignment_id,
            round=r.round,
            content=r.content,
            outcome=Outcome(r.outcome),
            disclosure=Disclosure(r.disclosure),
            issued_at=r.issued_at,
            legal_on=r.legal_on,
            doc_no=r.doc_no,
            signer=r.signer,
            commitments=[CommitmentOut.model_validate(p) for p in promises if p.reply_id == r.id],
        )
        for r in issued
    ]


def _allowed(
    suggestion: Suggestion, assignments: Sequence[Assignment], actor: Actor, side: Side
) -> list[str]:
    """The acts of this side that the present state allows."""
    state = State(suggestion.state)
    if side is Side.GOVERNMENT:
        acts = {
            act for a in assignments for act in allowed_on_assignment(AssignmentState(a.state))
        } - HIDDEN_ACTS
        return sorted(acts) if actor.unit_ids else []
    if state is State.REPLIED:
        return [Act.EVALUATE]
    return sorted(allowed(state)) if state in BEFORE_ASSIGNMENT else []


def steps_shown(steps: Sequence[Step], suggestion: Suggestion, actor: Actor) -> list[StepOut]:
    """The history in this actor's projection: to the government side evaluations never happened."""
    side = side_on(actor, suggestion)
    shown = [StepOut.model_validate(s) for s in steps if not _hidden(s, side)]
    if not identifies_submitter(suggestion, side):
        for out, step in zip(shown, [s for s in steps if not _hidden(s, side)], strict=True):
            if step.side == Side.DELEGATE:
                out.actor_name = out.on_behalf_of = out.words = None
    return shown


def _hidden(step: Step, side: Side) -> bool:
    return side is Side.GOVERNMENT and step.act in HIDDEN_ACTS
