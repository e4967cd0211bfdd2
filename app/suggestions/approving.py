"""审签: acts the law gives to the presidium. The chair signs; or a standing authorisation covers the act;
or it waits, prepared word for word, until the chair decides."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.suggestions import queries
from app.suggestions.errors import ApprovalDecided, ApprovalStale, ApprovalWaiting
from app.suggestions.events import ApprovalAsked
from app.suggestions.models import Suggestion
from app.suggestions.oversight_models import Approval
from app.suggestions.steps import Doing, announce, refuse_recused
from app.suggestions.supervising import is_chair, need_chair

Perform = Callable[[AsyncSession, Suggestion, Any, Doing], Awaitable[None]]


@dataclass(frozen=True)
class SignedAct:
    """`name`: like its path. `authorised_as`: the class of acts in a standing authorisation.

    `check` refuses at once what the present state forbids, so that nothing hopeless waits.
    """

    name: str
    authorised_as: str
    body: type[BaseModel]
    check: Perform
    perform: Perform


@dataclass(frozen=True)
class Basis:
    """On what the chair's act rests."""

    basis: str = "chair"
    meeting_id: str | None = None


async def carry_out(
    tx: AsyncSession, act: SignedAct, suggestion: Suggestion, body: BaseModel, basis: Basis, doing: Doing
) -> Approval:
    """Do it now, with the basis kept; or leave it waiting for the chair."""
    known = await _basis(tx, act, suggestion, basis, doing)
    approval = _prepared(act, suggestion, body, doing)
    if known is None:
        await _leave_waiting(tx, act, suggestion, body, approval, doing)
        return approval
    _sign(approval, known, doing)
    await act.perform(tx, suggestion, body, doing)
    tx.add(approval)
    return approval


async def _basis(
    tx: AsyncSession, act: SignedAct, suggestion: Suggestion, basis: Basis, doing: Doing
) -> Basis | None:
    if doing.historic or is_chair(doing.actor, suggestion):
        return basis if basis.basis != "standing_delegation" else Basis()
    if await queries.authorised(tx, suggestion.congress_id, act.authorised_as, on=doing.today):
        return Basis("standing_delegation")
    return None


def _prepared(act: SignedAct, suggestion: Suggestion, body: BaseModel, doing: Doing) -> Approval:
    return Approval(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        act=act.name,
        body=body.model_dump(mode="json"),
        state="pending",
        prepared_by=doing.actor.id,
        prepared_name=doing.actor.name,
        prepared_at=doing.now,
    )


def _sign(approval: Approval, basis: Basis, doing: Doing) -> None:
    approval.state, approval.basis, approval.meeting_id = "agreed", basis.basis, basis.meeting_id
    approval.decided_by, approval.decided_name = doing.actor.id, doing.actor.name
    approval.decided_at = doing.now


async def _leave_waiting(
    tx: AsyncSession,
    act: SignedAct,
    suggestion: Suggestion,
    body: BaseModel,
    approval: Approval,
    doing: Doing,
) -> None:
    await refuse_recused(tx, suggestion, doing)
    await act.check(tx, suggestion, body, doing)
    approval.situation = await _situation(tx, suggestion)
    earlier = await queries.pending_approval(tx, suggestion.id, act.name)
    if earlier is not None:
        if earlier.situation == approval.situation:
            raise ApprovalWaiting
        earlier.state, earlier.reason = "refused", "情况已变动，另行拟办"
        await tx.flush()
    tx.add(approval)
    await tx.flush()
    announce(tx, ApprovalAsked, suggestion, doing, approval_id=approval.id, act=act.name)


async def _situation(tx: AsyncSession, suggestion: Suggestion) -> str:
    """What an act is prepared for: this submission, these assignments, in these rounds."""
    standing = await queries.assignments(tx, suggestion.id)
    parts = [f"{a.id}:{a.round}" for a in standing]
    return "|".join([str(suggestion.submitted_at), *parts])


async def decide(
    tx: AsyncSession,
    acts: Mapping[str, SignedAct],
    suggestion: Suggestion,
    approval: Approval,
    *,
    agree: bool,
    reason: str | None,
    basis: Basis,
    doing: Doing,
) -> None:
    """The chair agrees, and the act is done as it was prepared; or refuses with the reason."""
    need_chair(doing.actor, suggestion)
    if approval.state != "pending":
        raise ApprovalDecided
    if agree and approval.situation != await _situation(tx, suggestion):
        raise ApprovalStale
    if agree:
        act = acts[approval.act]
        body = act.body.model_validate(approval.body)
        await act.perform(tx, suggestion, body, replace(doing, words=doing.words))
        _sign(approval, basis, doing)
    else:
        await refuse_recused(tx, suggestion, doing)
        _sign(approval, basis, doing)
        approval.state = "refused"
    approval.reason = reason
    tx.add(approval)
