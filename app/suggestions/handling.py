"""The unit's part: sign for it, talk with the delegate, draft and issue the reply."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.kernel.clock import local_date
from app.suggestions import extending, promising, queries
from app.suggestions.answer_errors import (
    ContactMissing,
    ContactUnknown,
    NotLeadDelegate,
    PromiseInPast,
    PromiseMissing,
)
from app.suggestions.errors import AssignmentUnknown, ReasonMissing
from app.suggestions.events import SuggestionReplied, SuggestionTakenUp
from app.suggestions.models import Assignment, Disclosure, Outcome, Suggestion
from app.suggestions.reply_models import Commitment, ContactRecord, Reply
from app.suggestions.states import Act
from app.suggestions.steps import Doing, announce, step_assignment

PROMISING = {Outcome.PLANNED, Outcome.CROSS_YEAR}


@dataclass(frozen=True)
class Contact:
    """面商、电话或走访. `at`: when they talked, UTC."""

    how: str
    at: datetime
    note: str
    unit_person: str | None = None
    rank: str | None = None


@dataclass(frozen=True)
class Promise:
    content: str
    due_on: date
    owner: str


@dataclass(frozen=True)
class Answer:
    """A reply's content: point by point, with its legal outcome and what may be published."""

    content: str
    outcome: str
    disclosure: str
    disclosure_reason: str | None = None
    promises: tuple[Promise, ...] = field(default=())


async def own_assignment(
    tx: AsyncSession, suggestion: Suggestion, actor: Actor, assignment_id: UUID | None = None
) -> Assignment:
    """The standing assignment of the actor's unit, locked."""
    found = await queries.assignment_of_units(tx, suggestion.id, actor.unit_ids)
    chosen = [a for a in found if assignment_id in (None, a.id)]
    if not chosen:
        raise AssignmentUnknown
    return chosen[0]


async def accept(tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, doing: Doing) -> None:
    """Sign for it (签收)."""
    await step_assignment(tx, suggestion, assignment, Act.ACCEPT, doing)
    assignment.accepted_at = doing.now
    announce(
        tx, SuggestionTakenUp, suggestion, doing, assignment_id=assignment.id, unit_id=assignment.unit_id
    )


async def record_contact(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, contact: Contact, doing: Doing
) -> ContactRecord:
    """Log a talk with the delegate; the first one stops the first-contact clock."""
    await step_assignment(tx, suggestion, assignment, Act.CONTACT, doing)
    record = ContactRecord(
        assignment_id=assignment.id,
        round=assignment.round,
        how=contact.how,
        at=contact.at,
        note=contact.note,
        unit_person=contact.unit_person,
        rank=contact.rank,
        entered_by=doing.actor.id,
        entered_at=doing.now,
    )
    tx.add(record)
    await clocks.stop(tx, assignment.id, {Kind.FIRST_CONTACT}, reason=Act.CONTACT, now=doing.now)
    await tx.flush()
    return record


async def confirm_contact(
    tx: AsyncSession, suggestion: Suggestion, contact_id: UUID, *, happened: bool, doing: Doing
) -> None:
    """The delegate says by one tap whether the talk took place; a denied one does not count."""
    if suggestion.delegate_id not in doing.actor.delegate_ids:
        raise NotLeadDelegate
    record = await tx.get(ContactRecord, contact_id)
    owners = {a.id for a in await queries.assignments(tx, suggestion.id)}
    if record is None or record.assignment_id not in owners:
        raise ContactUnknown
    record.happened, record.confirmed_at = happened, doing.now


async def draft_reply(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, answer: Answer, doing: Doing
) -> Reply:
    """Put a reply before the unit's head (拟稿)."""
    _check(answer, today=local_date(doing.now), historic=doing.historic)
    await step_assignment(tx, suggestion, assignment, Act.DRAFT_REPLY, doing)
    reply = await queries.reply_of_round(tx, assignment.id, assignment.round)
    reply = _written(reply, assignment, answer, doing)
    tx.add(reply)
    await tx.flush()
    await _rewrite_promises(tx, reply, answer)
    return reply


def _check(answer: Answer, *, today: date, historic: bool) -> None:
    if answer.outcome in PROMISING and not answer.promises:
        raise PromiseMissing
    if answer.disclosure != Disclosure.FULL and not answer.disclosure_reason:
        raise ReasonMissing("disclosure_reason")
    for promise in answer.promises:
        if promise.due_on < today and not historic:
            raise PromiseInPast(promise.due_on)


def _written(reply: Reply | None, assignment: Assignment, answer: Answer, doing: Doing) -> Reply:
    reply = reply or Reply(
        assignment_id=assignment.id,
        round=assignment.round,
        content="",
        outcome=answer.outcome,
        disclosure=answer.disclosure,
        drafted_by=doing.actor.id,
        drafted_at=doing.now,
    )
    reply.content, reply.outcome = answer.content, answer.outcome
    reply.disclosure, reply.disclosure_reason = answer.disclosure, answer.disclosure_reason
    reply.drafted_by, reply.drafted_at = doing.actor.id, doing.now
    return reply


async def _rewrite_promises(tx: AsyncSession, reply: Reply, answer: Answer) -> None:
    for old in await queries.commitments(tx, [reply.assignment_id]):
        if old.reply_id == reply.id:
            await tx.delete(old)
    for promise in answer.promises:
        tx.add(
            Commitment(
                reply_id=reply.id,
                assignment_id=reply.assignment_id,
                content=promise.content,
                due_on=promise.due_on,
                owner=promise.owner,
            )
        )


async def return_reply(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, doing: Doing
) -> None:
    """The head sends the draft back to the officer with the reason."""
    await step_assignment(tx, suggestion, assignment, Act.RETURN_REPLY, doing)


async def issue_reply(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, doing: Doing
) -> Reply:
    """Sign and send the reply (签发): needs a contact with the delegate that was not denied."""
    await _need_contact(tx, assignment)
    await step_assignment(tx, suggestion, assignment, Act.ISSUE, doing)
    reply = await queries.reply_of_round(tx, assignment.id, assignment.round)
    assert reply is not None  # the state says there is a draft
    await _need_future(tx, reply, doing)
    reply.issued_by, reply.issued_at = doing.actor.id, doing.now
    reply.legal_on, reply.doc_no, reply.signer = (
        doing.legal_on,
        doing.paper.doc_no,
        doing.paper.signer,
    )
    assignment.replied_at = doing.now
    await promising.start_clocks(tx, suggestion, assignment, reply, doing)
    await extending.lapse_requests(tx, assignment, reason=Act.ISSUE, doing=doing)
    announce(
        tx,
        SuggestionReplied,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        reply_id=reply.id,
    )
    return reply


async def _need_contact(tx: AsyncSession, assignment: Assignment) -> None:
    talks = await queries.contacts(tx, [assignment.id])
    if not any(talk.round == assignment.round and talk.happened is not False for talk in talks):
        raise ContactMissing


async def _need_future(tx: AsyncSession, reply: Reply, doing: Doing) -> None:
    """A draft may have waited for its signature longer than its promises allow."""
    for promise in await queries.commitments(tx, [reply.assignment_id]):
        if promise.reply_id == reply.id and promise.due_on < doing.today and not doing.historic:
            raise PromiseInPast(promise.due_on)
