"""Taking a step: the state moves, the step is appended, the clocks follow, the audit knows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import Recused
from app.accounts.permissions import Side
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.infra import audit, outbox
from app.kernel.clock import local_date, machine_now
from app.suggestions import queries, state_clocks, workflow
from app.suggestions.errors import LegalDateInFuture
from app.suggestions.events import SuggestionClosed, SuggestionEvent
from app.suggestions.models import Assignment, Step, Suggestion
from app.suggestions.state_clocks import KEEPS, OPENS
from app.suggestions.states import Act, AssignmentState, Role, State
from app.suggestions.workflow import HIDDEN_FROM_UNITS, JUDGING

SYSTEM = Actor(id=UUID(int=0), name="系统")


@dataclass(frozen=True)
class Paper:
    """The legal facts of an act; `legal_on` None means today. `upload_id`: the scan."""

    legal_on: date | None = None
    doc_no: str | None = None
    signer: str | None = None
    upload_id: UUID | None = None


@dataclass(frozen=True)
class Doing:
    """Who does it, from which side, when (business time), on whose behalf, with which paper and words."""

    actor: Actor
    side: Side
    now: datetime
    paper: Paper = Paper()
    words: str | None = None
    on_behalf_of: str | None = None
    historic: bool = False

    @property
    def today(self) -> date:
        return local_date(self.now)

    @property
    def legal_on(self) -> date:
        """The local date on which the act has its effect; never later than today."""
        legal = self.paper.legal_on or self.today
        if legal > self.today:
            raise LegalDateInFuture
        return legal


def by_time(now: datetime) -> Doing:
    """What happens because time has passed."""
    return Doing(SYSTEM, Side.CONGRESS, now)


async def step(
    tx: AsyncSession, suggestion: Suggestion, act: Act, doing: Doing, *, to: State | None = None
) -> None:
    """An act on the suggestion itself: it moves, or stays where the table says so."""
    await refuse_recused(tx, suggestion, doing)
    left = State(suggestion.state)
    entered = workflow.advance(left, act, to=to)
    suggestion.state = entered
    _count(suggestion, act)
    append(tx, suggestion, None, act, left, entered, doing)
    if entered != left:
        await _settle(tx, suggestion, act, doing)


async def _settle(tx: AsyncSession, suggestion: Suggestion, act: Act, doing: Doing) -> None:
    state = State(suggestion.state)
    await clocks.settle(
        tx,
        subject_of(suggestion),
        opens=OPENS.get(state, ()),
        keeps=KEEPS.get(state, ()),
        at=Start(on=await _counted_from(tx, suggestion, act, doing), now=doing.now, historic=doing.historic),
        reason=act,
    )


async def _counted_from(tx: AsyncSession, suggestion: Suggestion, act: Act, doing: Doing) -> date:
    """交办 is counted from receipt, not from the review; in session from its close (packs: start_event)."""
    if act is not Act.ACCEPT_FOR_HANDLING or suggestion.submitted_at is None:
        return doing.legal_on
    received = local_date(suggestion.submitted_at)
    meeting = await queries.session(tx, suggestion.session_id) if suggestion.session_id else None
    return max(received, meeting.closed_on) if meeting and meeting.closed_on else received


async def step_assignment(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    act: Act,
    doing: Doing,
    *,
    to: AssignmentState | None = None,
) -> None:
    """Move one unit's assignment; the suggestion's state follows."""
    await refuse_recused(tx, suggestion, doing)
    left = AssignmentState(assignment.state)
    entered = workflow.advance_assignment(Role(assignment.role), left, act, to=to)
    assignment.state = entered
    append(tx, suggestion, assignment, act, left, entered, doing)
    if entered != left:
        await open_clocks(tx, suggestion, assignment, doing, reason=act)
    await mirror(tx, suggestion, act, doing)


async def open_clocks(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    doing: Doing,
    *,
    reason: str,
    also: frozenset[Kind] = frozenset(),
    counted_from: date | None = None,
) -> None:
    """The clocks of the assignment's state. `also`: those opened once, with the assignment."""
    role, state = Role(assignment.role), AssignmentState(assignment.state)
    await clocks.settle(
        tx,
        subject_of(suggestion, assignment),
        opens=state_clocks.opens(role, state, assignment.round) | also,
        keeps=state_clocks.keeps(role, state),
        at=Start(
            on=counted_from or doing.legal_on,
            now=doing.now,
            round=assignment.round,
            complex=assignment.complex,
            ends_on=assignment.plan_due_on if state is AssignmentState.HANDLING else None,
            historic=doing.historic,
        ),
        reason=reason,
    )


