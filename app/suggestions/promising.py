"""承诺事项: two truths. The unit reports, the delegate confirms or denies, the office clears."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.queries import open_of_subject_for_update, rounds_used
from app.deadlines.service import Start, Subject
from app.suggestions import queries
from app.suggestions.answer_errors import CommitmentSettled, CommitmentUnknown, SlipNotLater
from app.suggestions.events import FurtherReplied, PromiseDenied, PromiseReported, PromiseSlipped
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.reply_models import Commitment, CommitmentState, FurtherReply, Reply
from app.suggestions.states import Act
from app.suggestions.steps import Doing, announce, step_assignment

OWED = frozenset({CommitmentState.OPEN, CommitmentState.DENIED})
UNSETTLED = OWED | {CommitmentState.REPORTED}


async def start_clocks(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, reply: Reply, doing: Doing
) -> None:
    """Each promise of an issued reply gets its own clock, from the reply on: waiting for the evaluation
    would tell the unit when it was made."""
    for promise in await queries.commitments(tx, [assignment.id]):
        if promise.reply_id == reply.id:
            await _run(tx, suggestion, assignment, promise, doing, on=doing.legal_on)


async def _run(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    doing: Doing,
    *,
    on: date,
    round: int = 1,
) -> None:
    subject = Subject(
        kind=SubjectKind.COMMITMENT,
        id=promise.id,
        root_id=suggestion.id,
        region_id=suggestion.region_id,
        level=Level(suggestion.level),
        unit_id=assignment.unit_id,
    )
    start = Start(on=on, now=doing.now, round=round, ends_on=promise.due_on, historic=doing.historic)
    await clocks.start(tx, Kind.COMMITMENT, subject, start)


async def found(
    tx: AsyncSession, suggestion: Suggestion, commitment_id: UUID
) -> tuple[Assignment, Commitment]:
    """A promise of this suggestion's issued replies; CommitmentUnknown."""
    standing = {a.id: a for a in await queries.assignments(tx, suggestion.id)}
    promise = await tx.get(Commitment, commitment_id, with_for_update=True)
    if promise is None or promise.assignment_id not in standing:
        raise CommitmentUnknown
    return standing[promise.assignment_id], promise


async def fulfil(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    evidence: str,
    doing: Doing,
) -> None:
    """The unit's truth: done, with evidence. Its clock stops; a denial starts it again."""
    if assignment.unit_id not in doing.actor.unit_ids and not doing.historic:
        raise CommitmentUnknown
    await step_assignment(tx, suggestion, assignment, Act.FULFIL, doing)
    if promise.state not in OWED:
        raise CommitmentSettled
    promise.state, promise.evidence, promise.reported_at = CommitmentState.REPORTED, evidence, doing.now
    await clocks.stop(tx, promise.id, {Kind.COMMITMENT}, reason=Act.FULFIL, now=doing.now)
    _tell(tx, PromiseReported, suggestion, assignment, promise, doing)


async def slip(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    new_due_on: date,
    doing: Doing,
) -> None:
    """It will be later: a new date with the reason, and an alert. The old date stays in the history."""
    if assignment.unit_id not in doing.actor.unit_ids:
        raise CommitmentUnknown
    await step_assignment(tx, suggestion, assignment, Act.SLIP, doing)
    if promise.state not in OWED:
        raise CommitmentSettled
    if new_due_on <= max(promise.due_on, doing.today):
        raise SlipNotLater
    for clock in await open_of_subject_for_update(tx, promise.id):
        await clocks.postpone(
            tx,
            clock,
            until=new_due_on,
            what="slip",
            reason=doing.words or "",
            by=doing.actor.name,
            now=doing.now,
        )
    promise.due_on, promise.slips = new_due_on, promise.slips + 1
    announce(
        tx,
        PromiseSlipped,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        commitment_id=promise.id,
        due_on=new_due_on,
    )


async def confirm(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    *,
    kept: bool,
    seen_how: str,
    doing: Doing,
) -> None:
    """The delegate's truth. Denied, the promise is owed again with the date it always had."""
    await step_assignment(tx, suggestion, assignment, Act.CONFIRM_KEPT, doing)
    if promise.state != CommitmentState.REPORTED:
        raise CommitmentSettled
    promise.state = CommitmentState.KEPT if kept else CommitmentState.DENIED
    promise.seen_how, promise.confirmed_at = seen_how, doing.now
    if not kept:
        used = await rounds_used(tx, promise.id)
        await _run(
            tx, suggestion, assignment, promise, doing, on=doing.today, round=used[Kind.COMMITMENT] + 1
        )
        _tell(tx, PromiseDenied, suggestion, assignment, promise, doing)


async def clear(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    how: str,
    doing: Doing,
) -> None:
    """The delegate stayed silent after a reminder; the office looked for itself (未表态)."""
    await step_assignment(tx, suggestion, assignment, Act.CLEAR, doing)
    if promise.state != CommitmentState.REPORTED:
        raise CommitmentSettled
    promise.state, promise.cleared_how = CommitmentState.CLEARED, how


def _tell(
    tx: AsyncSession,
    kind: type[PromiseReported] | type[PromiseDenied],
    suggestion: Suggestion,
    assignment: Assignment,
    promise: Commitment,
    doing: Doing,
) -> None:
    announce(
        tx,
        kind,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        commitment_id=promise.id,
    )


async def reply_further(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    *,
    content: str,
    outcome: str,
    commitment_id: UUID | None,
    doing: Doing,
) -> None:
    """再次答复: to the delegate and every co-signer."""
    if commitment_id is not None:
        owner, _ = await found(tx, suggestion, commitment_id)
        if owner.id != assignment.id:
            raise CommitmentUnknown
    await step_assignment(tx, suggestion, assignment, Act.FURTHER_REPLY, doing)
    tx.add(
        FurtherReply(
            assignment_id=assignment.id,
            commitment_id=commitment_id,
            content=content,
            outcome=outcome,
            by=doing.actor.id,
            at=doing.now,
        )
    )
    announce(tx, FurtherReplied, suggestion, doing, assignment_id=assignment.id, unit_id=assignment.unit_id)


async def supersede(tx: AsyncSession, assignment: Assignment, *, reason: str, doing: Doing) -> None:
    """Re-handled: the next reply promises anew, the clocks of the old promises stop."""
    for promise in unsettled(await queries.commitments(tx, [assignment.id])):
        promise.state = CommitmentState.SUPERSEDED
        await clocks.stop(tx, promise.id, {Kind.COMMITMENT}, reason=reason, now=doing.now)


def unsettled(promises: Sequence[Commitment]) -> list[Commitment]:
    """Promises neither kept, cleared nor superseded."""
    return [promise for promise in promises if promise.state in UNSETTLED]
