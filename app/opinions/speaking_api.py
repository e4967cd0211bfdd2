"""`POST /api/public/v1/opinions`: the quick way, and the ordinary one for everything it leaves."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import idempotency
from app.infra.deps import Now, claim_for, make_claim, vault_of_request
from app.infra.idempotency import Claim
from app.infra.ratelimit import BudgetSpent
from app.infra.unit_route import in_one_unit
from app.kernel.ids import random_code
from app.opinions import quick, receiving
from app.opinions.deps import Budgets, Device, Flood
from app.opinions.models import Source
from app.opinions.public_api import (
    check_flood,
    count_spoken,
    receipt_out,
    received_out,
    words_of,
)
from app.opinions.quick import Quick, Speech
from app.opinions.reading import number_of
from app.opinions.receiving import RECEIPT_LENGTH, From
from app.opinions.schemas import OpinionIn, ReceivedOut
from app.opinions.steps import resident
from app.uploads.service import FORMS

router = APIRouter(tags=["residents"])


@router.post("/opinions", status_code=201, response_model=ReceivedOut)
async def speak(
    body: OpinionIn,
    request: Request,
    now: Now,
    flood: Flood,
    device: Device,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Leave an opinion at a station. The receipt is the only way back to it: keep it."""
    claim = await claim_for(request, client="resident", key=idempotency_key, public=True)
    refused = _refusal(flood, device, body)
    if refused is None and not body.upload_ids:
        answered = await _quickly(request, body, claim, now)
        if answered is not None:
            count_spoken(flood, device, body.station_code, body.content)
            return answered
    answer = await in_one_unit(request, lambda tx: _ordinarily(request, tx, body, claim, now, refused))
    if idempotency.REPLAYED not in answer.headers:
        count_spoken(flood, device, body.station_code, body.content)
    return answer


def _refusal(flood: Budgets, device: str, body: OpinionIn) -> BudgetSpent | None:
    """The refusal, kept back till it is known whether the key has its answer already."""
    try:
        check_flood(flood, device, body.station_code, body.content)
    except BudgetSpent as refused:
        return refused
    return None


async def _quickly(request: Request, body: OpinionIn, claim: Claim, now: datetime) -> Response | None:
    """One statement; None if it wrote nothing."""
    ways: Quick = request.app.state.quick
    tenant, vault = request.state.tenant, vault_of_request(request)
    ready = await ways.ready(tenant, now=now)
    receipt = random_code(RECEIPT_LENGTH)
    speech = Speech(body.station_code, words_of(body), receipt, now, request.state.request_id)
    answer = _answer(receipt_out(request, number_of(now, ready.number), receipt, ready.due_at))
    sealed = idempotency.seal(claim, answer)
    if await quick.write(ways.database, tenant, vault, speech, ready, claim, sealed):
        return answer
    ways.forget(tenant)
    return None


async def _ordinarily(
    request: Request,
    tx: AsyncSession,
    body: OpinionIn,
    claim: Claim,
    now: datetime,
    refused: BudgetSpent | None,
) -> Response:
    """A repeated key gets its first answer, also when the budget is spent."""
    await make_claim(request, tx, claim)
    if refused is not None:
        raise refused
    station = await receiving.open_station(tx, body.station_code)
    came = From(Source.RESIDENT, FORMS)
    received = await receiving.receive(tx, station, words_of(body), came, resident(now))
    return _answer(received_out(request, received))


def _answer(facts: dict[str, object]) -> Response:
    out = ReceivedOut.model_validate(facts)
    return Response(out.model_dump_json(), 201, media_type="application/json")
