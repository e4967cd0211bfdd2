"""Ends and what may still change them: withdrawal, closure, reopening, succession, archive."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import service as clocks
from app.directory import queries as directory
from app.kernel.errors import StepNotAllowed
from app.suggestions import promising, queries
from app.suggestions.answer_errors import (
    FurtherReplyMissing,
    LeadStillHere,
    PromisesOpen,
    PublicationUnknown,
    ResidentsNotTold,
    SecondPersonNeeded,
    SuccessorWrong,
    WithdrawalTooLate,
    WithdrawalUnknown,
)
from app.suggestions.assigning import end
from app.suggestions.events import LeadSucceeded, SuggestionArchived, SuggestionReopened, SuggestionWithdrawn
from app.suggestions.models import Assignment, CoSigner, Suggestion
from app.suggestions.oversight_models import Publication, Withdrawal, WithdrawalConsent
from app.suggestions.rejecting import rehandle
from app.suggestions.reply_models import CommitmentState
from app.suggestions.states import Act, AssignmentState, State
from app.suggestions.steps import Doing, announce, step, step_assignment
from app.suggestions.workflow import ANSWERING, BEFORE_ASSIGNMENT, GONE, allowed

UNTIL = {  # policy → the states in which a delegate may still ask
    "assignment": BEFORE_ASSIGNMENT,
    "reply": BEFORE_ASSIGNMENT
    | {State.ASSIGNED, State.RETURN_REQUESTED, State.HANDLING, State.REPLY_DRAFTED},
}


async def ask_withdrawal(tx: AsyncSession, suggestion: Suggestion, reason: str, doing: Doing) -> None:
    """撤回: the lead asks; it is done once every confirmed co-signer agrees (and the office has talked)."""
    await step(tx, suggestion, Act.ASK_WITHDRAWAL, doing)
    await _check_policy(tx, suggestion)
    for old in await queries.withdrawal_consents(tx, suggestion.id):
        await tx.delete(old)  # given to an earlier request and its reason
    asked = Withdrawal(
        suggestion_id=suggestion.id, reason=reason, asked_at=doing.now, asked_by=doing.actor.id
    )
    await tx.merge(asked)
    await tx.flush()
    await _withdraw_if_agreed(tx, suggestion, doing)


async def _check_policy(tx: AsyncSession, suggestion: Suggestion) -> None:
    policies = (await clocks.pack(tx)).policies
    free = UNTIL.get(policies.withdrawal_until)
    late = free is not None and suggestion.state not in free
    if late and policies.late_withdrawal == "refused":
        raise WithdrawalTooLate


async def consent_withdrawal(
    tx: AsyncSession, suggestion: Suggestion, *, agree: bool, seat: UUID, doing: Doing
) -> None:
    """A co-signer's word on the withdrawal."""
    if await queries.withdrawal(tx, suggestion.id) is None:
        raise WithdrawalUnknown
    await step(tx, suggestion, Act.CONSENT_WITHDRAWAL, doing)
    await tx.merge(
        WithdrawalConsent(suggestion_id=suggestion.id, delegate_id=seat, agree=agree, at=doing.now)
    )
    await tx.flush()
    await _withdraw_if_agreed(tx, suggestion, doing)


async def talk_of_withdrawal(
    tx: AsyncSession, suggestion: Suggestion, *, talk: str, asked_by_other: bool, doing: Doing
) -> None:
    """After 交办 the office speaks with the delegate alone, and notes whether anyone asked for it."""
    asked = await queries.withdrawal(tx, suggestion.id)
    if asked is None:
        raise WithdrawalUnknown
    if asked.asked_by == doing.actor.id:
        raise SecondPersonNeeded  # whoever entered the request for the delegate does not vouch for it too
    await step(tx, suggestion, Act.TALK_OF_WITHDRAWAL, doing)
    asked.talked_at, asked.talk_note, asked.asked_by_other = doing.now, talk, asked_by_other
    await _withdraw_if_agreed(tx, suggestion, doing)


