"""The delegate's word on a reply (评价), and what silence comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role, Side
from app.kernel.errors import StepNotAllowed
from app.suggestions import promising, queries
from app.suggestions.answer_errors import NotLeadDelegate, ReplyNeeded
from app.suggestions.errors import ProxyBasisNeeded, ReasonMissing
from app.suggestions.events import EvaluationReminded, ReplyRejected, SuggestionEvaluated
from app.suggestions.models import Assignment, Mark, Suggestion
from app.suggestions.reply_models import Evaluation, Reply
from app.suggestions.states import Act, AssignmentState, State
from app.suggestions.steps import Doing, announce, append, by_time, refuse_recused, step_assignment
from app.suggestions.workflow import JUDGING, after_judgement, allowed


@dataclass(frozen=True)
class Judgement:
    """`overall` moves the state; the other marks are optional and never copied from it."""

    overall: str
    attitude: str | None = None
    contact: str | None = None
    reply: str | None = None
    result: str | None = None
    comment: str | None = None
    reason_may_reach_unit: bool = False


def evaluator(actor: Actor, suggestion: Suggestion, proxy_basis: str | None) -> Side:
    """The lead delegate; or the congress office as a recorded proxy, never anybody of a unit."""
    if suggestion.delegate_id in actor.delegate_ids:
        return Side.DELEGATE
    scopes = actor.scopes(Role.CONGRESS_OFFICE)
    if suggestion.region_id in scopes or actor.in_county(Role.CONGRESS_OFFICE):
        if proxy_basis is None:
            raise ProxyBasisNeeded
        return Side.CONGRESS
    raise NotLeadDelegate


async def evaluate(
    tx: AsyncSession,
    suggestion: Suggestion,
    judgement: Judgement,
    doing: Doing,
    *,
    proxy_basis: str | None = None,
    reply_id: UUID | None = None,
) -> None:
    """Satisfied settles the reply (or waits for its promises), unsatisfied goes to the congress's review.

    A merged suggestion judges the reply of the one it went into, for itself: no state moves.
    """
    if judgement.overall == Mark.UNSATISFIED and not judgement.comment:
        raise ReasonMissing("comment")
    home = await _home(tx, suggestion)
    merged = home.id != suggestion.id
    assignment, reply = await _judged(tx, suggestion, home.id, reply_id)
    _record(tx, suggestion, reply, judgement, doing, proxy_basis)
    if merged:
        await refuse_recused(tx, suggestion, doing)
        append(tx, suggestion, None, Act.EVALUATE, suggestion.state, suggestion.state, doing)
        suggestion.judgements += 1
        return
    await judge(
        tx, suggestion, assignment, Act.EVALUATE, doing, satisfied=judgement.overall != Mark.UNSATISFIED
    )
    if judgement.overall == Mark.UNSATISFIED:
        announce(tx, ReplyRejected, suggestion, doing, assignment_id=assignment.id)


async def _home(tx: AsyncSession, suggestion: Suggestion) -> Suggestion:
    """Where it is handled: itself, or what it was merged into, which may have been merged in its turn."""
    while suggestion.state == State.MERGED and suggestion.merged_into_id:
        suggestion = await tx.get_one(Suggestion, suggestion.merged_into_id)
    return suggestion


async def _judged(
    tx: AsyncSession, suggestion: Suggestion, home: UUID, reply_id: UUID | None
) -> tuple[Assignment, Reply]:
    """The issued reply that waits for this delegate's mark; StepNotAllowed, ReplyNeeded if several do."""
    standing = {a.id: a for a in await queries.assignments(tx, home)}
    judged = await queries.judged_replies(tx, list(standing), suggestion.id)
    merged = home != suggestion.id
    waiting = [
        (standing[reply.assignment_id], reply)
        for reply in await queries.replies(tx, list(standing))
        if reply.issued_at is not None and reply.id not in judged
        if _awaits(standing[reply.assignment_id], reply, merged=merged)
    ]
    chosen = [pair for pair in waiting if reply_id in (None, pair[1].id)]
    if not chosen:
        raise StepNotAllowed(suggestion.state, Act.EVALUATE, allowed(State(suggestion.state)))
    if len(chosen) > 1:
        raise ReplyNeeded
    return chosen[0]


def _awaits(assignment: Assignment, reply: Reply, *, merged: bool) -> bool:
    state = AssignmentState(assignment.state)
    return reply.round == assignment.round and (
        state in JUDGING if merged else state is AssignmentState.REPLIED
    )


def _record(
    tx: AsyncSession,
    suggestion: Suggestion,
    reply: Reply,
    judgement: Judgement,
    doing: Doing,
    proxy_basis: str | None,
) -> None:
    tx.add(
        Evaluation(
            reply_id=reply.id,
            suggestion_id=suggestion.id,
            delegate_id=suggestion.delegate_id,
            proxy_basis=proxy_basis,
            entered_by=doing.actor.id,
            at=doing.now,
            **vars(judgement),
        )
    )
    announce(tx, SuggestionEvaluated, suggestion, doing, reply_id=reply.id)


async def judge(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    act: Act,
    doing: Doing,
    *,
    satisfied: bool,
) -> None:
    """Where a reply goes from here: settled, on to its promises, or to the congress's review."""
    promises = promising.unsettled(await queries.commitments(tx, [assignment.id]))
    to = after_judgement(satisfied=satisfied, promises_open=bool(promises))
    await step_assignment(tx, suggestion, assignment, act, doing, to=to)


async def lapse(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, *, now: datetime, reminded: bool
) -> None:
    """The window has passed. First a reminder; then the silence is noted and left out of every count."""
    doing = by_time(now)
    if not reminded and not suggestion.no_evaluator:
        await step_assignment(tx, suggestion, assignment, Act.REMIND, doing)
        assignment.reminded_on = doing.today
        reply = await queries.reply_of_round(tx, assignment.id, assignment.round)
        assert reply is not None  # the state says it was issued
        announce(tx, EvaluationReminded, suggestion, doing, reply_id=reply.id)
        return
    await judge(tx, suggestion, assignment, Act.LAPSE, doing, satisfied=True)


async def note_told(tx: AsyncSession, suggestion_id: UUID, opinion_id: UUID, *, now: datetime) -> None:
    """The resident behind the suggestion has been told (called by opinions)."""
    for origin in await queries.origins(tx, suggestion_id):
        if origin.opinion_id == opinion_id and origin.told_at is None:
            origin.told_at = now


def reasons_with_consent(evaluations: Sequence[Evaluation]) -> str | None:
    """The newest reason that its delegate lets the unit read."""
    for evaluation in reversed(evaluations):
        if evaluation.reason_may_reach_unit and evaluation.comment:
            return evaluation.comment
    return None
