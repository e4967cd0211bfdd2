"""Assignment (交办), dispatch (分办) and return (退办)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.permissions import Role as Post
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.queries import open_of_subject_for_update
from app.directory import queries as directory
from app.directory.errors import UnitMayNotReply, UnitUnknown
from app.directory.models import Level, Organisation
from app.suggestions import extending, queries
from app.suggestions.errors import (
    AlreadyAssigned,
    DuplicateUnit,
    LeadMissing,
    RequestUnknown,
    ReturnClosed,
    UnitElsewhere,
)
from app.suggestions.events import (
    ReturnDecided,
    ReturnRequested,
    SuggestionAssigned,
    SuggestionDispatched,
)
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.reply_models import Request
from app.suggestions.state_clocks import at_assignment
from app.suggestions.states import Act, AssignmentState, Role, State
from app.suggestions.steps import Doing, announce, mirror, open_clocks, step, step_assignment
from app.suggestions.workflow import ANSWERING, GONE, RUNNING


@dataclass(frozen=True)
class Order:
    """Who is to answer: a lead with co-units, or separate units. `complex`: six months, no extension."""

    lead_unit_id: UUID | None = None
    co_unit_ids: Sequence[UUID] = ()
    separate_unit_ids: Sequence[UUID] = ()
    complex: bool = False

    def parts(self) -> Iterator[tuple[Role, UUID, str]]:
        """Role, unit, and the field that named it."""
        if self.lead_unit_id:
            yield Role.LEAD, self.lead_unit_id, "lead_unit_id"
        yield from ((Role.SEPARATE, id, "separate_unit_ids") for id in self.separate_unit_ids)
        yield from ((Role.CO, id, "co_unit_ids") for id in self.co_unit_ids)

    def check(self, suggestion: Suggestion, standing: Sequence[Assignment]) -> None:
        """`standing`: who has it; co- and separate units may join them, a unit twice or a second lead not."""
        units = [id for _, id, _ in self.parts()]
        known = {a.unit_id for a in standing if a.state not in GONE}
        led = any(a.role == Role.LEAD for a in standing if a.state not in GONE)
        if len(units) != len(set(units)):
            raise DuplicateUnit
        if known & set(units) or (led and self.lead_unit_id):
            raise AlreadyAssigned(suggestion.state)
        if not units or not (known or any(role in ANSWERING for role, _, _ in self.parts())):
            raise LeadMissing


async def assign(tx: AsyncSession, suggestion: Suggestion, order: Order, doing: Doing) -> Assignment:
    """Hand it to the units that must answer (交办): the statutory clocks start on the legal date.

    Returns the first answering unit's assignment.
    """
    running = suggestion.state in RUNNING
    order.check(suggestion, await queries.assignments(tx, suggestion.id))
    units = [(role, await _unit(tx, suggestion, role, id, field)) for role, id, field in order.parts()]
    counted_from = await _counted_from(tx, suggestion)
    await step(tx, suggestion, Act.ADD_UNITS if running else Act.ASSIGN, doing)
    made = [
        await _open(tx, suggestion, unit, role, order, doing, counted_from=counted_from)
        for role, unit in units
    ]
    if running:
        await mirror(tx, suggestion, Act.ADD_UNITS, doing)
    return made[0]


async def _unit(
    tx: AsyncSession, suggestion: Suggestion, role: Role, unit_id: UUID, field: str
) -> Organisation:
    """A unit this congress may turn to: its own place's, or the county's."""
    unit = await directory.unit(tx, unit_id)
    if unit is None:
        raise UnitUnknown(field)
    if role in ANSWERING and not unit.may_reply:
        raise UnitMayNotReply(unit.name)
    at_home = (suggestion.region_id, (await directory.county(tx)).id)
    if suggestion.level == Level.TOWNSHIP and unit.region_id not in at_home:
        raise UnitElsewhere(unit.name, field)
    return unit


async def _counted_from(tx: AsyncSession, suggestion: Suggestion) -> date | None:
    """After a return the pack says whether the first 交办's clock goes on or a new one starts."""
    earlier = await queries.assignments(tx, suggestion.id)
    if not earlier:
        return None
    policies = (await clocks.pack(tx)).policies
    return earlier[0].assigned_on if policies.reassignment_clock == "keep" else None


async def _open(
    tx: AsyncSession,
    suggestion: Suggestion,
    unit: Organisation,
    role: Role,
    order: Order,
    doing: Doing,
    *,
    counted_from: date | None,
) -> Assignment:
    assignment = Assignment(
        suggestion_id=suggestion.id,
        unit_id=unit.id,
        unit_name=unit.name,
        role=role,
        complex=order.complex,
        assigned_on=doing.legal_on,
    )
    tx.add(assignment)
    await tx.flush()
    await open_clocks(
        tx,
        suggestion,
        assignment,
        doing,
        reason=Act.ASSIGN,
        also=at_assignment(role),
        counted_from=counted_from,
    )
    due = await main_due(tx, assignment)
    announce(
        tx,
        SuggestionAssigned,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=unit.id,
        reply_due_on=due,
    )
    return assignment


