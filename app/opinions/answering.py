"""What delegates and the office do with an opinion: answer, adopt, ask back, move out, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.infra import audit
from app.opinions import publishing, queries
from app.opinions.errors import AnalysisForwards, NotToldYet
from app.opinions.events import (
    OpinionAdopted,
    OpinionAnswered,
    OpinionClosed,
    OpinionTold,
    OpinionTransferred,
)
from app.opinions.models import Opinion, OpinionMessage, ToldHow, TransferredTo
from app.opinions.rules import merely_forwards
from app.opinions.steps import By, staff, step, system, tell
from app.opinions.workflow import Act, State
from app.suggestions import evaluating, proposing
from app.suggestions.models import Suggestion
from app.suggestions.proposing import Draft
from app.suggestions.steps import Doing

QUIET = timedelta(days=15)  # domain.md 3: told or available for 15 calendar days closes


@dataclass(frozen=True)
class Adoption:
    """A delegate's own analysis of one or more opinions, and what ought to be done.

    Without a `category` it is of the opinions' own.
    """

    title: str
    analysis: str
    proposal: str
    category: str | None = None


async def recommend(tx: AsyncSession, opinion: Opinion, by: By, *, what: str, note: str) -> None:
    """The keeper or a delegate recommends; the office decides."""
    await step(tx, opinion, Act.RECOMMEND, by, words=f"{what}：{note}")


async def answer(tx: AsyncSession, opinion: Opinion, content: str, by: By) -> None:
    """Explain to the resident. A delegate explains or passes on, never disposes (代表法 §31)."""
    await step(tx, opinion, Act.ANSWER, by)
    await _set_result(tx, opinion, content, by.shown, by)
    tell(tx, OpinionAnswered, opinion, by)


async def _set_result(tx: AsyncSession, opinion: Opinion, content: str, author: str, by: By) -> None:
    """What the resident reads, and everybody whose opinion was merged into this one."""
    opinion.result, opinion.result_by, opinion.result_at = content, author, by.now
    opinion.told_at = opinion.told_how = None
    await publishing.take_down(tx, opinion, by)
    for merged in await queries.merged_into(tx, opinion.id):
        await step(tx, merged, Act.RESULT, by)
        await _set_result(tx, merged, content, author, by)
        tell(tx, OpinionAnswered, merged, by)


async def adopt(
    tx: AsyncSession,
    opinions: Sequence[Opinion],
    adoption: Adoption,
    actor: Actor,
    now: datetime,
    *,
    historic: bool = False,
) -> Suggestion:
    """Take residents' opinions up into one draft suggestion of the delegate's seat."""
    if merely_forwards(adoption.analysis, [opinion.content for opinion in opinions]):
        raise AnalysisForwards
    seat = proposing.own_seat(actor, None)
    draft = Draft(
        title=adoption.title,
        situation=adoption.analysis,
        proposal=adoption.proposal,
        category=adoption.category or next((o.category for o in opinions if o.category), None),
        confidential=any(opinion.confidential for opinion in opinions),
    )
    assert seat.delegate_id is not None  # a seat has its delegate
    doing = Doing(actor, Side.DELEGATE, now, historic=historic)
    suggestion = await proposing.create(tx, draft, delegate_id=seat.delegate_id, doing=doing)
    for opinion in opinions:
        await _link(tx, opinion, suggestion, staff(actor, now, historic=historic))
    audit.note(
        tx,
        "suggestion.create",
        actor=actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=now,
    )
    return suggestion


async def _link(tx: AsyncSession, opinion: Opinion, suggestion: Suggestion, by: By) -> None:
    await step(tx, opinion, Act.ADOPT, by)
    for behind in (opinion, *await queries.merged_into(tx, opinion.id)):
        behind.suggestion_id = suggestion.id
        proposing.add_origin(tx, suggestion.id, behind.id)
    tell(tx, OpinionAdopted, opinion, by, suggestion_id=suggestion.id)


async def bring_result(tx: AsyncSession, suggestion_id: UUID, content: str, author: str, by: By) -> int:
    """The suggestion behind adopted opinions has its result: each resident gets it."""
    behind = await queries.of_suggestion(tx, suggestion_id)
    for opinion in behind:
        await step(tx, opinion, Act.RESULT, by)
        await _set_result(tx, opinion, content, author, by)
        tell(tx, OpinionAnswered, opinion, by)
    return len(behind)


async def bring_reply(tx: AsyncSession, opinion: Opinion, content: str, author: str, by: By) -> None:
    """The unit that handled it has answered."""
    await step(tx, opinion, Act.REPLY, by)
    await _set_result(tx, opinion, content, author, by)
    tell(tx, OpinionAnswered, opinion, by)


async def bring_from_outside(tx: AsyncSession, opinion: Opinion, content: str, author: str, by: By) -> None:
    """A partner system has finished it: the resident gets the result and is to be told."""
    await step(tx, opinion, Act.OUTSIDE_RESULT, by)
    opinion.closed_at = None
    await _set_result(tx, opinion, content, author, by)
    tell(tx, OpinionAnswered, opinion, by)


async def release_orphans(tx: AsyncSession, *, now: datetime, limit: int) -> int:
    """What was adopted into a draft that is no more; that draft took its link along (ON DELETE SET NULL)."""
    orphans = await queries.orphaned(tx, limit=limit)
    for opinion in orphans:
        await step(tx, opinion, Act.RELEASE, system(now))
    return len(orphans)


async def transfer(
    tx: AsyncSession, opinion: Opinion, by: By, *, to: str, reason: str, reference: str | None
) -> None:
    """Move it to whom the law gives it; the resident reads where, why, and under which number."""
    await step(tx, opinion, Act.TRANSFER, by, words=f"{to}｜{reason}｜{reference or ''}")
    opinion.transferred_to, opinion.transfer_reference = to, reference
    opinion.accusing = opinion.accusing or to == TransferredTo.DISCIPLINE
    await _set_result(tx, opinion, transferred_words(to, reason, reference), by.shown, by)
    tell(tx, OpinionTransferred, opinion, by, to=to)


PLACES = {
    "petition": "信访部门",
    "hotline": "12345 政务服务便民热线",
    "discipline": "纪检监察机关",
    "other": "有权处理的机关",
}


def transferred_words(to: str, reason: str, reference: str | None) -> str:
    number = f"，登记号 {reference}" if reference else ""
    return f"您反映的事项已转{PLACES[to]}{number}。原因：{reason}"


async def ask(tx: AsyncSession, opinion: Opinion, content: str, by: By) -> None:
    """Ask the resident back on the receipt's page."""
    await step(tx, opinion, Act.ASK, by)
    tx.add(OpinionMessage(opinion_id=opinion.id, by="office", content=content, at=by.now))


