"""The acts that the chair signs (代表法 §51), each with its body, its check and what it does."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.kernel.errors import StepNotAllowed
from app.suggestions import assigning, extending, queries, rejecting, reviewing, workflow
from app.suggestions.approving import SignedAct
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.office_schemas import (
    AssignmentIn,
    ElevationIn,
    ExtensionDecisionIn,
    RejectionDecisionIn,
    ReturnDecisionIn,
    ReviewIn,
)
from app.suggestions.states import Act, AssignmentState, State
from app.suggestions.steps import Doing
from app.suggestions.workflow import RUNNING, allowed


def _refuse(suggestion: Suggestion, act: Act) -> StepNotAllowed:
    return StepNotAllowed(suggestion.state, act, allowed(State(suggestion.state)))


REVIEWS = {"send_back": Act.SEND_BACK, "transfer": Act.TRANSFER, "merge": Act.MERGE}


async def _check_review(tx: AsyncSession, suggestion: Suggestion, body: ReviewIn, doing: Doing) -> None:
    workflow.advance(State(suggestion.state), REVIEWS[body.decision])


async def _review(tx: AsyncSession, suggestion: Suggestion, body: ReviewIn, doing: Doing) -> None:
    if body.decision == "send_back":
        await reviewing.send_back(tx, suggestion, body.reason_code, doing)
    elif body.decision == "transfer":
        await reviewing.transfer(tx, suggestion, to=body.to, reference=body.reference, doing=doing)
    else:
        await reviewing.merge(tx, suggestion, body.into_id, doing)


async def _check_assignment(
    tx: AsyncSession, suggestion: Suggestion, body: AssignmentIn, doing: Doing
) -> None:
    running = suggestion.state in RUNNING
    _order(body).check(suggestion, await queries.assignments(tx, suggestion.id))
    workflow.advance(State(suggestion.state), Act.ADD_UNITS if running else Act.ASSIGN)


def _order(body: AssignmentIn) -> assigning.Order:
    return assigning.Order(body.lead_unit_id, body.co_unit_ids, body.separate_unit_ids, body.complex)


async def _assign(tx: AsyncSession, suggestion: Suggestion, body: AssignmentIn, doing: Doing) -> None:
    await assigning.assign(tx, suggestion, _order(body), doing)


async def _check_elevation(tx: AsyncSession, suggestion: Suggestion, body: ElevationIn, doing: Doing) -> None:
    workflow.advance(State(suggestion.state), Act.ELEVATE)


async def _elevate(tx: AsyncSession, suggestion: Suggestion, body: ElevationIn, doing: Doing) -> None:
    await reviewing.elevate(tx, suggestion, to=body.to, reason=body.reason, doing=doing)


async def _in_state(
    tx: AsyncSession, suggestion: Suggestion, state: AssignmentState, asked: UUID | None, act: Act
) -> Assignment:
    found = await rejecting.awaiting(tx, suggestion, state, asked)
    if found is None:
        raise _refuse(suggestion, act)
    return found


async def _returned(tx: AsyncSession, suggestion: Suggestion, body: ReturnDecisionIn) -> Assignment:
    state = AssignmentState.RETURN_REQUESTED
    return await _in_state(tx, suggestion, state, body.assignment_id, Act.AGREE_RETURN)


async def _check_return(
    tx: AsyncSession, suggestion: Suggestion, body: ReturnDecisionIn, doing: Doing
) -> None:
    await _returned(tx, suggestion, body)


async def _decide_return(
    tx: AsyncSession, suggestion: Suggestion, body: ReturnDecisionIn, doing: Doing
) -> None:
    assignment = await _returned(tx, suggestion, body)
    await assigning.decide_return(tx, suggestion, assignment, agree=body.agree, doing=doing)


async def _asking(tx: AsyncSession, suggestion: Suggestion, asked: UUID | None) -> Assignment:
    """The assignment whose extension waits for a decision."""
    for assignment in await queries.assignments(tx, suggestion.id):
        waits = await queries.open_request(tx, assignment.id, "extension")
        if waits is not None and asked in (None, assignment.id):
            return assignment
    raise _refuse(suggestion, Act.DECIDE_EXTENSION)


async def _check_extension(
    tx: AsyncSession, suggestion: Suggestion, body: ExtensionDecisionIn, doing: Doing
) -> None:
    await _asking(tx, suggestion, body.assignment_id)


async def _decide_extension(
    tx: AsyncSession, suggestion: Suggestion, body: ExtensionDecisionIn, doing: Doing
) -> None:
    assignment = await _asking(tx, suggestion, body.assignment_id)
    await extending.decide(tx, suggestion, assignment, agree=body.agree, until=body.until, doing=doing)


async def _rejected(tx: AsyncSession, suggestion: Suggestion, body: RejectionDecisionIn) -> Assignment:
    return await _in_state(tx, suggestion, AssignmentState.REJECTED, body.assignment_id, Act.REHANDLE)


async def _check_rejection(
    tx: AsyncSession, suggestion: Suggestion, body: RejectionDecisionIn, doing: Doing
) -> None:
    await _rejected(tx, suggestion, body)


async def _decide_rejection(
    tx: AsyncSession, suggestion: Suggestion, body: RejectionDecisionIn, doing: Doing
) -> None:
    assignment = await _rejected(tx, suggestion, body)
    await rejecting.decide(tx, suggestion, assignment, body.decision, doing)


REVIEW = SignedAct("review", "review", ReviewIn, _check_review, _review)
ASSIGNMENT = SignedAct("assignment", "assignment", AssignmentIn, _check_assignment, _assign)
ELEVATION = SignedAct("elevation", "elevation", ElevationIn, _check_elevation, _elevate)
RETURN = SignedAct("return-decision", "return", ReturnDecisionIn, _check_return, _decide_return)
EXTENSION = SignedAct(
    "extension-decision", "extension", ExtensionDecisionIn, _check_extension, _decide_extension
)
REJECTION = SignedAct(
    "rejection-decision", "rejection", RejectionDecisionIn, _check_rejection, _decide_rejection
)

SIGNED: Mapping[str, SignedAct] = {
    act.name: act for act in (REVIEW, ASSIGNMENT, ELEVATION, RETURN, EXTENSION, REJECTION)
}


def words_of(body: Any) -> str | None:
    """The reason that goes into the step."""
    code, reason = getattr(body, "reason_code", None), getattr(body, "reason", None)
    said = [CODES[code]] if code else []
    return "：".join([*said, *([reason] if reason else [])]) or None


CODES = {
    "own_matter": "涉及代表本人或者亲属",
    "forwarded_letter": "代转群众来信",
    "accusation": "属于检举控告或者申诉",
    "judicial_case": "涉及具体司法案件",
    "bidding": "涉及招投标或者商业推介",
    "no_content": "没有具体内容",
    "several_matters": "不是一事一议",
    "not_in_remit": "不属于本级职权",
    "other": "其他原因",
}
