"""One row of a ledger lived through again, from raised to judged, each act as history."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.deadlines.lines import Kind
from app.deadlines.queries import open_of_subject_for_update
from app.directory.models import Congress, CongressSession, Organisation
from app.infra import audit
from app.infra.db import sql
from app.operations.importing_ground import seat_post
from app.operations.importing_opinions import CATEGORIES
from app.operations.ledger_sheet import Answered, LedgerRow
from app.suggestions import assigning, co_handling, evaluating, handling, proposing, queries, reviewing
from app.suggestions.assigning import Order
from app.suggestions.evaluating import Judgement
from app.suggestions.handling import PROMISING, Answer, Contact, Promise
from app.suggestions.models import (
    Assignment,
    ContactHow,
    CoSigner,
    Disclosure,
    Mark,
    Outcome,
    Step,
    Suggestion,
)
from app.suggestions.proposing import Draft
from app.suggestions.reply_models import Reply
from app.suggestions.states import Act, Role
from app.suggestions.steps import Doing

CONTACT = "历史台账没有联系记录，按交办之日补记。"
CO_OPINION = "历史台账没有会办意见，按答复之日补记。"
UNPUBLISHED = "历史台账，未经公开审查"

SERIES = re.compile(r"(第[0-9]+届(?:[0-9]+次会议|闭会))第([0-9]+)号")
# Our own numbers of the same series go on behind the ledger's.
REMEMBER = text("""
    INSERT INTO suggestion_numbers AS n (congress_id, series, last) VALUES (:congress, :series, :last)
    ON CONFLICT (congress_id, series) DO UPDATE SET last = greatest(n.last, :last)""")


@dataclass(frozen=True)
class Here:
    """What the congress has already: number → title, and what unnumbered rows are known by."""

    by_number: Mapping[str, str]
    by_words: set[tuple[object, ...]]


@dataclass(frozen=True)
class Raisers:
    """Seats: who leads, and name → seat of those who signed too, in order."""

    lead: UUID
    signers: Mapping[str, UUID]


@dataclass(frozen=True)
class Charged:
    role: Role
    unit: Organisation


@dataclass(frozen=True)
class File:
    """`actor`: the importer, in the lead delegate's seat."""

    suggestion: Suggestion
    actor: Actor

    def doing(self, side: Side, at: datetime) -> Doing:
        return Doing(self.actor, side, at, historic=True)


async def here(tx: AsyncSession, congress: Congress, rows: Sequence[LedgerRow]) -> Here:
    """Who raised it is read from its first step: a lead may have been succeeded since."""
    alike = or_(
        col(Suggestion.number).in_({row.external_id for row in rows}),
        col(Suggestion.title).in_({row.title for row in rows}),
    )
    found = await tx.exec(
        select(Suggestion, Step.on_behalf_of)
        .outerjoin(Step, (col(Step.suggestion_id) == Suggestion.id) & (col(Step.act) == Act.SUBMIT))
        .where(Suggestion.congress_id == congress.id, alike)
    )
    by_number: dict[str, str] = {}
    by_words: set[tuple[object, ...]] = set()
    for known, lead in found:
        by_number[known.number or ""] = known.title
        words = (known.title, lead or known.delegate_name, known.created_at, known.situation, known.proposal)
        by_words.add(words)
    return Here(by_number, by_words)


async def raised(
    tx: AsyncSession, congress: Congress, row: LedgerRow, raisers: Raisers, importer: Actor
) -> File:
    """Handed in with those who signed it; accepted if it has a number or was assigned."""
    actor = replace(importer, posts=(seat_post(congress, raisers.lead),))
    doing = Doing(actor, Side.DELEGATE, row.raised_at, words=_said(row), on_behalf_of=row.lead, historic=True)
    draft = await _draft(tx, congress, row)
    suggestion = await proposing.create(tx, draft, delegate_id=raisers.lead, doing=doing)
    _sign(tx, suggestion, raisers, row.raised_at)
    _note_created(tx, suggestion, doing)
    await proposing.submit(tx, suggestion, doing)
    file = File(suggestion, actor)
    if row.external_id or row.assigned_at:
        suggestion.number = row.external_id
        await reviewing.accept(tx, suggestion, file.doing(Side.CONGRESS, row.assigned_at or row.raised_at))
        await _remember_number(tx, suggestion)
    return file


def _said(row: LedgerRow) -> str | None:
    return f"历史台账：{row.lead}等{row.people_said}人" if row.people_said else None