async def main_due(tx: AsyncSession, assignment: Assignment) -> date | None:
    """The last day of the clock on which this unit answers; None when none runs."""
    running = await open_of_subject_for_update(tx, assignment.id)
    main = (Kind.REPLY, Kind.REHANDLING_REPLY, Kind.CO_OPINION)
    return next((clock.last_day for clock in running if clock.kind in main), None)


async def dispatch(
    tx: AsyncSession,
    suggestion: Suggestion,
    lead_unit_id: UUID,
    co_unit_ids: Sequence[UUID],
    doing: Doing,
) -> None:
    """分办: the government office passes it to a department; the clocks run on from the 交办."""
    assignment = await _pending_answer(tx, suggestion)
    others = [a for a in await queries.assignments(tx, suggestion.id) if a.id != assignment.id]
    Order(separate_unit_ids=(lead_unit_id,), co_unit_ids=co_unit_ids).check(suggestion, others)
    unit = await _unit(tx, suggestion, Role.LEAD, lead_unit_id, "lead_unit_id")
    fellows = [await _unit(tx, suggestion, Role.CO, id, "co_unit_ids") for id in co_unit_ids]
    await step_assignment(tx, suggestion, assignment, Act.DISPATCH, doing)
    assignment.dispatched_by = doing.actor.holding(Post.GOVERNMENT_OFFICE)[0].scope_name
    assignment.unit_id, assignment.unit_name = unit.id, unit.name
    tx.add(assignment)
    for clock in await open_of_subject_for_update(tx, assignment.id):
        clock.unit_id = unit.id
    for fellow in fellows:
        await _open(tx, suggestion, fellow, Role.CO, Order(), doing, counted_from=assignment.assigned_on)
    announce(tx, SuggestionDispatched, suggestion, doing, assignment_id=assignment.id, unit_id=unit.id)


async def _pending_answer(tx: AsyncSession, suggestion: Suggestion) -> Assignment:
    """The answering assignment that waits to be signed for; else the first, so that the table refuses."""
    answering = [
        a for a in await queries.assignments(tx, suggestion.id) if a.role in ANSWERING and a.state not in GONE
    ]
    if not answering:
        raise RequestUnknown
    return next((a for a in answering if a.state == AssignmentState.PENDING), answering[0])


async def request_return(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    *,
    proposed_unit_id: UUID | None,
    doing: Doing,
) -> None:
    """退办: once, within its window; the answer's own clock runs on meanwhile."""
    running = await open_of_subject_for_update(tx, assignment.id)
    window = [c for c in running if c.kind == Kind.RETURN_WINDOW and c.due_at > doing.now]
    workable = assignment.state in (
        AssignmentState.PENDING,
        AssignmentState.ACCEPTED,
        AssignmentState.HANDLING,
    )
    if workable and (assignment.return_asked or not window):
        raise ReturnClosed
    await step_assignment(tx, suggestion, assignment, Act.REQUEST_RETURN, doing)
    assignment.return_asked = True
    tx.add(
        Request(
            assignment_id=assignment.id,
            what="return",
            round=assignment.round,
            reason=doing.words or "",
            proposed_unit_id=proposed_unit_id,
            asked_by=doing.actor.id,
            asked_at=doing.now,
        )
    )
    announce(tx, ReturnRequested, suggestion, doing, assignment_id=assignment.id, unit_id=assignment.unit_id)


async def decide_return(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, *, agree: bool, doing: Doing
) -> None:
    """退办审批: agreed, it waits for another 交办; refused, the unit goes on."""
    act = Act.AGREE_RETURN if agree else Act.REFUSE_RETURN
    await step_assignment(tx, suggestion, assignment, act, doing)
    asked = await queries.open_request(tx, assignment.id, "return")
    if asked is not None:
        asked.agreed, asked.decided_at, asked.decision_reason = agree, doing.now, doing.words
    if agree:
        await extending.lapse_requests(tx, assignment, reason=act, doing=doing)
    if agree and suggestion.state == State.ACCEPTED:
        await _end_co_units(tx, suggestion, doing)
    announce(
        tx,
        ReturnDecided,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        agreed=agree,
    )


async def _end_co_units(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Nobody leads any more: co-units wait for the next 交办 with everybody else."""
    for assignment in await queries.assignments(tx, suggestion.id):
        if assignment.state not in GONE:
            await end(tx, assignment, reason=Act.AGREE_RETURN, doing=doing)


async def end(tx: AsyncSession, assignment: Assignment, *, reason: str, doing: Doing) -> None:
    """The unit owes nothing any more: its clocks stop, its requests lapse."""
    assignment.state = AssignmentState.ENDED
    tx.add(assignment)
    await extending.lapse_requests(tx, assignment, reason=reason, doing=doing)
    for subject in (assignment.id, *await queries.subjects_of(tx, assignment.id)):
        await clocks.stop(tx, subject, frozenset(Kind), reason=reason, now=doing.now)
