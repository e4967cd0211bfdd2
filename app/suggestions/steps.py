"""Taking a step: the state moves, the step is appended, the clocks follow, the audit knows."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import Recused
from app.accounts.permissions import Side
from app.deadlines import service as clocks
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.infra import audit
from app.kernel.clock import local_date, machine_now
from app.suggestions import queries
from app.suggestions.errors import LegalDateInFuture
from app.suggestions.models import Assignment, Step, Suggestion
from app.suggestions.workflow import (
    ASSIGNMENT_KEEPS,
    ASSIGNMENT_OPENS,
    BEFORE_ASSIGNMENT,
    OPENS,
    Act,
    AssignmentState,
    Role,
    State,
    advance,
    advance_assignment,
    derive,
)


@dataclass(frozen=True)
class Paper:
    """The legal facts of an act; `legal_on` None means today."""

    legal_on: date | None = None
    doc_no: str | None = None
    signer: str | None = None


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
    def legal_on(self) -> date:
        """The local date on which the act has its effect; never later than today."""
        today = local_date(self.now)
        legal = self.paper.legal_on or today
        if legal > today:
            raise LegalDateInFuture
        return legal


async def step(tx: AsyncSession, suggestion: Suggestion, act: Act, doing: Doing) -> None:
    """Move the suggestion itself (before 交办, after the evaluation)."""
    left = suggestion.state
    await move(tx, suggestion, act, advance(State(left), act), doing)


async def move(tx: AsyncSession, suggestion: Suggestion, act: Act, entered: State, doing: Doing) -> None:
    """The same where the table leaves the next state to a rule of its own."""
    left = suggestion.state
    await _refuse_recused(tx, suggestion, doing)
    suggestion.state = entered
    suggestion.revision += 1
    tx.add(suggestion)
    _append(tx, suggestion, None, act, left, entered, doing)
    await clocks.settle(
        tx,
        subject_of(suggestion),
        opens=OPENS.get(entered, ()),
        keeps=(),
        at=Start(on=doing.legal_on, now=doing.now, historic=doing.historic),
        reason=act,
    )


async def step_assignment(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, act: Act, doing: Doing
) -> None:
    """Move one unit's assignment; the suggestion's state follows."""
    await _refuse_recused(tx, suggestion, doing)
    left = assignment.state
    entered = advance_assignment(AssignmentState(left), act)
    assignment.state = entered
    tx.add(assignment)
    _append(tx, suggestion, assignment, act, left, entered, doing)
    if entered != left:
        await open_clocks(tx, suggestion, assignment, doing, reason=act)
    await mirror(tx, suggestion)


async def open_clocks(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, doing: Doing, *, reason: str
) -> None:
    state = AssignmentState(assignment.state)
    await clocks.settle(
        tx,
        subject_of(suggestion, assignment),
        opens=ASSIGNMENT_OPENS.get(state, ()),
        keeps=ASSIGNMENT_KEEPS.get(state, ()),
        at=Start(
            on=doing.legal_on,
            now=doing.now,
            round=assignment.round,
            complex=assignment.complex,
            historic=doing.historic,
        ),
        reason=reason,
    )


async def mirror(tx: AsyncSession, suggestion: Suggestion) -> None:
    """Derive the suggestion's state from its assignments."""
    await tx.flush()
    standing = await queries.assignments(tx, suggestion.id)
    suggestion.state = derive((Role(a.role), AssignmentState(a.state)) for a in standing)
    suggestion.revision += 1
    tx.add(suggestion)


def subject_of(suggestion: Suggestion, assignment: Assignment | None = None) -> Subject:
    """What obliges: the suggestion itself before 交办, the assignment from then on."""
    return Subject(
        kind=SubjectKind.ASSIGNMENT if assignment else SubjectKind.SUGGESTION,
        id=assignment.id if assignment else suggestion.id,
        root_id=suggestion.id,
        region_id=suggestion.region_id,
        level=Level(suggestion.level),
        unit_id=assignment.unit_id if assignment else None,
    )


async def _refuse_recused(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    if doing.historic:  # one importer re-enters what several people did
        return
    taken = await queries.sides_taken(tx, suggestion.id, doing.actor.id)
    if taken - {doing.side}:
        raise Recused


def _append(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment | None,
    act: Act,
    left: str,
    entered: str,
    doing: Doing,
) -> None:
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


def is_assigned(suggestion: Suggestion) -> bool:
    return State(suggestion.state) not in BEFORE_ASSIGNMENT