async def mirror(tx: AsyncSession, suggestion: Suggestion, act: Act, doing: Doing) -> None:
    """Derive the suggestion's state from its assignments; the last one settled closes it (S9)."""
    await tx.flush()
    standing = await queries.assignments(tx, suggestion.id)
    before = suggestion.state
    suggestion.state = workflow.derive((Role(a.role), AssignmentState(a.state)) for a in standing)
    _count(suggestion, act)
    if suggestion.state != before and State.CLOSED in (suggestion.state, before):
        suggestion.closed_at = doing.now if suggestion.state == State.CLOSED else None
        if suggestion.closed_at:
            announce(tx, SuggestionClosed, suggestion, doing)
    if suggestion.state == State.ACCEPTED and before != State.ACCEPTED:  # all returned: 交办 is owed again
        await _settle(tx, suggestion, act, doing)


def _count(suggestion: Suggestion, act: Act) -> None:
    """A unit's ETag must not tell it that its reply was judged."""
    if act in HIDDEN_FROM_UNITS:
        suggestion.judgements += 1
    else:
        suggestion.revision += 1


def subject_of(suggestion: Suggestion, assignment: Assignment | None = None) -> Subject:
    """What obliges: the suggestion itself before 交办, the assignment from then on.

    The clocks of judging a reply are not the unit's: they carry no unit, so no unit lists them.
    """
    of_unit = assignment is not None and AssignmentState(assignment.state) not in JUDGING
    return Subject(
        kind=SubjectKind.ASSIGNMENT if assignment else SubjectKind.SUGGESTION,
        id=assignment.id if assignment else suggestion.id,
        root_id=suggestion.id,
        region_id=suggestion.region_id,
        level=Level(suggestion.level),
        unit_id=assignment.unit_id if assignment and of_unit else None,
    )


async def refuse_recused(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """回避: on one item a person acts on one side only."""
    if doing.historic or doing.actor is SYSTEM:  # one importer re-enters what several people did
        return
    taken = await queries.sides_taken(tx, suggestion.id, doing.actor.id)
    if taken - {doing.side}:
        raise Recused


def append(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment | None,
    act: Act,
    left: str,
    entered: str,
    doing: Doing,
) -> None:
    """One more step in the file, and in the audit."""
    tx.add(suggestion)
    tx.add(
        Step(
            suggestion_id=suggestion.id,
            assignment_id=assignment.id if assignment else None,
            act=act,
            left=left,
            entered=entered,
            side=doing.side,
            actor_id=doing.actor.id,
            actor_name=doing.actor.name,
            on_behalf_of=doing.on_behalf_of,
            at=doing.now,
            written_at=machine_now(),
            legal_on=doing.legal_on,
            doc_no=doing.paper.doc_no,
            signer=doing.paper.signer,
            upload_id=doing.paper.upload_id,
            words=doing.words,
        )
    )
    audit.note(
        tx,
        f"suggestion.{act}",
        actor=doing.actor.label,
        subject_kind="suggestion",
        subject_id=suggestion.id,
        now=doing.now,
    )


def announce(
    tx: AsyncSession, kind: type[SuggestionEvent], suggestion: Suggestion, doing: Doing, **facts: Any
) -> None:
    """Tell whoever listens, once this transaction stands."""
    event = kind(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
        **facts,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)
