"""`/api/v1/suggestions/{id}/…`: the congress's acts: review, assignment, decisions, supervision, ends."""

from uuid import UUID

from fastapi import APIRouter

from app.infra.unit_route import UnitRoute
from app.kernel.errors import StepNotAllowed
from app.suggestions import approving, ending, promising, rejecting, reviewing, supervising
from app.suggestions.approving import Basis, SignedAct
from app.suggestions.deps import Case, ToAssign, ToClose, ToReview, ToSign
from app.suggestions.office_schemas import (
    AssignmentIn,
    ClearanceIn,
    ConferenceIn,
    ElevationIn,
    ExtensionDecisionIn,
    KeyDesignationIn,
    PublicationIn,
    ReasonIn,
    RejectionDecisionIn,
    ReturnDecisionIn,
    ReviewIn,
    SuccessionIn,
    SupervisionIn,
    WithdrawalTalkIn,
)
from app.suggestions.schemas import SignedAct as SignedBody
from app.suggestions.shown import SuggestionOut
from app.suggestions.signed_acts import (
    ASSIGNMENT,
    ELEVATION,
    EXTENSION,
    REJECTION,
    RETURN,
    REVIEW,
    words_of,
)
from app.suggestions.states import Act, AssignmentState, State
from app.suggestions.workflow import allowed

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)


async def sign(case: Case, act: SignedAct, body: SignedBody) -> SuggestionOut:
    """Carry a chair-signed act out, or leave it waiting (`approvals` in the answer, state `pending`)."""
    doing = case.by_office(words=words_of(body), paper=body)
    await case.file(body.upload_id)
    basis = Basis(body.approval.basis, body.approval.meeting_id) if body.approval else Basis()
    await approving.carry_out(case.tx, act, case.suggestion, body, basis, doing)
    return await case.shown()


@router.post("/{id}/review")
async def review(case: ToReview, body: ReviewIn) -> SuggestionOut:
    """Accept it (the office alone; it gets its number), or send back, transfer, merge (chair-signed)."""
    if body.decision != "accept":
        return await sign(case, REVIEW, body)
    doing = case.by_office(words=body.reason, paper=body)
    await case.file(body.upload_id)
    await reviewing.accept(case.tx, case.suggestion, doing)
    return await case.shown()


@router.post("/{id}/assignment")
async def assign(case: ToAssign, body: AssignmentIn) -> SuggestionOut:
    """Hand it to those who must answer (交办): chair-signed; the statutory clocks start."""
    return await sign(case, ASSIGNMENT, body)


@router.post("/{id}/elevation")
async def elevate(case: ToReview, body: ElevationIn) -> SuggestionOut:
    """What belongs to the county goes up; it stays linked and the delegate is told."""
    return await sign(case, ELEVATION, body)


@router.post("/{id}/return-decision")
async def decide_return(case: ToReview, body: ReturnDecisionIn) -> SuggestionOut:
    """退办审批: agreed, it waits to be assigned anew; refused, the unit goes on."""
    return await sign(case, RETURN, body)


@router.post("/{id}/extension-decision")
async def decide_extension(case: ToReview, body: ExtensionDecisionIn) -> SuggestionOut:
    """延期审批: before the old date, within the pack's cap; the delegate is told."""
    return await sign(case, EXTENSION, body)


@router.post("/{id}/rejection-decision")
async def decide_rejection(case: ToReview, body: RejectionDecisionIn) -> SuggestionOut:
    """After 不满意: re-handle, let the reply stand, or confer."""
    return await sign(case, REJECTION, body)


@router.post("/{id}/conference-record")
async def record_conference(case: ToReview, body: ConferenceIn) -> SuggestionOut:
    """会商纪要: a new plan with its date, or the end with minutes."""
    doing = case.by_office()
    state = AssignmentState.CONFERENCE
    assignment = await rejecting.awaiting(case.tx, case.suggestion, state, body.assignment_id)
    if assignment is None:
        now = State(case.suggestion.state)
        raise StepNotAllowed(now, Act.NEW_PLAN, allowed(now))
    await case.file(body.upload_id)
    minutes = rejecting.Minutes(**body.model_dump(exclude={"assignment_id"}))
    await rejecting.record_conference(case.tx, case.suggestion, assignment, minutes, doing)
    return await case.shown()


@router.post("/{id}/unmerge")
async def unmerge(case: ToReview, body: ReasonIn) -> SuggestionOut:
    """Handle a merged suggestion alone again."""
    await reviewing.unmerge(case.tx, case.suggestion, case.by_office(words=body.reason))
    return await case.shown()


@router.post("/{id}/supervisions", status_code=201)
async def supervise(case: ToReview, body: SupervisionIn) -> SuggestionOut:
    """督办: urge the units, hold a meeting, inspect."""
    demands = tuple(supervising.Demanded(**d.model_dump()) for d in body.demands)
    what = supervising.Supervising(body.kind, body.note, body.held_on, body.participants, demands)
    await supervising.supervise(case.tx, case.suggestion, what, case.by_office(words=body.note))
    return await case.shown()


@router.post("/{id}/key-designation")
async def designate_key(case: ToSign, body: KeyDesignationIn) -> SuggestionOut:
    """重点督办: by the chair."""
    await supervising.designate_key(case.tx, case.suggestion, **body.model_dump(), doing=case.by_office())
    return await case.shown()


@router.post("/{id}/commitments/{cid}/clearance")
async def clear(case: ToReview, cid: UUID, body: ClearanceIn) -> SuggestionOut:
    """The delegate stays silent: the office has looked for itself (未表态)."""
    assignment, promise = await promising.found(case.tx, case.suggestion, cid)
    doing = case.by_office(words=body.how)
    await promising.clear(case.tx, case.suggestion, assignment, promise, body.how, doing)
    return await case.shown()


@router.post("/{id}/withdrawal-talk")
async def talk_of_withdrawal(case: ToReview, body: WithdrawalTalkIn) -> SuggestionOut:
    """After 交办: the office has spoken with the delegate alone."""
    await ending.talk_of_withdrawal(
        case.tx,
        case.suggestion,
        talk=body.note,
        asked_by_other=body.asked_by_other,
        doing=case.by_office(words=body.note),
    )
    return await case.shown()


@router.post("/{id}/lead-succession")
async def succeed_lead(case: ToReview, body: SuccessionIn) -> SuggestionOut:
    """The lead delegate is gone: the next confirmed co-signer leads."""
    doing = case.by_office(words=body.reason)
    await ending.succeed_lead(case.tx, case.suggestion, body.to_delegate_id, doing)
    return await case.shown()


@router.post("/{id}/closure")
async def close(case: ToClose) -> SuggestionOut:
    """办结: promises kept or cleared, answered again, the residents behind it told."""
    await ending.close(case.tx, case.suggestion, case.by_office())
    return await case.shown()


@router.post("/{id}/reopening")
async def reopen(case: ToClose, body: ReasonIn) -> SuggestionOut:
    """New facts: another round."""
    await ending.reopen(case.tx, case.suggestion, case.by_office(words=body.reason))
    return await case.shown()


@router.post("/{id}/publication")
async def prepare_publication(case: ToClose, body: PublicationIn) -> SuggestionOut:
    """What is to be public and what is left out."""
    doing = case.by_office()
    await ending.prepare_publication(case.tx, case.suggestion, **body.model_dump(), doing=doing)
    return await case.shown()


@router.post("/{id}/publication-approval")
async def approve_publication(case: ToReview) -> SuggestionOut:
    """By a second person: the file is archived."""
    await ending.approve_publication(case.tx, case.suggestion, case.by_office())
    return await case.shown()
