"""`/api/v1/suggestions/{id}/…`: the delegate's acts after handing in."""

from uuid import UUID

from fastapi import APIRouter

from app.accounts.permissions import Side
from app.infra.unit_route import UnitRoute
from app.suggestions import (
    cosigning,
    ending,
    evaluating,
    handling,
    promising,
    proposing,
    queries,
    supervising,
)
from app.suggestions.answer_errors import NotLeadDelegate
from app.suggestions.deps import ToEvaluate, ToPropose
from app.suggestions.schemas import (
    ConsentIn,
    ContactConfirmationIn,
    CosignatureIn,
    EvaluationIn,
    KeptIn,
    PressureIn,
    WithdrawalIn,
)
from app.suggestions.shown import SuggestionOut

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)


@router.post("/{id}/cosignature")
async def cosign(case: ToPropose, body: CosignatureIn) -> SuggestionOut:
    """A co-signer confirms or declines; the office enters it only with a proof (`proxy`)."""
    side = Side.DELEGATE
    if body.on_behalf_of is not None:
        basis = body.proxy.basis if body.proxy else None
        region = case.suggestion.region_id
        proposing.proxy_for(case.actor, on_behalf_of=body.on_behalf_of, basis=basis, region_id=region)
        side = Side.CONGRESS
    await case.file(body.proxy.upload_id if body.proxy else None)
    signers = await queries.cosigners(case.tx, case.suggestion.id)
    seat = cosigning.seat_among(case.actor, signers, on_behalf_of=body.on_behalf_of)
    await cosigning.decide(case.tx, case.suggestion, agree=body.agree, seat=seat, doing=case.doing(side))
    return await case.shown()


@router.post("/{id}/cosigners/{did}/removal")
async def remove_cosigner(case: ToPropose, did: UUID) -> SuggestionOut:
    """The lead takes a co-signer off."""
    side = proposing.need_author(case.actor, case.suggestion)
    await cosigning.remove(case.tx, case.suggestion, did, case.doing(side))
    return await case.shown()


@router.post("/{id}/seconding")
async def second(case: ToPropose) -> SuggestionOut:
    """附议: support it."""
    await cosigning.second(case.tx, case.suggestion, case.doing(Side.DELEGATE))
    return await case.shown()


@router.post("/{id}/contacts/{cid}/confirmation")
async def confirm_contact(case: ToEvaluate, cid: UUID, body: ContactConfirmationIn) -> SuggestionOut:
    """The delegate says whether the talk took place."""
    doing = case.doing(Side.DELEGATE)
    await handling.confirm_contact(case.tx, case.suggestion, cid, happened=body.happened, doing=doing)
    return await case.shown()


@router.post("/{id}/evaluation")
async def evaluate(case: ToEvaluate, body: EvaluationIn) -> SuggestionOut:
    """The lead delegate judges the reply; nobody of the unit ever sees or enters it."""
    basis = body.proxy.basis if body.proxy else None
    side = evaluating.evaluator(case.actor, case.suggestion, basis)
    await case.file(body.proxy.upload_id if body.proxy else None)
    judgement = evaluating.Judgement(**body.model_dump(exclude={"proxy", "reply_id"}))
    await evaluating.evaluate(
        case.tx,
        case.suggestion,
        judgement,
        case.doing(side, on_behalf_of=proposing.on_behalf(case.suggestion, side)),
        proxy_basis=basis,
        reply_id=body.reply_id,
    )
    return await case.shown()


@router.post("/{id}/commitments/{cid}/confirmation")
async def confirm_kept(case: ToEvaluate, cid: UUID, body: KeptIn) -> SuggestionOut:
    """The delegate's truth on a promise that the unit says is kept."""
    if case.suggestion.delegate_id not in case.actor.delegate_ids:
        raise NotLeadDelegate
    assignment, promise = await promising.found(case.tx, case.suggestion, cid)
    await promising.confirm(
        case.tx,
        case.suggestion,
        assignment,
        promise,
        kept=body.kept,
        seen_how=body.seen_how,
        doing=case.doing(Side.DELEGATE, words=body.note),
    )
    return await case.shown()


@router.post("/{id}/pressure-report", status_code=204)
async def report_pressure(case: ToEvaluate, body: PressureIn) -> None:
    """To the chair in person, or straight to the county; the file shows nothing of it."""
    doing = case.doing(Side.DELEGATE)
    await supervising.report_pressure(case.tx, case.suggestion, content=body.content, to=body.to, doing=doing)


@router.post("/{id}/withdrawal")
async def withdraw(case: ToPropose, body: WithdrawalIn) -> SuggestionOut:
    """撤回: by the lead; co-signers consent; after 交办 the office talks with the delegate first."""
    side = proposing.need_author(case.actor, case.suggestion)
    if side is Side.CONGRESS and body.proxy is None:
        raise NotLeadDelegate
    await case.file(body.proxy.upload_id if body.proxy else None)
    doing = case.doing(side, words=body.reason, on_behalf_of=proposing.on_behalf(case.suggestion, side))
    await ending.ask_withdrawal(case.tx, case.suggestion, body.reason, doing)
    return await case.shown()


@router.post("/{id}/withdrawal-consent")
async def consent_withdrawal(case: ToPropose, body: ConsentIn) -> SuggestionOut:
    """A co-signer's word on the withdrawal."""
    signers = ending.confirmed(await queries.cosigners(case.tx, case.suggestion.id))
    seat = cosigning.seat_among(case.actor, signers)
    doing = case.doing(Side.DELEGATE)
    await ending.consent_withdrawal(case.tx, case.suggestion, agree=body.agree, seat=seat, doing=doing)
    return await case.shown()