async def note_told(
    tx: AsyncSession, opinion: Opinion, how: ToldHow, by: By, *, words: str | None = None
) -> None:
    """The resident knows the result: read, or phoned, visited, posted at the station."""
    await step(tx, opinion, Act.TELL, by, words=words)
    opinion.told_at, opinion.told_how = by.now, how
    if how is ToldHow.POSTED and publishing.may_be_public(opinion):
        await publishing.show(tx, opinion, publishing.Wording(), by)
    if opinion.suggestion_id:
        await evaluating.note_told(tx, opinion.suggestion_id, opinion.id, now=by.now)
    tell(tx, OpinionTold, opinion, by)


def need_told(opinion: Opinion, now: datetime) -> None:
    """The office closes what was told, or was available, unread, for 15 calendar days (domain.md 3).

    Whoever left no contact can only come by the receipt's page. Raises NotToldYet.
    """
    if opinion.state != State.ANSWERED or opinion.result_at is None:
        return
    available = opinion.contact_sealed is None and opinion.result_at + QUIET <= now
    if not available:
        raise NotToldYet


async def close(tx: AsyncSession, opinion: Opinion, by: By) -> None:
    await step(tx, opinion, Act.CLOSE, by)
    opinion.closed_at = by.now
    tell(tx, OpinionClosed, opinion, by)


async def close_quiet(tx: AsyncSession, *, now: datetime, limit: int) -> int:
    """Close what has been told, or available unread without a contact, for 15 calendar days."""
    quiet = await queries.to_close(tx, before=now - QUIET, limit=limit)
    for opinion in quiet:
        if opinion.state == State.ANSWERED and opinion.suggestion_id:
            await evaluating.note_told(tx, opinion.suggestion_id, opinion.id, now=now)
        await close(tx, opinion, system(now))
    return len(quiet)
