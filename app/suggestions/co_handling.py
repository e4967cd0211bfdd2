"""会办: a co-unit answers the lead unit, on its own clock; the lead may send it back once."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.suggestions import queries
from app.suggestions.answer_errors import CoOpinionUnknown, NotCoUnit, NotLeadUnit, RedoOnce
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.reply_models import CoOpinion
from app.suggestions.states import Act, AssignmentState, Role
from app.suggestions.steps import Doing, step_assignment
from app.suggestions.workflow import GONE


async def give(
    tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, content: str, doing: Doing
) -> None:
    """会办意见."""
    if assignment.role != Role.CO:
        raise NotCoUnit
    await step_assignment(tx, suggestion, assignment, Act.CO_OPINION, doing)
    tx.add(
        CoOpinion(
            assignment_id=assignment.id,
            round=assignment.round,
            content=content,
            given_by=doing.actor.id,
            given_at=doing.now,
        )
    )


async def decide(
    tx: AsyncSession, suggestion: Suggestion, assignment_id: UUID, *, accept: bool, doing: Doing
) -> None:
    """The lead unit takes the opinion, or sends it back once with the reason."""
    assignment = await _of_own_lead(tx, suggestion, assignment_id, doing.actor)
    opinion = await queries.co_opinion(tx, assignment.id, assignment.round)
    if opinion is None and assignment.state == AssignmentState.OPINION_GIVEN:
        raise CoOpinionUnknown
    if not accept and assignment.round > 1:
        raise RedoOnce
    act = Act.ACCEPT_CO_OPINION if accept else Act.REDO_CO_OPINION
    if not accept and assignment.state == AssignmentState.OPINION_GIVEN:
        assignment.round += 1
    await step_assignment(tx, suggestion, assignment, act, doing)
    assert opinion is not None  # the state says it was given
    opinion.accepted, opinion.decision_reason = accept, doing.words


async def _of_own_lead(
    tx: AsyncSession, suggestion: Suggestion, assignment_id: UUID, actor: Actor
) -> Assignment:
    standing = await queries.assignments(tx, suggestion.id)
    leading = [a for a in standing if a.role == Role.LEAD and a.state not in GONE]
    if not any(a.unit_id in actor.unit_ids for a in leading):
        raise NotLeadUnit
    found = next((a for a in standing if a.id == assignment_id and a.role == Role.CO), None)
    if found is None:
        raise CoOpinionUnknown
    return found
