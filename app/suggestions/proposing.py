"""From draft to submitted: the delegate's part, or the office's on a delegate's behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor, Post
from app.accounts.permissions import Role, Side
from app.directory import queries as directory
from app.directory.errors import DelegateUnknown, UnitUnknown
from app.directory.models import Congress, Delegate, Person
from app.infra import audit
from app.suggestions import cosigning, queries
from app.suggestions.answer_errors import NotLeadDelegate
from app.suggestions.errors import (
    ProposalMissing,
    ProxyBasisNeeded,
    SeatNeeded,
    SeatNotYours,
    SessionUnknown,
    SubmittedOnce,
)
from app.suggestions.events import SuggestionCosigning, SuggestionSubmitted
from app.suggestions.models import Suggestion, SuggestionOrigin, SuggestionUpload
from app.suggestions.states import Act, State
from app.suggestions.steps import Doing, announce, step
from app.suggestions.workflow import advance
from app.uploads import service as uploads


@dataclass(frozen=True)
class Draft:
    """What a delegate writes: situation, and what ought to be done about it."""

    title: str
    situation: str
    proposal: str
    category: str | None = None
    raised_in: str = "intersession"
    proposer: str = "delegate"
    origin: str = "suggestion"
    proposed_unit_id: UUID | None = None
    confidential: bool = False
    delegate_agrees_public: bool | None = None
    session_id: UUID | None = None


@dataclass(frozen=True)
class Proxy:
    """Why and with what proof the office enters for a delegate (代录)."""

    basis: str
    upload_id: UUID | None = None
    witness: str | None = None


def own_seat(actor: Actor, seat_id: UUID | None) -> Post:
    """The seat a delegate speaks from: the one named, else the only one."""
    seats = actor.seats
    if seat_id is not None:
        named = next((seat for seat in seats if seat.delegate_id == seat_id), None)
        if named is None:
            raise SeatNotYours
        return named
    if not seats:
        raise SeatNotYours
    if len(seats) > 1:
        raise SeatNeeded
    return seats[0]


async def create(
    tx: AsyncSession,
    draft: Draft,
    *,
    delegate_id: UUID,
    doing: Doing,
    proxy: Proxy | None = None,
    cosigner_ids: Sequence[UUID] = (),
) -> Suggestion:
    """A new draft by the delegate's seat, or entered on the delegate's behalf (`doing`, `proxy`)."""
    found = await directory.seat(tx, delegate_id)
    if found is None:
        raise DelegateUnknown
    await _check_unit(tx, draft.proposed_unit_id)
    await _check_session(tx, draft.session_id, found[2])
    suggestion = _row(draft, found, doing)
    if proxy is not None:
        suggestion.proxy_basis, suggestion.proxy_witness = proxy.basis, proxy.witness
        suggestion.proxy_upload_id = proxy.upload_id
    tx.add(suggestion)
    await tx.flush()
    await cosigning.invite(tx, suggestion, cosigner_ids)
    return suggestion


async def attach(tx: AsyncSession, suggestion: Suggestion, ids: Sequence[UUID], actor: Actor) -> None:
    """Claim photos and scans for the suggestion: only what this person sent."""
    if ids:
        await uploads.claim(tx, ids, owner=actor.label)
        tx.add_all(SuggestionUpload(suggestion_id=suggestion.id, upload_id=id) for id in ids)


async def _check_session(tx: AsyncSession, session_id: UUID | None, congress: Congress) -> None:
    if session_id is None:
        return
    found = await queries.session(tx, session_id)
    if found is None or found.congress_id != congress.id:
        raise SessionUnknown


async def _check_unit(tx: AsyncSession, unit_id: UUID | None) -> None:
    if unit_id is not None and await directory.unit(tx, unit_id) is None:
        raise UnitUnknown("proposed_unit_id")


def _row(draft: Draft, seat: tuple[Delegate, Person, Congress], doing: Doing) -> Suggestion:
    delegate, person, congress = seat
    return Suggestion(
        congress_id=congress.id,
        region_id=congress.region_id,
        level=congress.level,
        delegate_id=delegate.id,
        delegate_name=person.name,
        created_at=doing.now,
        **vars(draft),
    )


def proxy_for(actor: Actor, *, on_behalf_of: UUID, basis: str | None, region_id: UUID) -> None:
    """Only the congress office of the delegate's own congress enters for a delegate, with a basis."""
    if basis is None:
        raise ProxyBasisNeeded
    office = actor.in_county(Role.CONGRESS_OFFICE) or region_id in actor.scopes(Role.CONGRESS_OFFICE)
    if not office:
        raise NotLeadDelegate


def need_author(actor: Actor, suggestion: Suggestion) -> Side:
    """The lead delegate, or the office of that congress as a recorded proxy."""
    if suggestion.delegate_id in actor.delegate_ids:
        return Side.DELEGATE
    scopes = actor.scopes(Role.CONGRESS_OFFICE)
    if actor.in_county(Role.CONGRESS_OFFICE) or suggestion.region_id in scopes:
        return Side.CONGRESS
    raise NotLeadDelegate


def on_behalf(suggestion: Suggestion, side: Side) -> str | None:
    """Whom the office enters for; None when the delegate acts in person."""
    return suggestion.delegate_name if side is Side.CONGRESS else None


async def edit(tx: AsyncSession, suggestion: Suggestion, changes: dict[str, Any]) -> Suggestion:
    """Change a draft's words; once submitted the text is frozen. Who confirmed other words is asked anew."""
    advance(State(suggestion.state), Act.EDIT)
    await _check_unit(tx, changes.get("proposed_unit_id"))
    for name, value in changes.items():
        setattr(suggestion, name, value)
    for signer in await queries.cosigners(tx, suggestion.id):
        if signer.agreed:
            signer.agreed = signer.decided_at = None
    suggestion.revision += 1
    tx.add(suggestion)
    return suggestion


async def submit(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Hand the draft in (提交): the text is frozen. With co-signers it first waits for their word."""
    if not suggestion.proposal.strip():
        raise ProposalMissing
    waiting = [c for c in await queries.cosigners(tx, suggestion.id) if c.agreed is None]
    to = State.COSIGNING if waiting else State.SUBMITTED
    await step(tx, suggestion, Act.SUBMIT, doing, to=to)
    if waiting:
        ids = [str(signer.delegate_id) for signer in waiting]
        announce(tx, SuggestionCosigning, suggestion, doing, delegate_ids=ids)
        return
    suggestion.submitted_at = doing.now
    announce(tx, SuggestionSubmitted, suggestion, doing)


def add_origin(tx: AsyncSession, suggestion_id: UUID, opinion_id: UUID) -> None:
    """Remember the resident's opinion behind a suggestion (called by opinions)."""
    tx.add(SuggestionOrigin(suggestion_id=suggestion_id, opinion_id=opinion_id))


async def discard(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Throw away a draft that was never handed in."""
    if suggestion.submitted_at is not None:
        raise SubmittedOnce
    advance(State(suggestion.state), Act.DELETE)
    for row in (
        *await queries.uploads(tx, suggestion.id),
        *await queries.origins(tx, suggestion.id),
        *await queries.cosigners(tx, suggestion.id),
        *await queries.steps(tx, suggestion.id),
    ):
        await tx.delete(row)
    await tx.flush()
    await tx.delete(suggestion)
    audit.note(
        tx,
        "suggestion.delete",
        actor=doing.actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=doing.now,
    )
