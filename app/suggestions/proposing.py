"""From draft to submitted: the delegate's part, or the office's on a delegate's behalf."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor, Post
from app.accounts.permissions import Role, Side
from app.directory import queries as directory
from app.directory.errors import DelegateUnknown, UnitUnknown
from app.directory.models import Congress, Delegate, Person
from app.infra import audit, outbox
from app.suggestions import queries
from app.suggestions.errors import (
    NotLeadDelegate,
    ProxyBasisNeeded,
    SeatNeeded,
    SeatNotYours,
    SubmittedOnce,
)
from app.suggestions.events import SuggestionSubmitted
from app.suggestions.models import Suggestion, SuggestionOrigin
from app.suggestions.steps import Doing, step
from app.suggestions.workflow import Act, State, advance


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


async def create(tx: AsyncSession, draft: Draft, *, delegate_id: UUID, doing: Doing) -> Suggestion:
    """A new draft by the delegate's seat, or entered on the delegate's behalf (`doing`)."""
    found = await directory.seat(tx, delegate_id)
    if found is None:
        raise DelegateUnknown
    await _check_unit(tx, draft.proposed_unit_id)
    suggestion = _row(draft, found, doing)
    tx.add(suggestion)
    await tx.flush()
    return suggestion


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


async def edit(tx: AsyncSession, suggestion: Suggestion, changes: dict[str, Any]) -> Suggestion:
    """Change a draft's words; once submitted the text is frozen."""
    advance(State(suggestion.state), Act.EDIT)
    await _check_unit(tx, changes.get("proposed_unit_id"))
    for name, value in changes.items():
        setattr(suggestion, name, value)
    suggestion.revision += 1
    tx.add(suggestion)
    return suggestion


async def submit(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Hand the draft in (提交): the text is frozen, the review clock starts."""
    await step(tx, suggestion, Act.SUBMIT, doing)
    suggestion.submitted_at = doing.now
    outbox.record(
        tx,
        SuggestionSubmitted(
            suggestion_id=suggestion.id,
            region_id=suggestion.region_id,
            confidential=suggestion.confidential,
        ),
        now=doing.now,
        history=doing.historic,
    )


def add_origin(tx: AsyncSession, suggestion_id: UUID, opinion_id: UUID) -> None:
    """Remember the resident's opinion behind a suggestion (called by opinions)."""
    tx.add(SuggestionOrigin(suggestion_id=suggestion_id, opinion_id=opinion_id))


async def discard(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Throw away a draft that was never handed in."""
    if suggestion.submitted_at is not None:
        raise SubmittedOnce
    for origin in await queries.origins(tx, suggestion.id):
        await tx.delete(origin)
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
