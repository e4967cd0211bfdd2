"""不满意: the congress decides whether to re-handle, to let the reply stand, or to confer."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import service as clocks
from app.suggestions import promising, queries
from app.suggestions.answer_errors import ConferenceNeeded, PlanDateMissing, StandNeedsBasis
from app.suggestions.errors import AssignmentUnknown
from app.suggestions.evaluating import judge, reasons_with_consent
from app.suggestions.events import ConferenceCalled, SuggestionRehandled
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.oversight_models import Conference
from app.suggestions.states import Act, AssignmentState
from app.suggestions.steps import Doing, announce, step_assignment


async def awaiting(
    tx: AsyncSession, suggestion: Suggestion, state: AssignmentState, assignment_id: UUID | None
) -> Assignment | None:
    """The assignment in that state, the named one if several; None leaves the refusal to the table."""
    standing = await queries.assignments(tx, suggestion.id)
    if assignment_id is not None and assignment_id not in {a.id for a in standing}:
        raise AssignmentUnknown
    fit = [a for a in standing if a.state == state and assignment_id in (None, a.id)]
    return fit[0] if fit else None


async def decide(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, decision: str, doing: Doing
) -> None:
    """First time: re-handle, or stand on an article or the delegate's signed consent; again: confer."""
    if decision == "rehandle":
        if await _rejections(tx, suggestion, assignment) > 1:
            raise ConferenceNeeded
        await rehandle(tx, suggestion, assignment, Act.REHANDLE, doing)
    elif decision == "stand":
        policies = (await clocks.pack(tx)).policies
        if not (policies.reply_stands_article or doing.paper.upload_id):
            raise StandNeedsBasis
        await judge(tx, suggestion, assignment, Act.STAND, doing, satisfied=True)
    else:
        await step_assignment(tx, suggestion, assignment, Act.CALL_CONFERENCE, doing)
        announce(tx, ConferenceCalled, suggestion, doing, assignment_id=assignment.id)


async def _rejections(tx: AsyncSession, suggestion: Suggestion, assignment: Assignment) -> int:
    """How often this unit's replies were 不满意. Not its rounds: a reopened matter may be in its second
    without any."""
    taken = [s for s in await queries.steps(tx, suggestion.id) if s.assignment_id == assignment.id]
    return sum(s.act == Act.EVALUATE and s.entered == AssignmentState.REJECTED for s in taken)


async def rehandle(
    tx: AsyncSession,
    suggestion: Suggestion,
    assignment: Assignment,
    act: Act,
    doing: Doing,
    *,
    due_on: date | None = None,
) -> None:
    """重新办理: a new round on a new clock; the earlier reply is kept."""
    replies = await queries.replies(tx, [assignment.id])
    marks = await queries.evaluations(tx, [reply.id for reply in replies])
    assignment.rehandling_reason = reasons_with_consent(marks)
    assignment.round += 1
    assignment.plan_due_on, assignment.replied_at, assignment.reminded_on = due_on, None, None
    await promising.supersede(tx, assignment, reason=act, doing=doing)
    await step_assignment(tx, suggestion, assignment, act, doing)
    announce(
        tx,
        SuggestionRehandled,
        suggestion,
        doing,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        round=assignment.round,
    )


@dataclass(frozen=True)
class Minutes:
    """会商纪要. `due_on` where a new plan was agreed; dates are local."""

    held_on: date
    participants: list[str]
    result: str
    delegate_position: str
    due_on: date | None = None
    upload_id: UUID | None = None


async def record_conference(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, minutes: Minutes, doing: Doing
) -> None:
    """A new plan begins another round on the date agreed; else the matter ends with its minutes."""
    if minutes.result == "new_plan" and (minutes.due_on is None or minutes.due_on <= doing.today):
        raise PlanDateMissing
    tx.add(Conference(assignment_id=assignment.id, round=assignment.round, at=doing.now, **vars(minutes)))
    if minutes.result == "new_plan":
        await rehandle(tx, suggestion, assignment, Act.NEW_PLAN, doing, due_on=minutes.due_on)
    else:
        await judge(tx, suggestion, assignment, Act.CONFERENCE_CLOSED, doing, satisfied=True)
