"""`/api/v1/suggestions/{id}/…`: the government's acts: dispatch, and all of the handling unit's."""

from uuid import UUID

from fastapi import APIRouter

from app.accounts.permissions import Side
from app.infra.unit_route import UnitRoute
from app.suggestions import assigning, co_handling, extending, handling, promising, proposing, supervising
from app.suggestions.deps import Case, ToDispatch, ToHandle, ToIssue
from app.suggestions.errors import ReasonMissing
from app.suggestions.models import Assignment
from app.suggestions.shown import ContactOut, SuggestionOut
from app.suggestions.states import AssignmentState
from app.suggestions.unit_schemas import (
    AcceptanceIn,
    ContactIn,
    CoOpinionDecisionIn,
    CoOpinionIn,
    DispatchIn,
    ExtensionRequestIn,
    FeedbackIn,
    FulfilmentIn,
    FurtherReplyIn,
    ReplyDraftIn,
    ReplyIssueIn,
    ReplyReturnIn,
    ReturnRequestIn,
    SlipIn,
)

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)


@router.post("/{id}/dispatch")
async def dispatch(case: ToDispatch, body: DispatchIn) -> SuggestionOut:
    """分办: the government office passes it to a department; the clocks run on."""
    doing = case.by_unit(words=body.note)
    await assigning.dispatch(case.tx, case.suggestion, body.lead_unit_id, body.co_unit_ids, doing)
    return await case.shown()


@router.post("/{id}/acceptance")
async def accept(case: ToHandle, body: AcceptanceIn | None = None) -> SuggestionOut:
    """Sign for it (签收)."""
    assignment = await case.assignment(body.assignment_id if body else None)
    await handling.accept(case.tx, case.suggestion, assignment, case.by_unit())
    return await case.shown()


@router.post("/{id}/return-request")
async def request_return(case: ToHandle, body: ReturnRequestIn) -> SuggestionOut:
    """退办: once, within its window."""
    assignment = await case.assignment(body.assignment_id)
    await assigning.request_return(
        case.tx,
        case.suggestion,
        assignment,
        proposed_unit_id=body.proposed_unit_id,
        doing=case.by_unit(words=body.reason),
    )
    return await case.shown()


@router.post("/{id}/extension-request")
async def request_extension(case: ToHandle, body: ExtensionRequestIn) -> SuggestionOut:
    """延期: asked before the old date, within the pack's cap."""
    assignment = await case.assignment(body.assignment_id)
    doing = case.by_unit(words=body.reason)
    await extending.request(case.tx, case.suggestion, assignment, until=body.until, doing=doing)
    return await case.shown()


@router.post("/{id}/contacts", status_code=201)
async def record_contact(case: ToHandle, body: ContactIn) -> ContactOut:
    """Log a talk with the delegate (面商、电话、走访)."""
    assignment = await case.assignment(body.assignment_id)
    contact = handling.Contact(**body.model_dump(exclude={"assignment_id"}))
    record = await handling.record_contact(case.tx, case.suggestion, assignment, contact, case.by_unit())
    return ContactOut.model_validate(record)


@router.post("/{id}/co-opinion")
async def give_opinion(case: ToHandle, body: CoOpinionIn) -> SuggestionOut:
    """会办意见: to the lead unit."""
    assignment = await case.assignment(body.assignment_id)
    await co_handling.give(case.tx, case.suggestion, assignment, body.content, case.by_unit())
    return await case.shown()


@router.post("/{id}/co-opinion-decision")
async def decide_opinion(case: ToHandle, body: CoOpinionDecisionIn) -> SuggestionOut:
    """The lead unit takes a co-unit's opinion, or sends it back once."""
    doing = case.by_unit(words=body.reason)
    await co_handling.decide(case.tx, case.suggestion, body.assignment_id, accept=body.accept, doing=doing)
    return await case.shown()