async def _withdraw_if_agreed(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    asked = await queries.withdrawal(tx, suggestion.id)
    if asked is None or not await _all_agree(tx, suggestion.id):
        return
    if suggestion.state not in BEFORE_ASSIGNMENT and asked.talked_at is None:
        return
    asked.done_at = doing.now
    for assignment in await queries.assignments(tx, suggestion.id):
        if assignment.state not in GONE:
            await end(tx, assignment, reason=Act.WITHDRAW, doing=doing)
    await step(tx, suggestion, Act.WITHDRAW, doing)
    announce(tx, SuggestionWithdrawn, suggestion, doing)


async def _all_agree(tx: AsyncSession, suggestion_id: UUID) -> bool:
    signed = {c.delegate_id for c in await queries.cosigners(tx, suggestion_id) if c.agreed}
    agreed = {c.delegate_id for c in await queries.withdrawal_consents(tx, suggestion_id) if c.agree}
    return signed <= agreed


async def succeed_lead(
    tx: AsyncSession, suggestion: Suggestion, to_delegate_id: UUID | None, doing: Doing
) -> None:
    """The lead is gone: the next confirmed co-signer leads. Nobody left: 无评价人, excluded and counted."""
    await step(tx, suggestion, Act.SUCCEED_LEAD, doing)
    former = suggestion.delegate_id
    if to_delegate_id is None:
        await _need_gone(tx, former, doing)
        suggestion.no_evaluator = True
        return
    signers = await queries.cosigners(tx, suggestion.id)
    heir = next((c for c in signers if c.delegate_id == to_delegate_id and c.agreed), None)
    if heir is None:
        raise SuccessorWrong
    suggestion.delegate_id, suggestion.delegate_name = heir.delegate_id, heir.name
    suggestion.no_evaluator = False
    await tx.delete(heir)
    announce(tx, LeadSucceeded, suggestion, doing, delegate_ids=[str(former), str(heir.delegate_id)])


async def _need_gone(tx: AsyncSession, delegate_id: UUID, doing: Doing) -> None:
    """Nobody is put aside who still holds the seat: an evaluation would be lost without a word."""
    found = await directory.seat(tx, delegate_id)
    if found is not None and found[0].left_on is None and not doing.historic:
        raise LeadStillHere


async def close(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """办结 after the promises: all kept or cleared, answered again, the residents behind it told."""
    if suggestion.state != State.COMMITTED:
        raise StepNotAllowed(suggestion.state, Act.CLOSE, allowed(State(suggestion.state)))
    committed = [
        a for a in await queries.assignments(tx, suggestion.id) if a.state == AssignmentState.COMMITTED
    ]
    await _check_promises(tx, committed)
    await need_residents_told(tx, suggestion)
    for assignment in committed:
        await step_assignment(tx, suggestion, assignment, Act.CLOSE, doing)


async def _check_promises(tx: AsyncSession, committed: Sequence[Assignment]) -> None:
    ids = [a.id for a in committed]
    promises = await queries.commitments(tx, ids)
    if promising.unsettled(promises):
        raise PromisesOpen
    answered = {further.assignment_id for further in await queries.further_replies(tx, ids)}
    if any(p.assignment_id not in answered for p in promises if p.state != CommitmentState.SUPERSEDED):
        raise FurtherReplyMissing


async def need_residents_told(tx: AsyncSession, suggestion: Suggestion) -> None:
    """件件有回音: read, phoned, visited, posted, or the result available unread for 15 days."""
    if any(origin.told_at is None for origin in await queries.origins(tx, suggestion.id)):
        raise ResidentsNotTold


async def reopen(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """New facts: every answering unit takes it up again in a new round."""
    if suggestion.state != State.CLOSED:
        raise StepNotAllowed(suggestion.state, Act.REOPEN, allowed(State(suggestion.state)))
    for assignment in await queries.assignments(tx, suggestion.id):
        if assignment.role in ANSWERING and assignment.state == AssignmentState.SETTLED:
            await rehandle(tx, suggestion, assignment, Act.REOPEN, doing)
    if prepared := await tx.get(Publication, suggestion.id):
        await tx.delete(prepared)  # it knew nothing of the reply to come
    announce(tx, SuggestionReopened, suggestion, doing)


async def prepare_publication(
    tx: AsyncSession, suggestion: Suggestion, *, public: bool, redactions: Sequence[str], doing: Doing
) -> None:
    """What is to be published and what left out; a second person approves it."""
    await need_residents_told(tx, suggestion)
    await step(tx, suggestion, Act.PREPARE_PUBLICATION, doing)
    await tx.merge(
        Publication(
            suggestion_id=suggestion.id,
            public=public,
            redactions=list(redactions),
            prepared_by=doing.actor.id,
            prepared_at=doing.now,
        )
    )


async def approve_publication(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """归档: from here on the file is immutable."""
    prepared = await tx.get(Publication, suggestion.id)
    if prepared is None:
        raise PublicationUnknown
    if prepared.prepared_by == doing.actor.id:
        raise SecondPersonNeeded
    await step(tx, suggestion, Act.APPROVE_PUBLICATION, doing)
    prepared.approved_by, prepared.approved_at = doing.actor.id, doing.now
    suggestion.public, suggestion.archived_at = prepared.public, doing.now
    announce(tx, SuggestionArchived, suggestion, doing, public=prepared.public)


def confirmed(signers: Sequence[CoSigner]) -> list[CoSigner]:
    return [signer for signer in signers if signer.agreed]
