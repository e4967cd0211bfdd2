"""Co-signers confirm and are each answered (联名); seconders only support (附议)."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.directory import queries as directory
from app.suggestions import queries
from app.suggestions.errors import (
    CosignerElsewhere,
    CosignerUnknown,
    DelegateAbsent,
    NotCosigner,
)
from app.suggestions.events import SuggestionSubmitted
from app.suggestions.models import CoSigner, Seconder, Suggestion
from app.suggestions.states import Act, State
from app.suggestions.steps import Doing, announce, step


async def invite(tx: AsyncSession, suggestion: Suggestion, delegate_ids: Sequence[UUID]) -> None:
    """Name the co-signers of a draft, in order; they must hold seats in the same congress."""
    for old in await queries.cosigners(tx, suggestion.id):
        await tx.delete(old)
    await tx.flush()
    for place, id in enumerate(dict.fromkeys(delegate_ids)):
        found = await directory.seat(tx, id)
        if found is None or id == suggestion.delegate_id or found[0].left_on is not None:
            raise CosignerElsewhere
        if found[0].congress_id != suggestion.congress_id:
            raise CosignerElsewhere
        tx.add(CoSigner(suggestion_id=suggestion.id, delegate_id=id, name=found[1].name, place=place))


async def decide(tx: AsyncSession, suggestion: Suggestion, *, agree: bool, seat: UUID, doing: Doing) -> None:
    """A co-signer confirms or declines; when all have decided the suggestion is submitted."""
    mine = [c for c in await queries.cosigners(tx, suggestion.id) if c.delegate_id == seat]
    if not mine or mine[0].agreed is not None:
        raise NotCosigner
    await step(tx, suggestion, Act.COSIGN, doing)
    mine[0].agreed, mine[0].decided_at = agree, doing.now
    await finish(tx, suggestion, doing)


def seat_among(actor: Actor, signers: Sequence[CoSigner], *, on_behalf_of: UUID | None = None) -> UUID:
    """The actor's own place among the co-signers, or the one the office enters for; NotCosigner."""
    seats = {on_behalf_of} if on_behalf_of else actor.delegate_ids
    for signer in signers:
        if signer.delegate_id in seats:
            return signer.delegate_id
    raise NotCosigner


async def remove(tx: AsyncSession, suggestion: Suggestion, delegate_id: UUID, doing: Doing) -> None:
    """The lead takes a co-signer off who has not answered."""
    signers = await queries.cosigners(tx, suggestion.id)
    gone = next((c for c in signers if c.delegate_id == delegate_id), None)
    if gone is None:
        raise CosignerUnknown
    await step(tx, suggestion, Act.REMOVE_COSIGNER, doing)
    await tx.delete(gone)
    await tx.flush()
    await finish(tx, suggestion, doing)


async def finish(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """All have decided: it goes to the office."""
    waiting = [c for c in await queries.cosigners(tx, suggestion.id) if c.agreed is None]
    if waiting or suggestion.state != State.COSIGNING:
        return
    await step(tx, suggestion, Act.COSIGNED, doing)
    suggestion.submitted_at = doing.now
    announce(tx, SuggestionSubmitted, suggestion, doing)


async def second(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Support it; a second time changes nothing."""
    seats = [s.delegate_id for s in doing.actor.seats if s.scope_id == suggestion.congress_id]
    if not seats or seats[0] is None or suggestion.delegate_id in doing.actor.delegate_ids:
        raise DelegateAbsent
    seat = seats[0]
    if any(known.delegate_id == seat for known in await queries.seconders(tx, suggestion.id)):
        return
    await step(tx, suggestion, Act.SECOND, doing)
    tx.add(Seconder(suggestion_id=suggestion.id, delegate_id=seat, name=doing.actor.name, at=doing.now))
