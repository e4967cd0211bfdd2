"""The year's suggestions: what delegates raised, who answered, what was promised and kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.demo.county import Unit
from app.demo.days import Days, minutes
from app.demo.history import Story
from app.demo.presence import seat
from app.demo.residents import Case
from app.demo.texts import BASICALLY, CONTACT_NOTES, EVIDENCE, SATISFIED, UNSATISFIED, Matter
from app.infra import audit
from app.kernel.clock import DAY
from app.opinions import answering
from app.opinions.answering import Adoption
from app.suggestions import assigning, ending, evaluating, handling, promising, proposing, queries, reviewing
from app.suggestions.assigning import Order
from app.suggestions.evaluating import Judgement
from app.suggestions.handling import Answer, Contact, Promise
from app.suggestions.models import Assignment, ContactHow, Disclosure, Mark, Outcome, Suggestion
from app.suggestions.proposing import Draft
from app.suggestions.steps import Doing, Paper

BY_PROXY, CONFIRMED, IN_FULL = 0.1, 0.8, 0.85
MARKS = (Mark.SATISFIED, Mark.SATISFIED, Mark.BASICALLY)


@dataclass
class Proposal:
    """One suggestion's story. `times`: of its acts, in order; `signer`: who assigns it.

    `case`: the resident's opinion behind it, heard before it is written. `due_on`: of the promise.
    """

    tx: AsyncSession
    days: Days
    rng: Random
    matter: Matter
    author: Actor
    office: Actor
    signer: Actor
    unit: Unit
    times: Iterator[datetime]
    outcome: Outcome
    satisfied: bool = True
    due_on: date | None = None
    case: Case | None = None
    at: datetime | None = None
    row: Suggestion | None = None
    assignment: Assignment | None = None

    @property
    def suggestion(self) -> Suggestion:
        assert self.row is not None  # every story begins with writing
        return self.row

    @property
    def assigned(self) -> Assignment:
        assert self.assignment is not None  # units act after the assignment
        return self.assignment

    @property
    def now(self) -> datetime:
        assert self.at is not None  # nobody acts before the first instant
        return self.at

    def next(self) -> datetime:
        self.at = next(self.times)
        return self.at

    def doing(
        self, actor: Actor, side: Side, *, doc: str | None = None, signer: Actor | None = None
    ) -> Doing:
        """With the paper's number and signer where the act has a paper."""
        number = (self.suggestion.number or "").rpartition("第")[2]
        paper = Paper(
            doc_no=f"{doc}〔{self.now.year}〕{number}" if doc else None,
            signer=signer.name if signer else None,
        )
        return Doing(actor, side, self.now, paper=paper, historic=True)


Chapter = Callable[[Proposal], Story]


async def told(proposal: Proposal, chapters: int) -> Story:
    """The writing, and so many of the acts that follow."""
    for chapter in (written, *CHAPTERS[:chapters]):
        async for at in chapter(proposal):
            yield at


async def written(p: Proposal) -> Story:
    """By the delegate's own hand; from a resident's opinion with an analysis of his own."""
    yield p.next()
    draft = Draft(p.matter.title, p.matter.situation, p.matter.proposal, p.matter.topic.category)
    if p.case is not None:
        adoption = Adoption(draft.title, draft.situation, draft.proposal, draft.category)
        p.row = await answering.adopt(p.tx, [p.case.opinion], adoption, p.author, p.now, historic=True)
        return
    doing = Doing(p.author, Side.DELEGATE, p.now, historic=True)
    p.row = await proposing.create(p.tx, draft, delegate_id=seat(p.author), doing=doing)
    audit.note(
        p.tx,
        "suggestion.create",
        actor=p.author.label,
        subject_kind="suggestion",
        subject_id=p.row.id,
        now=p.now,
    )


async def submitted(p: Proposal) -> Story:
    p.at = p.now + minutes(40)
    yield p.at
    await proposing.submit(p.tx, p.suggestion, p.doing(p.author, Side.DELEGATE))


async def reviewed(p: Proposal) -> Story:
    yield p.next()
    await reviewing.accept(p.tx, p.suggestion, p.doing(p.office, Side.CONGRESS))


