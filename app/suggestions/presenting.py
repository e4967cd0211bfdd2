"""A suggestion as one actor may see it: lists and detail share the projection."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Side
from app.kernel.errors import StepNotAllowed
from app.suggestions import queries
from app.suggestions.models import Assignment, Disclosure, Outcome, Step, Suggestion
from app.suggestions.reply_models import Commitment, Reply
from app.suggestions.shown import (
    ApprovalOut,
    AssignmentOut,
    CommitmentOut,
    ContactOut,
    CoOpinionOut,
    CosignerOut,
    DemandOut,
    EvaluationOut,
    FurtherReplyOut,
    ReplyOut,
    RequestOut,
    StepOut,
    SuggestionOut,
    SuggestionSummary,
    SupervisionOut,
)
from app.suggestions.states import Act, AssignmentState, Role, State
from app.suggestions.visibility import (
    facing,
    identifies_submitter,
    sees_evaluations,
    shown_state,
    side_on,
)
from app.suggestions.workflow import (
    ANSWERING_EDGES,
    CO_EDGES,
    HIDDEN_FROM_UNITS,
    JUDGING,
    SUGGESTION_EDGES,
    UNIT,
    allowed,
    allowed_on_assignment,
    shown_outside,
)

# Their words say who leads a confidential suggestion, and why no longer.
ABOUT_THE_DELEGATE = frozenset({Act.SUCCEED_LEAD, Act.SEND_BACK})
UNITS_ACTS = frozenset(
    edge.act.partition(".")[0] for edge in (*SUGGESTION_EDGES, *ANSWERING_EDGES, *CO_EDGES) if edge.by == UNIT
)


def _seen(assignments: Sequence[Assignment], actor: Actor, side: Side) -> list[Assignment]:
    """A unit sees its own assignment; the lead unit its co-units' too."""
    if side is not Side.GOVERNMENT or not actor.unit_ids:
        return list(assignments)
    leads = any(a.role == Role.LEAD and a.unit_id in actor.unit_ids for a in assignments)
    return [a for a in assignments if a.unit_id in actor.unit_ids or (leads and a.role == Role.CO)]


def assignment_shown(assignment: Assignment, side: Side) -> AssignmentOut:
    """Outside the congress a judged reply is a reply."""
    state = AssignmentState(assignment.state)
    out = AssignmentOut.model_validate(assignment)
    out.state = shown_outside(state)
    if side is not Side.GOVERNMENT and state in JUDGING - {AssignmentState.REPLIED}:
        out.judged = state
    return out


def summary(suggestion: Suggestion, assignments: Sequence[Assignment], actor: Actor) -> SuggestionSummary:
    return SuggestionSummary(**_summary(suggestion, assignments, actor))


def _summary(suggestion: Suggestion, assignments: Sequence[Assignment], actor: Actor) -> dict[str, Any]:
    actor = facing(actor, assignments)
    side = side_on(actor, suggestion)
    named = identifies_submitter(suggestion, side)
    state = shown_state(suggestion.state, side)
    return {
        "id": suggestion.id,
        "number": suggestion.number,
        "title": suggestion.title,
        "state": state,
        "category": suggestion.category,
        "congress_id": suggestion.congress_id,
        "delegate_id": suggestion.delegate_id if named else None,
        "delegate_name": suggestion.delegate_name if named else None,
        "confidential": suggestion.confidential,
        "created_at": suggestion.created_at,
        "submitted_at": suggestion.submitted_at,
        "accepted_at": suggestion.accepted_at,
        "closed_at": suggestion.closed_at if state == suggestion.state else None,
        "assignments": [assignment_shown(a, side) for a in _seen(assignments, actor, side)],
    }


async def detail(tx: AsyncSession, suggestion: Suggestion, actor: Actor) -> SuggestionOut:
    """Everything of one suggestion that this actor may see; a fixed number of queries."""
    await tx.flush()
    every = await queries.assignments(tx, suggestion.id)
    actor = facing(actor, every)
    side = side_on(actor, suggestion)
    shown = _seen(every, actor, side)
    return SuggestionOut(
        **_summary(suggestion, every, actor),
        **_matter(suggestion),
        allowed=_allowed(suggestion, shown, actor, side),
        **await _handling(tx, shown, actor, side, own=sees_evaluations(actor, suggestion)),
        **await _around(tx, suggestion, actor, side),
    )


def _matter(suggestion: Suggestion) -> dict[str, Any]:
    names = (
        "situation",
        "proposal",
        "raised_in",
        "proposer",
        "origin",
        "proposed_unit_id",
        "delegate_agrees_public",
        "is_key",
        "merged_into_id",
        "transferred_to",
        "reference",
        "no_evaluator",
        "proxy_basis",
        "public",
    )
    return {name: getattr(suggestion, name) for name in names}


async def _handling(
    tx: AsyncSession, shown: Sequence[Assignment], actor: Actor, side: Side, *, own: bool
) -> dict[str, Any]:
    """What hangs on the assignments."""
    ids = [a.id for a in shown]
    replies = await queries.replies(tx, ids)
    marks = await queries.evaluations(tx, [r.id for r in replies])
    return {
        "contacts": [ContactOut.model_validate(c) for c in await queries.contacts(tx, ids)],
        "replies": _replies(replies, await queries.commitments(tx, ids), actor, side),
        "evaluations": [EvaluationOut.model_validate(e) for e in marks] if own else [],
        "requests": [RequestOut.model_validate(r) for r in await queries.requests(tx, ids)],
        "co_opinions": [CoOpinionOut.model_validate(o) for o in await queries.co_opinions(tx, ids)],
        "further_replies": [
            FurtherReplyOut.model_validate(f) for f in await queries.further_replies(tx, ids)
        ],
    }


