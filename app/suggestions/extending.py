"""延期: the unit asks before the old date, the congress decides before it, within the pack's cap."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.queries import open_of_subject_for_update
from app.deadlines.service import Start, Subject
from app.suggestions import queries
from app.suggestions.errors import ExtensionWaiting, RequestUnknown, UntilMissing
from app.suggestions.events import ExtensionDecided, ExtensionRequested
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.reply_models import Request
from app.suggestions.states import Act
from app.suggestions.steps import Doing, announce, step_assignment


async def request(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, *, until: date, doing: Doing
) -> Request:
    """Ask for more time; one request at a time, refused at once where no extension is possible."""
    await step_assignment(tx, suggestion, assignment, Act.REQUEST_EXTENSION, doing)
    if await queries.open_request(tx, assignment.id, "extension"):
        raise ExtensionWaiting
    clock = await _main_clock(tx, assignment)
    await clocks.extension(tx, clock, until=until, now=doing.now)
    asked = Request(
        assignment_id=assignment.id,
        what="extension",
        round=assignment.round,
        reason=doing.words or "",
        until=until,
        asked_by=doing.actor.id,
        asked_at=doing.now,
    )
    tx.add(asked)
    await tx.flush()
    await _start_decision(tx, suggestion, asked, doing)
    announce(
        tx, ExtensionRequested, suggestion, doing, assignment_id=assignment.id, unit_id=assignment.unit_id
    )
    return asked


async def _main_clock(tx: AsyncSession, assignment: Assignment) -> Deadline:
    main = (Kind.REPLY, Kind.REHANDLING_REPLY)
    return next(c for c in await open_of_subject_for_update(tx, assignment.id) if c.kind in main)


async def _start_decision(tx: AsyncSession, suggestion: Suggestion, asked: Request, doing: Doing) -> None:
    subject = Subject(
        kind=SubjectKind.REQUEST,
        id=asked.id,
        root_id=suggestion.id,
        region_id=suggestion.region_id,
        level=Level(suggestion.level),
    )
    start = Start(on=doing.today, now=doing.now, historic=doing.historic)
    await clocks.start(tx, Kind.EXTENSION_DECISION, subject, start)


async def decide(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    *,
    agree: bool,
    until: date | None,
    doing: Doing,
) -> None:
    """Agreed, the due date moves and the old one stays in the history; the delegate is told."""
    await step_assignment(tx, suggestion, assignment, Act.DECIDE_EXTENSION, doing)
    asked = await queries.open_request(tx, assignment.id, "extension")
    if asked is None:
        raise RequestUnknown
    end = until or asked.until
    if agree and end is None:
        raise UntilMissing
    asked.agreed, asked.decided_at, asked.decision_reason = agree, doing.now, doing.words
    await clocks.stop(tx, asked.id, {Kind.EXTENSION_DECISION}, reason=Act.DECIDE_EXTENSION, now=doing.now)
    if agree and end is not None:
        asked.agreed_until = end
        await clocks.extend(
            tx,
            assignment.id,
            Kind((await _main_clock(tx, assignment)).kind),
            until=end,
            reason=doing.words or asked.reason,
            by=doing.actor.name,
            now=doing.now,
        )
    announce(
        tx,
        ExtensionDecided,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        agreed=agree,
        reply_due_on=end if agree else None,
    )


async def lapse_requests(tx: AsyncSession, assignment: Assignment, *, reason: str, doing: Doing) -> None:
    """What the unit has asked needs no answer any more: replied, handed back or withdrawn."""
    for asked in await queries.requests(tx, [assignment.id]):
        if asked.decided_at is None:
            asked.decided_at, asked.agreed = doing.now, False
            asked.decision_reason = "办理环节已变动，申请终止"
            await clocks.stop(tx, asked.id, {Kind.EXTENSION_DECISION}, reason=reason, now=doing.now)