@router.post("/{id}/reply-draft")
async def draft_reply(case: ToHandle, body: ReplyDraftIn) -> SuggestionOut:
    """Put a reply before the unit's head."""
    assignment = await case.assignment(body.assignment_id)
    await handling.draft_reply(case.tx, case.suggestion, assignment, _answer(body), case.by_unit())
    return await case.shown()


def _answer(body: ReplyDraftIn) -> handling.Answer:
    return handling.Answer(
        content=body.content,
        outcome=body.outcome,
        disclosure=body.disclosure,
        disclosure_reason=body.disclosure_reason,
        promises=tuple(handling.Promise(**p.model_dump()) for p in body.commitments),
    )


@router.post("/{id}/reply-return")
async def return_reply(case: ToIssue, body: ReplyReturnIn) -> SuggestionOut:
    """The head sends the draft back with the reason."""
    assignment = await case.assignment(body.assignment_id)
    doing = case.by_unit(words=body.reason)
    await handling.return_reply(case.tx, case.suggestion, assignment, doing)
    return await case.shown()


@router.post("/{id}/reply")
async def issue_reply(case: ToIssue, body: ReplyIssueIn | None = None) -> SuggestionOut:
    """The head signs and sends the reply (签发): the draft, or the head's own words in its place."""
    asked = body or ReplyIssueIn()
    assignment = await case.assignment(asked.assignment_id)
    if asked.content is not None:
        await _rewrite(case, assignment, asked)
    await case.file(asked.upload_id)
    await handling.issue_reply(case.tx, case.suggestion, assignment, case.by_unit(paper=asked))
    return await case.shown()


async def _rewrite(case: Case, assignment: Assignment, asked: ReplyIssueIn) -> None:
    if asked.outcome is None or asked.disclosure is None:
        raise ReasonMissing("outcome" if asked.outcome is None else "disclosure")
    names = ("content", "outcome", "disclosure", "disclosure_reason", "commitments")
    words = ReplyDraftIn(**{name: getattr(asked, name) for name in names})
    if assignment.state == AssignmentState.REPLY_DRAFTED:
        await handling.return_reply(case.tx, case.suggestion, assignment, case.by_unit(words="负责人改写"))
    await handling.draft_reply(case.tx, case.suggestion, assignment, _answer(words), case.by_unit())


@router.post("/{id}/commitments/{cid}/fulfilment")
async def fulfil(case: ToHandle, cid: UUID, body: FulfilmentIn) -> SuggestionOut:
    """The unit reports a promise done, with evidence."""
    assignment, promise = await promising.found(case.tx, case.suggestion, cid)
    doing = case.by_unit(words=body.evidence)
    await promising.fulfil(case.tx, case.suggestion, assignment, promise, body.evidence, doing)
    await proposing.attach(case.tx, case.suggestion, body.upload_ids, case.actor)
    return await case.shown()


@router.post("/{id}/commitments/{cid}/slip")
async def slip(case: ToHandle, cid: UUID, body: SlipIn) -> SuggestionOut:
    """A promise will be later: the new date with the reason."""
    assignment, promise = await promising.found(case.tx, case.suggestion, cid)
    doing = case.by_unit(words=body.reason)
    await promising.slip(case.tx, case.suggestion, assignment, promise, body.new_due_on, doing)
    return await case.shown()


@router.post("/{id}/further-reply")
async def reply_further(case: ToHandle, body: FurtherReplyIn) -> SuggestionOut:
    """再次答复: what came of a promise."""
    assignment = await case.assignment(body.assignment_id)
    facts = body.model_dump(exclude={"assignment_id"})
    await promising.reply_further(case.tx, case.suggestion, assignment, **facts, doing=case.by_unit())
    return await case.shown()


@router.post("/{id}/supervisions/{sid}/feedback")
async def feed_back(case: ToHandle, sid: UUID, body: FeedbackIn) -> SuggestionOut:
    """Answer what a supervision asked."""
    doing = case.doing(Side.GOVERNMENT, words=body.content)
    await supervising.feed_back(case.tx, case.suggestion, sid, body.content, doing)
    return await case.shown()
