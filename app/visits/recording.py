"""A visit is recorded, and each issue goes where the delegate wants it to go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.directory import queries as directory
from app.directory.errors import DelegateUnknown
from app.infra import audit, outbox
from app.kernel.clock import local_date
from app.opinions import receiving
from app.opinions.models import Source
from app.opinions.receiving import From, Words
from app.opinions.rules import Category, Route
from app.opinions.steps import By, staff
from app.suggestions import proposing
from app.suggestions.proposing import Draft
from app.suggestions.steps import Doing
from app.uploads import service as uploads
from app.visits import queries
from app.visits.events import VisitRecorded
from app.visits.models import VisitIssue, VisitPhoto, VoterVisit, Wants
from app.visits.rules import PROPOSAL_TO_COME, check_day, title_of


@dataclass(frozen=True)
class Issue:
    content: str
    wants: Wants
    category: Category | None = None


@dataclass(frozen=True)
class Account:
    """What the delegate tells of a visit; `client_id` names it for ever. `visited_on`: a local day."""

    client_id: str
    visited_on: date
    place: str
    summary: str
    households: int | None = None
    people_met: int | None = None
    issues: Sequence[Issue] = field(default=())
    uploads: Sequence[UUID] = field(default=())


@dataclass(frozen=True)
class Recorded:
    """`new` is False where this client id came before; `receipts` of opinions by issue, known only now."""

    visit: VoterVisit
    new: bool
    receipts: dict[UUID, str] = field(default_factory=dict)


async def record(
    tx: AsyncSession,
    account: Account,
    delegate_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    historic: bool = False,
) -> Recorded:
    """Keep a visit once, however often it is sent, with photos, draft suggestions and opinions.

    `historic`: entered afterwards from older records, `now` being its own time; nobody is told.
    Raises VisitInFuture, VisitTooLongAgo, UploadUnknown.
    """
    known = await queries.by_client(tx, delegate_id, account.client_id)
    if known is not None:
        return Recorded(known, new=False)
    check_day(account.visited_on, today=local_date(now))
    visit = await _visit(tx, account, delegate_id, now)
    if not await _keep(tx, visit):
        twin = await queries.by_client(tx, delegate_id, account.client_id)
        assert twin is not None  # the insert has just met it
        return Recorded(twin, new=False)
    await _attach(tx, visit, account.uploads, owner=actor.label)
    receipts = await _raise_issues(tx, visit, account.issues, staff(actor, now, historic=historic), actor)
    _announce(tx, visit, actor, now, historic=historic)
    await tx.flush()
    return Recorded(visit, new=True, receipts=receipts)


async def _visit(tx: AsyncSession, account: Account, delegate_id: UUID, now: datetime) -> VoterVisit:
    seat = await directory.seat(tx, delegate_id)
    if seat is None:
        raise DelegateUnknown
    return VoterVisit(
        client_id=account.client_id,
        delegate_id=delegate_id,
        region_id=seat[2].region_id,
        visited_on=account.visited_on,
        place=account.place,
        households=account.households,
        people_met=account.people_met,
        summary=account.summary,
        created_at=now,
    )


async def _keep(tx: AsyncSession, visit: VoterVisit) -> bool:
    """Whether it was new; a concurrent twin is waited for."""
    once = insert(VoterVisit).values(visit.model_dump())
    once = once.on_conflict_do_nothing(index_elements=["delegate_id", "client_id"])
    return (await tx.exec(once.returning(col(VoterVisit.id)))).first() is not None


async def _attach(tx: AsyncSession, visit: VoterVisit, ids: Sequence[UUID], *, owner: str) -> None:
    claimed = await uploads.claim(tx, ids, owner=owner)
    for position, upload in enumerate(claimed):
        tx.add(VisitPhoto(visit_id=visit.id, upload_id=upload.id, position=position))


async def _raise_issues(
    tx: AsyncSession, visit: VoterVisit, issues: Sequence[Issue], by: By, actor: Actor
) -> dict[UUID, str]:
    receipts: dict[UUID, str] = {}
    for position, issue in enumerate(issues):
        row = VisitIssue(visit_id=visit.id, position=position, **vars(issue))
        if issue.wants is Wants.SUGGESTION:
            row.suggestion_id = await _draft(tx, visit, issue, by, actor)
        elif issue.wants is Wants.OPINION:
            row.opinion_id, receipts[row.id] = await _opinion(tx, visit, issue, by)
        tx.add(row)
    return receipts


async def _draft(tx: AsyncSession, visit: VoterVisit, issue: Issue, by: By, actor: Actor) -> UUID:
    """A draft of the delegate's own, without a proposal yet, to be finished and handed in by the delegate."""
    draft = Draft(
        title=title_of(issue.content),
        situation=issue.content,
        proposal=PROPOSAL_TO_COME,
        category=issue.category,
    )
    doing = Doing(actor, Side.DELEGATE, by.now, historic=by.historic)
    suggestion = await proposing.create(tx, draft, delegate_id=visit.delegate_id, doing=doing)
    _note(tx, "suggestion.create", "suggestion", suggestion.id, actor, by.now)
    return suggestion.id


async def _opinion(tx: AsyncSession, visit: VoterVisit, issue: Issue, by: By) -> tuple[UUID, str]:
    """A resident's opinion typed in by the delegate: straight to the congress, as no station took it."""
    words = Words(content=issue.content, category=issue.category, place=visit.place, route=Route.TOWNSHIP)
    came = From(Source.WALK_IN, by.label)
    received = await receiving.record(tx, words, came, by, region_id=visit.region_id)
    return received.opinion.id, received.receipt


def _announce(tx: AsyncSession, visit: VoterVisit, actor: Actor, now: datetime, *, historic: bool) -> None:
    event = VisitRecorded(visit_id=visit.id, delegate_id=visit.delegate_id, region_id=visit.region_id)
    outbox.record(tx, event, now=now, history=historic)
    _note(tx, "visit.record", "visit", visit.id, actor, now)


def _note(tx: AsyncSession, action: str, kind: str, id: UUID, actor: Actor, now: datetime) -> None:
    audit.note(tx, action, actor=actor.label, subject_kind=kind, subject_id=id, now=now)
