"""The delegate's word on a reply, promises kept, and the end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role, Side
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.infra import outbox
from app.kernel.errors import StepNotAllowed
from app.suggestions import queries
from app.suggestions.errors import NotLeadDelegate, ProxyBasisNeeded, ReasonMissing
from app.suggestions.events import SuggestionClosed, SuggestionEvaluated
from app.suggestions.models import Assignment, Commitment, Evaluation, Mark, Reply, Suggestion
from app.suggestions.steps import Doing, move
from app.suggestions.workflow import Act, State, after_evaluation, allowed


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
) -> None:
    """评价: satisfied closes (or waits for the promises), unsatisfied goes to the congress's review."""
    if suggestion.state != State.REPLIED:
        raise StepNotAllowed(suggestion.state, Act.EVALUATE, allowed(State(suggestion.state)))
    if judgement.overall == Mark.UNSATISFIED and not judgement.comment:
        raise ReasonMissing("comment")
    assignment, reply = await _answered(tx, suggestion)
    _record(tx, suggestion, reply, judgement, doing, proxy_basis)
    promises = [p for p in await queries.commitments(tx, [assignment.id]) if p.state != "kept"]
    entered = after_evaluation(satisfied=judgement.overall != Mark.UNSATISFIED, promises_open=bool(promises))
    await clocks.stop(tx, assignment.id, {Kind.EVALUATION}, reason=Act.EVALUATE, now=doing.now)
    await move(tx, suggestion, Act.EVALUATE, entered, doing)
    await _follow(tx, suggestion, assignment, promises, doing)


async def _answered(tx: AsyncSession, suggestion: Suggestion) -> tuple[Assignment, Reply]:
    standing = [a for a in await queries.assignments(tx, suggestion.id) if a.replied_at]
    assignment = standing[-1]
    reply = await queries.reply_of_round(tx, assignment.id, assignment.round)
    assert reply is not None  # the state says it was issued
    return assignment, reply


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
            delegate_id=suggestion.delegate_id,
            proxy_basis=proxy_basis,
            entered_by=doing.actor.id,
            at=doing.now,
            **vars(judgement),
        )
    )
    event = SuggestionEvaluated(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
        reply_id=reply.id,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)


async def _follow(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promises: list[Commitment],
    doing: Doing,
) -> None:
    if suggestion.state == State.CLOSED:
        close(tx, suggestion, doing)
    if suggestion.state == State.COMMITTED:
        for promise in promises:
            subject = Subject(
                SubjectKind.COMMITMENT,
                promise.id,
                suggestion.id,
                suggestion.region_id,
                Level(suggestion.level),
                assignment.unit_id,
            )
            start = Start(
                on=doing.legal_on,
                now=doing.now,
                ends_on=promise.due_on,
                historic=doing.historic,
            )
            await clocks.start(tx, Kind.COMMITMENT, subject, start)


def close(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    suggestion.closed_at = doing.now
    event = SuggestionClosed(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)


async def note_told(tx: AsyncSession, suggestion_id: UUID, opinion_id: UUID, *, now: datetime) -> None:
    """The resident behind the suggestion has been told (called by opinions)."""
    for origin in await queries.origins(tx, suggestion_id):
        if origin.opinion_id == opinion_id and origin.told_at is None:
            origin.told_at = now