async def assigned(p: Proposal) -> Story:
    """Signed by the chair, in the county by the deputies' committee."""
    yield p.next()
    doing = p.doing(p.signer, Side.CONGRESS, doc="人建交", signer=p.signer)
    p.assignment = await assigning.assign(p.tx, p.suggestion, Order(p.unit.row.id), doing)


async def accepted(p: Proposal) -> Story:
    yield p.next()
    await handling.accept(p.tx, p.suggestion, p.assigned, p.doing(p.unit.officer, Side.GOVERNMENT))


async def contacted(p: Proposal) -> Story:
    """The unit talks with the delegate, who mostly confirms the day after."""
    yield p.next()
    how = p.rng.choice(list(ContactHow))
    note = p.matter.fill(CONTACT_NOTES[how])
    talk = Contact(how, p.now - minutes(30), note, p.unit.officer.name, "officer")
    doing = p.doing(p.unit.officer, Side.GOVERNMENT)
    record = await handling.record_contact(p.tx, p.suggestion, p.assigned, talk, doing)
    if p.rng.random() < CONFIRMED and p.now + DAY < p.days.now:
        p.at = p.now + DAY
        yield p.at
        doing = p.doing(p.author, Side.DELEGATE)
        await handling.confirm_contact(p.tx, p.suggestion, record.id, happened=True, doing=doing)


async def drafted(p: Proposal) -> Story:
    yield p.next()
    in_full = p.rng.random() < IN_FULL
    owner = f"{p.unit.row.name} {p.unit.officer.name}"
    promises = (Promise(p.matter.promise, p.due_on, owner),) if p.due_on else ()
    answer = Answer(
        content=p.matter.reply(p.outcome),
        outcome=p.outcome,
        disclosure=Disclosure.FULL if in_full else Disclosure.SUMMARY,
        disclosure_reason=None if in_full else "涉及尚在商谈的项目，公开摘要",
        promises=promises,
    )
    doing = p.doing(p.unit.officer, Side.GOVERNMENT)
    await handling.draft_reply(p.tx, p.suggestion, p.assigned, answer, doing)


async def issued(p: Proposal) -> Story:
    yield p.next()
    doing = p.doing(p.unit.head, Side.GOVERNMENT, doc="复函", signer=p.unit.head)
    await handling.issue_reply(p.tx, p.suggestion, p.assigned, doing)


async def evaluated(p: Proposal) -> Story:
    """By the delegate, now and then on paper that the office enters; never by the unit."""
    yield p.next()
    by_proxy = p.rng.random() < BY_PROXY
    doing = p.doing(p.office, Side.CONGRESS) if by_proxy else p.doing(p.author, Side.DELEGATE)
    basis = "signed_paper" if by_proxy else None
    await evaluating.evaluate(p.tx, p.suggestion, _judgement(p), doing, proxy_basis=basis)


def _judgement(p: Proposal) -> Judgement:
    if not p.satisfied:
        return Judgement(
            Mark.UNSATISFIED, comment=p.rng.choice(UNSATISFIED), reason_may_reach_unit=p.rng.random() < 0.5
        )
    mark = p.rng.choice(MARKS)
    comment = p.rng.choice(SATISFIED if mark is Mark.SATISFIED else BASICALLY)
    return Judgement(mark, comment=comment)


async def fulfilled(p: Proposal) -> Story:
    """The promise is kept, the delegate confirms, the office closes."""
    yield p.next()
    unit = p.doing(p.unit.officer, Side.GOVERNMENT)
    for promise in await queries.commitments(p.tx, [p.assigned.id]):
        evidence = p.rng.choice(EVIDENCE)
        await promising.fulfil(p.tx, p.suggestion, p.assigned, promise, evidence, unit)
        await promising.reply_further(
            p.tx,
            p.suggestion,
            p.assigned,
            content=evidence,
            outcome=Outcome.SOLVED,
            commitment_id=promise.id,
            doing=unit,
        )
        author = p.doing(p.author, Side.DELEGATE)
        await promising.confirm(
            p.tx, p.suggestion, p.assigned, promise, kept=True, seen_how="site", doing=author
        )
    await ending.close(p.tx, p.suggestion, p.doing(p.office, Side.CONGRESS))


CHAPTERS: tuple[Chapter, ...] = (
    submitted,
    reviewed,
    assigned,
    accepted,
    contacted,
    drafted,
    issued,
    evaluated,
    fulfilled,
)