async def _draft(tx: AsyncSession, congress: Congress, row: LedgerRow) -> Draft:
    meeting = row.meeting
    known = await tx.exec(
        select(CongressSession.id).where(
            CongressSession.congress_id == congress.id,
            CongressSession.term == (meeting.term or 0),
            CongressSession.number == (meeting.number or 0),
        )
    )
    return Draft(
        title=row.title,
        situation=row.situation,
        proposal=row.proposal,
        category=CATEGORIES.get(row.category or "", row.category),
        raised_in="session" if meeting.in_session else "intersession",
        session_id=known.first(),
    )


def _sign(tx: AsyncSession, suggestion: Suggestion, raisers: Raisers, at: datetime) -> None:
    """Who stands in the ledger has signed: nobody is asked again, whether still a delegate or not."""
    tx.add_all(
        CoSigner(
            suggestion_id=suggestion.id, delegate_id=id, name=name, place=place, agreed=True, decided_at=at
        )
        for place, (name, id) in enumerate(raisers.signers.items())
        if id != raisers.lead
    )


def _note_created(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    audit.note(
        tx,
        "suggestion.create",
        actor=doing.actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=doing.now,
    )


async def _remember_number(tx: AsyncSession, suggestion: Suggestion) -> None:
    if found := SERIES.fullmatch(suggestion.number or ""):
        facts = {"congress": suggestion.congress_id, "series": found[1], "last": int(found[2])}
        await sql(tx, REMEMBER, facts)


async def assign(
    tx: AsyncSession, file: File, charged: Sequence[Charged], at: datetime
) -> Sequence[Assignment]:
    """Assigned and signed for on one day: a ledger knows no more."""
    of = {role: [each.unit.id for each in charged if each.role is role] for role in Role}
    order = Order(next(iter(of[Role.LEAD]), None), of[Role.CO], of[Role.SEPARATE])
    await assigning.assign(tx, file.suggestion, order, file.doing(Side.CONGRESS, at))
    made = await queries.assignments(tx, file.suggestion.id)
    for assignment in made:
        await handling.accept(tx, file.suggestion, assignment, file.doing(Side.GOVERNMENT, at))
    return made


async def answer(
    tx: AsyncSession,
    file: File,
    assignments: Sequence[Assignment],
    answered: Answered,
    assigned_at: datetime,
    *,
    now: datetime,
) -> None:
    """The one reply that the ledger has is that of every unit which had to answer the delegate."""
    unit = file.doing(Side.GOVERNMENT, answered.at)
    for assignment in assignments:
        if assignment.role == Role.CO:
            await co_handling.give(tx, file.suggestion, assignment, CO_OPINION, unit)
    for assignment in assignments:
        if assignment.role != Role.CO:
            reply = await _reply(tx, file, assignment, answered, assigned_at)
            await _judge(tx, file, assignment, reply, answered, now=now)


async def _reply(
    tx: AsyncSession, file: File, assignment: Assignment, answered: Answered, assigned_at: datetime
) -> Reply:
    talked = file.doing(Side.GOVERNMENT, assigned_at)
    contact = Contact(ContactHow.PHONE, assigned_at, CONTACT)
    await handling.record_contact(tx, file.suggestion, assignment, contact, talked)
    unit = file.doing(Side.GOVERNMENT, answered.at)
    reply = await handling.draft_reply(tx, file.suggestion, assignment, _answer_of(answered), unit)
    # Most ledgers say 列入计划 and not by when: it is kept as it is, and no promise is made up for it.
    reply.outcome = answered.outcome
    await handling.issue_reply(tx, file.suggestion, assignment, unit)
    return reply


def _answer_of(answered: Answered) -> Answer:
    promises = (Promise(*answered.promise),) if answered.promise else ()
    undated = answered.outcome in PROMISING and not promises
    outcome = Outcome.REFERENCE_ONLY if undated else answered.outcome
    return Answer(answered.content, outcome, Disclosure.ON_REQUEST, UNPUBLISHED, promises)


async def _judge(
    tx: AsyncSession, file: File, assignment: Assignment, reply: Reply, answered: Answered, *, now: datetime
) -> None:
    """The delegate's mark; without one the silence that its window has come to, if it is over."""
    suggestion = file.suggestion
    if answered.mark is not None:
        comment = answered.unhappy if answered.mark is Mark.UNSATISFIED else None
        doing = replace(
            file.doing(Side.DELEGATE, answered.evaluated_at), on_behalf_of=suggestion.delegate_name
        )
        mark = Judgement(answered.mark, comment=comment)
        await evaluating.evaluate(tx, suggestion, mark, doing, reply_id=reply.id)
        return
    running = await open_of_subject_for_update(tx, assignment.id)
    over = [clock.due_at for clock in running if clock.kind == Kind.EVALUATION and clock.due_at <= now]
    for at in over:
        doing = file.doing(Side.CONGRESS, at)
        await evaluating.judge(tx, suggestion, assignment, Act.LAPSE, doing, satisfied=True)
