"""微实事: a small matter goes to a unit, which takes it up or hands it back, asks for time, and answers.

Five working days, at most ten more (pack rows `micro_matter`, `micro_return`); the office decides on more
time before the old date. An accusation reaches no unit (domain.md 3).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import Recused
from app.deadlines import changing
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.service import Start
from app.directory import queries as directory
from app.directory.errors import UnitUnknown
from app.kernel.clock import local_date
from app.opinions import answering, queries
from app.opinions.errors import (
    AccusationStays,
    ExtensionAskedAlready,
    ExtensionNotAsked,
    ReferralUnknown,
    ReturnTooLate,
)
from app.opinions.events import (
    ExtensionAsked,
    ExtensionGiven,
    OpinionReferred,
    ReferralReturned,
    ReferralTakenUp,
)
from app.opinions.models import Opinion, Referral, ReferralExtension
from app.opinions.steps import By, step, subject_of, tell
from app.opinions.workflow import Act

OF_THE_UNIT = {Act.TAKE_UP, Act.HAND_BACK, Act.ASK_TIME, Act.REPLY}


@dataclass(frozen=True)
class Handling:
    """A referred opinion, locked, with its referral and the clerk of the unit that has it."""

    opinion: Opinion
    referral: Referral
    by: By


async def refer(tx: AsyncSession, opinion: Opinion, unit_id: UUID, by: By) -> Referral:
    """Hand it to one unit. Raises AccusationStays, UnitUnknown."""
    if opinion.accusing:
        raise AccusationStays
    unit = await directory.unit(tx, unit_id)
    if unit is None:
        raise UnitUnknown
    opinion.unit_id = unit.id
    await step(tx, opinion, Act.REFER, by, words=unit.name)
    referral = Referral(opinion_id=opinion.id, unit_id=unit.id, unit_name=unit.name, referred_at=by.now)
    tx.add(referral)
    tell(tx, OpinionReferred, opinion, by, unit_id=unit.id)
    return referral


async def handled(tx: AsyncSession, opinion: Opinion, actor: Actor, now: datetime) -> Handling:
    """The standing referral to the actor's unit. ReferralUnknown; Recused who acted for another side."""
    referral = await queries.standing_referral(tx, opinion.id)
    if referral is None or referral.unit_id not in actor.unit_ids:
        raise ReferralUnknown
    if await queries.acts_by(tx, opinion.id, actor.label) - OF_THE_UNIT:
        raise Recused
    by = By(actor.label, actor.name, now, office=referral.unit_name)
    return Handling(opinion, referral, by)


async def take_up(tx: AsyncSession, h: Handling) -> None:
    """签收: from now on it is this unit's to finish."""
    await step(tx, h.opinion, Act.TAKE_UP, h.by)
    h.referral.accepted_at = h.by.now
    tx.add(h.referral)
    tell(tx, ReferralTakenUp, h.opinion, h.by, unit_id=h.referral.unit_id)


async def hand_back(tx: AsyncSession, h: Handling, reason: str) -> None:
    """Misrouted: back to the office, within the window. Raises ReturnTooLate."""
    await _need_time_to_return(tx, h)
    unit_id, h.opinion.unit_id = h.referral.unit_id, None
    await step(tx, h.opinion, Act.HAND_BACK, h.by, words=reason)
    h.referral.returned_at, h.referral.return_reason = h.by.now, reason
    tx.add(h.referral)
    tell(tx, ReferralReturned, h.opinion, h.by, unit_id=unit_id)


async def _need_time_to_return(tx: AsyncSession, h: Handling) -> None:
    due_at = await queries.open_due(tx, h.opinion.id, Kind.MICRO_RETURN)
    if due_at is not None and h.by.now >= due_at:
        raise ReturnTooLate


async def ask_time(tx: AsyncSession, h: Handling, *, until: date, reason: str) -> None:
    """申请延期: one request at a time; refused at once where no extension is possible.

    Raises ExtensionAskedAlready, ExtensionRefused.
    """
    if await queries.open_extension(tx, h.referral.id):
        raise ExtensionAskedAlready
    clock = await changing.running(tx, h.opinion.id, Kind.MICRO_MATTER)
    await clocks.extension(tx, clock, until=until, now=h.by.now)
    await step(tx, h.opinion, Act.ASK_TIME, h.by, words=f"{until}｜{reason}")
    asked = ReferralExtension(referral_id=h.referral.id, until=until, reason=reason, asked_at=h.by.now)
    tx.add(asked)
    await tx.flush()
    subject = subject_of(h.opinion, kind=SubjectKind.REQUEST, id=asked.id)
    await clocks.start(tx, Kind.EXTENSION_DECISION, subject, Start(on=local_date(h.by.now), now=h.by.now))
    tell(tx, ExtensionAsked, h.opinion, h.by, unit_id=h.referral.unit_id)


async def give_time(tx: AsyncSession, opinion: Opinion, *, agree: bool, reason: str, by: By) -> None:
    """The office decides on the request: an agreed one moves the due date, the old one stays in the history.

    Raises ExtensionNotAsked; ExtensionRefused once the old date is over: the lateness stays.
    """
    referral = await queries.standing_referral(tx, opinion.id)
    asked = await queries.open_extension(tx, referral.id) if referral else None
    if asked is None:
        raise ExtensionNotAsked
    await step(tx, opinion, Act.GIVE_TIME, by, words=f"{'同意' if agree else '不同意'}｜{reason}")
    if agree:
        await clocks.extend(
            tx, opinion.id, Kind.MICRO_MATTER, until=asked.until, reason=reason, by=by.label, now=by.now
        )
    asked.decided_at, asked.agreed, asked.decision_reason = by.now, agree, reason
    tx.add(asked)
    await clocks.stop(tx, asked.id, {Kind.EXTENSION_DECISION}, reason=Act.GIVE_TIME, now=by.now)
    tell(tx, ExtensionGiven, opinion, by, agreed=agree)


async def reply(tx: AsyncSession, h: Handling, content: str) -> None:
    """The unit's answer reaches the resident in the unit's name; a request for time is over."""
    if asked := await queries.open_extension(tx, h.referral.id):
        asked.decided_at, asked.agreed, asked.decision_reason = h.by.now, False, "已答复，无需延期"
        tx.add(asked)
        await clocks.stop(tx, asked.id, {Kind.EXTENSION_DECISION}, reason=Act.REPLY, now=h.by.now)
    h.referral.replied_at = h.by.now
    tx.add(h.referral)
    await answering.bring_reply(tx, h.opinion, content, h.referral.unit_name, h.by)
