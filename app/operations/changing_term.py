"""Change of term (换届): the old term's seats end, what they left open goes on under the new one.

Whom the voters chose again goes on leading under the new seat; else the next co-signer who agreed and was
chosen again leads; else nobody evaluates (无评价人), and the unit still owes the reply. Offices, clocks,
replies, evaluations and promises belong to the congress or to units: they do not move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import Membership
from app.accounts.permissions import Side
from app.directory.models import Congress, Delegate
from app.infra import audit
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Invalid
from app.suggestions import cosigning, ending, queries
from app.suggestions.models import CoSigner, Suggestion
from app.suggestions.oversight_models import StandingAuthorisation
from app.suggestions.states import Act, State
from app.suggestions.steps import SYSTEM, Doing, append, step

OVER = (State.CLOSED, State.ARCHIVED, State.WITHDRAWN, State.TRANSFERRED)  # kept with the lead they had


class TermNotNew(Invalid):
    code = "term-not-new"

    def __init__(self, now: int) -> None:
        super().__init__(f"现在已是第 {now} 届，只能换到本届或以后的一届", field="term")


class TermWithoutSeats(Conflict):
    code = "term-without-seats"

    def __init__(self, term: int) -> None:
        super().__init__(f"第 {term} 届还没有代表，请先导入名册：import roster 文件 --term {term}")


class TermBeginsLater(Invalid):
    code = "term-begins-later"

    def __init__(self) -> None:
        super().__init__("换届的日期不能晚于今天", field="on")


class Fate(StrEnum):
    """What becomes of an open suggestion, as the office reads it."""

    RESEATED = "领衔代表连任，继续领衔"
    SUCCEEDED = "由连任的联名人接任领衔"
    NO_EVALUATOR = "无评价人，承办单位仍应答复"
    DRAFT_KEPT = "草稿保留，未提交"
    STILL_COSIGNING = "领衔代表离任而联名未定，请人大办处理"


WAITING = (Fate.DRAFT_KEPT, Fate.STILL_COSIGNING)  # said, and left as they are


@dataclass(frozen=True)
class Moved:
    """One open suggestion. `lead`: who leads it from now on."""

    title: str
    number: str | None
    fate: Fate
    lead: str


@dataclass
class TermChange:
    """What was done. `unasked`: co-signers who had not answered and are delegates no more."""

    congress: str
    term: int
    seats_ended: int = 0
    authorisations_ended: int = 0
    unasked: int = 0
    moved: list[Moved] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        moved = any(item.fate not in WAITING for item in self.moved)
        return moved or bool(self.seats_ended or self.authorisations_ended or self.unasked)


@dataclass(frozen=True)
class Turnover:
    """`again`: an old seat → the new one of whoever was chosen again."""

    again: dict[UUID, UUID]
    old: set[UUID]
    doing: Doing

    def gone(self, seat: UUID) -> bool:
        return seat in self.old and seat not in self.again


async def change_term(
    tx: AsyncSession, congress: Congress, *, term: int, on: date, now: datetime
) -> TermChange:
    """`on`: the local day from which the new term is in office. Safe to repeat: what is done stays as it is,
    what has turned up since (a seat entered late, a suggestion opened anew) is done.

    Raises TermNotNew, TermWithoutSeats, TermBeginsLater.
    """
    await _check(tx, congress, term, on, today=local_date(now))
    done = TermChange(congress.name, term)
    begun = congress.term != term
    congress.term = term
    seats = await _old_seats(tx, congress, term)
    await _end_seats(tx, seats, on, done)
    await _end_authorisations(tx, congress, on, done)
    words = f"换届：第{term}届自{on}起"
    turnover = Turnover(
        await _chosen_again(tx, congress, seats, term),
        {seat.id for seat in seats},
        Doing(SYSTEM, Side.CONGRESS, now, words=words),
    )
    for suggestion in await _open_of(tx, congress, turnover.old):
        await _hand_on(tx, suggestion, turnover, done)
    if begun or done.anything:
        _note(tx, congress, now)
    await tx.flush()
    return done


async def _check(tx: AsyncSession, congress: Congress, term: int, on: date, *, today: date) -> None:
    if term < congress.term:
        raise TermNotNew(congress.term)
    if on > today:
        raise TermBeginsLater
    seat = select(Delegate.id).where(Delegate.congress_id == congress.id, Delegate.term == term).limit(1)
    if (await tx.exec(seat)).first() is None:
        raise TermWithoutSeats(term)


async def _old_seats(tx: AsyncSession, congress: Congress, term: int) -> Sequence[Delegate]:
    rows = await tx.exec(
        select(Delegate)
        .where(Delegate.congress_id == congress.id, Delegate.term < term)
        .order_by(col(Delegate.id))
    )
    return rows.all()


async def _end_seats(tx: AsyncSession, seats: Sequence[Delegate], on: date, done: TermChange) -> None:
    """The seat stays in the file with its end; the post that let its holder act is taken back."""
    for seat in seats:
        if seat.left_on is None:
            seat.left_on = on
            done.seats_ended += 1
    posts = select(Membership).where(col(Membership.delegate_id).in_([seat.id for seat in seats]))
    for post in await tx.exec(posts):
        await tx.delete(post)


async def _end_authorisations(tx: AsyncSession, congress: Congress, on: date, done: TermChange) -> None:
    """What the old presidium allowed ends with it; the new one minutes its own."""
    last = on - timedelta(days=1)
    standing = await tx.exec(
        select(StandingAuthorisation).where(
            StandingAuthorisation.congress_id == congress.id,
            StandingAuthorisation.valid_from < on,
            StandingAuthorisation.valid_until > last,
        )
    )
    for authorisation in standing:
        authorisation.valid_until = last
        done.authorisations_ended += 1


async def _chosen_again(
    tx: AsyncSession, congress: Congress, seats: Sequence[Delegate], term: int
) -> dict[UUID, UUID]:
    rows = await tx.exec(
        select(Delegate.person_id, Delegate.id).where(
            Delegate.congress_id == congress.id, Delegate.term == term, col(Delegate.left_on).is_(None)
        )
    )
    new = dict(rows.all())
    return {seat.id: new[seat.person_id] for seat in seats if seat.person_id in new}


async def _open_of(tx: AsyncSession, congress: Congress, old: set[UUID]) -> Sequence[Suggestion]:
    """Suggestions still open that an old seat leads or has signed, locked in order of entry."""
    signed = select(CoSigner.suggestion_id).where(col(CoSigner.delegate_id).in_(old))
    rows = await tx.exec(
        select(Suggestion)
        .where(
            Suggestion.congress_id == congress.id,
            col(Suggestion.state).not_in(OVER),
            col(Suggestion.delegate_id).in_(old) | col(Suggestion.id).in_(signed),
        )
        .order_by(col(Suggestion.id))
        .with_for_update()
    )
    return rows.all()


async def _hand_on(tx: AsyncSession, suggestion: Suggestion, turnover: Turnover, done: TermChange) -> None:
    await _reseat_signers(tx, suggestion, turnover, done)
    if suggestion.delegate_id not in turnover.old:
        return
    settled = suggestion.no_evaluator
    fate = await _find_lead(tx, suggestion, turnover)
    if fate in (Fate.RESEATED, Fate.SUCCEEDED) or not settled:
        lead = "" if fate is Fate.NO_EVALUATOR else suggestion.delegate_name
        done.moved.append(Moved(suggestion.title, suggestion.number, fate, lead))


async def _reseat_signers(
    tx: AsyncSession, suggestion: Suggestion, turnover: Turnover, done: TermChange
) -> None:
    """Who was chosen again signs, or has signed, from the new seat; who is gone is asked no more."""
    for signer in await queries.cosigners(tx, suggestion.id):
        if (seat := turnover.again.get(signer.delegate_id)) is not None:
            facts = signer.model_dump() | {"delegate_id": seat}
            await tx.delete(signer)
            await tx.flush()
            tx.add(CoSigner(**facts))
        elif signer.agreed is None and turnover.gone(signer.delegate_id):
            await cosigning.remove(tx, suggestion, signer.delegate_id, turnover.doing)
            done.unasked += 1
    await tx.flush()


async def _find_lead(tx: AsyncSession, suggestion: Suggestion, turnover: Turnover) -> Fate:
    if (seat := turnover.again.get(suggestion.delegate_id)) is not None:
        await _note_succession(tx, suggestion, turnover.doing)
        suggestion.delegate_id, suggestion.no_evaluator = seat, False
        return Fate.RESEATED
    if suggestion.state == State.DRAFT:
        return Fate.DRAFT_KEPT
    if suggestion.state == State.COSIGNING:
        return Fate.STILL_COSIGNING
    heir = await _heir(tx, suggestion, turnover)
    if heir is None and suggestion.no_evaluator:
        return Fate.NO_EVALUATOR
    await _succeed(tx, suggestion, heir, turnover.doing)
    return Fate.SUCCEEDED if heir else Fate.NO_EVALUATOR


async def _heir(tx: AsyncSession, suggestion: Suggestion, turnover: Turnover) -> CoSigner | None:
    """The next one, in order, who agreed and holds a seat now."""
    signers = await queries.cosigners(tx, suggestion.id)
    return next((s for s in signers if s.agreed and s.delegate_id not in turnover.old), None)


async def _succeed(tx: AsyncSession, suggestion: Suggestion, heir: CoSigner | None, doing: Doing) -> None:
    if suggestion.state != State.MERGED:
        await ending.succeed_lead(tx, suggestion, heir.delegate_id if heir else None, doing)
        return
    await _note_succession(tx, suggestion, doing)
    suggestion.no_evaluator = heir is None
    if heir is not None:
        suggestion.delegate_id, suggestion.delegate_name = heir.delegate_id, heir.name
        await tx.delete(heir)


async def _note_succession(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Drafts and merged ones are beside the table's path: the file notes it all the same."""
    if suggestion.state in (State.DRAFT, State.COSIGNING, State.MERGED):
        append(tx, suggestion, None, Act.SUCCEED_LEAD, suggestion.state, suggestion.state, doing)
        suggestion.revision += 1
    else:
        await step(tx, suggestion, Act.SUCCEED_LEAD, doing)


def _note(tx: AsyncSession, congress: Congress, now: datetime) -> None:
    audit.note(
        tx,
        "congress.term-change",
        actor="system",
        subject_kind="congress",
        subject_id=congress.id,
        now=now,
        fields=["term", "seats", "leads"],
    )