async def _around(tx: AsyncSession, suggestion: Suggestion, actor: Actor, side: Side) -> dict[str, Any]:
    """Who signed, who presses, what waits for a signature, which residents stand behind it."""
    named = identifies_submitter(suggestion, side)
    signers = await queries.cosigners(tx, suggestion.id) if named else []
    seconders = await queries.seconders(tx, suggestion.id) if named else []
    approvals = await queries.approvals(tx, suggestion.id) if side is Side.CONGRESS else []
    origins = [] if side is Side.GOVERNMENT else await queries.origins(tx, suggestion.id)
    return {
        "cosigners": [CosignerOut.model_validate(c) for c in signers],
        "seconders": [s.name for s in seconders],
        "supervisions": await _supervisions(tx, suggestion, actor, side),
        "approvals": [ApprovalOut.model_validate(a) for a in approvals],
        "opinion_ids": [origin.opinion_id for origin in origins],
    }


async def _supervisions(
    tx: AsyncSession, suggestion: Suggestion, actor: Actor, side: Side
) -> list[SupervisionOut]:
    """A unit sees what was asked of it, or of everybody."""
    rows = await queries.supervisions(tx, suggestion.id)
    demands = await queries.demands(tx, [row.id for row in rows])
    every = side is not Side.GOVERNMENT or not actor.unit_ids
    shown = []
    for row in rows:
        of = [d for d in demands if d.supervision_id == row.id]
        mine = [d for d in of if every or d.unit_id in actor.unit_ids]
        if mine or not of:
            facts = {n: getattr(row, n) for n in SupervisionOut.model_fields if n != "demands"}
            shown.append(SupervisionOut(**facts, demands=[DemandOut.model_validate(d) for d in mine]))
    return shown


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
    """The acts of this side that the present state allows: paths, as the API names them."""
    acts = set(allowed(State(suggestion.state), side))
    for assignment in assignments:
        if side is not Side.GOVERNMENT or assignment.unit_id in actor.unit_ids:
            acts |= set(allowed_on_assignment(Role(assignment.role), AssignmentState(assignment.state), side))
    return sorted(act for act in acts if _may(act, suggestion, actor))


P = Permission
NEEDS: Mapping[str, Permission] = {
    Act.ISSUE: P.SUGGESTION_ISSUE,
    Act.RETURN_REPLY: P.SUGGESTION_ISSUE,
    Act.ASSIGN: P.SUGGESTION_ASSIGN,
    Act.DISPATCH: P.SUGGESTION_DISPATCH,
    Act.DESIGNATE_KEY: P.SUGGESTION_SIGN,
    Act.CLOSE: P.SUGGESTION_CLOSE,
    Act.REOPEN: P.SUGGESTION_CLOSE,
    Act.PREPARE_PUBLICATION: P.SUGGESTION_CLOSE,
    Act.EVALUATE: P.SUGGESTION_EVALUATE,
}
OF_OTHERS = {Act.SECOND, Act.COSIGN, Act.CONSENT_WITHDRAWAL}  # of delegates who do not lead


def _may(act: str, suggestion: Suggestion, actor: Actor) -> bool:
    """Does this person hold what the act needs, and is it the lead's, or another delegate's?"""
    if not actor.may(NEEDS.get(act, P.SUGGESTION_READ)):
        return False
    if side_on(actor, suggestion) is not Side.DELEGATE:
        return True
    return (act in OF_OTHERS) != (suggestion.delegate_id in actor.delegate_ids)


def steps_shown(steps: Sequence[Step], suggestion: Suggestion, actor: Actor) -> list[StepOut]:
    """The history in this actor's projection: to the government side evaluations never happened.

    Steps do not say whose assignment they are of, so whoever has a post in a unit reads them as the unit.
    """
    side = Side.GOVERNMENT if _may_be_answering(actor, suggestion) else side_on(actor, suggestion)
    named = identifies_submitter(suggestion, side)
    return [_step(step, side, named=named) for step in steps if not _hidden(step, side)]


def _may_be_answering(actor: Actor, suggestion: Suggestion) -> bool:
    return bool(actor.unit_ids) and suggestion.delegate_id not in actor.delegate_ids


def _hidden(step: Step, side: Side) -> bool:
    return side is Side.GOVERNMENT and step.act in HIDDEN_FROM_UNITS


def _step(step: Step, side: Side, *, named: bool) -> StepOut:
    out = StepOut.model_validate(step)
    if side is Side.GOVERNMENT:
        out.left = shown_left(step.left)
        if step.act.startswith(("rejection-decision", "conference-record")):
            out.words = None  # the reason reaches the unit by consent alone (rehandling_reason)
    if not named and (step.side == Side.DELEGATE or step.on_behalf_of or step.act in ABOUT_THE_DELEGATE):
        out.actor_name = out.on_behalf_of = out.words = None
        out.signer = out.upload_id = None
    return out


def refusal_shown(refused: StepNotAllowed, side: Side) -> StepNotAllowed:
    """A refusal is read too: to the government side it names the state it knows, and its own acts."""
    if side is not Side.GOVERNMENT:
        return refused
    state, act, possible = (refused.facts[name] for name in ("state", "act", "allowed"))
    return StepNotAllowed(shown_state(state, side), act, set(possible) & UNITS_ACTS)


def shown_left(state: str) -> str:
    """The state a step left, as the government side reads it."""
    judged = {*JUDGING, State.CLOSED}
    return AssignmentState.REPLIED if state in judged else state
