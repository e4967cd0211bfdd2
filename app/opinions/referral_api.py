"""`/api/v1/opinions/{id}/referral…`: 微实事 between the office and a unit; merging what is alike."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from app.accounts.actor import Actor
from app.accounts.deps import holding
from app.accounts.permissions import Permission
from app.infra import audit
from app.infra.deps import Now, Tx
from app.infra.schemas import PageOut
from app.infra.unit_route import UnitRoute
from app.opinions import merging, queries, referring
from app.opinions.models import Opinion
from app.opinions.reading import detail
from app.opinions.receiving import contact_of
from app.opinions.referral_schemas import (
    AlikeOut,
    ExtensionDecisionIn,
    ExtensionRequestIn,
    HandedBackOut,
    MergeIn,
    ReferralIn,
    ReturnIn,
)
from app.opinions.schemas import AnswerIn, ContactOut, ContactRevealIn, OpinionOut
from app.opinions.steps import staff

router = APIRouter(prefix="/opinions/{id}", tags=["opinions"], route_class=UnitRoute)

Reader = Annotated[Actor, Depends(holding(Permission.OPINION_READ))]
Decider = Annotated[Actor, Depends(holding(Permission.OPINION_DECIDE))]
Handler = Annotated[Actor, Depends(holding(Permission.OPINION_HANDLE))]


@router.post("/referral")
async def refer(id: UUID, body: ReferralIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Hand a small matter to a unit (微实事): five working days."""
    found = await queries.to_decide(tx, id, actor)
    await referring.refer(tx, found, body.unit_id, staff(actor, now))
    return await detail(tx, found.id, actor)


@router.post("/referral/acceptance")
async def take_up(id: UUID, actor: Handler, tx: Tx, now: Now) -> OpinionOut:
    """Sign for it (签收)."""
    found = await queries.seen(tx, id, actor, lock=True)
    await referring.take_up(tx, await referring.handled(tx, found, actor, now))
    return await detail(tx, found.id, actor)


@router.post("/referral/return")
async def hand_back(id: UUID, body: ReturnIn, actor: Handler, tx: Tx, now: Now) -> HandedBackOut:
    """Misrouted: back to the office within two working days, unsigned. Then it is out of the unit's sight."""
    found = await queries.seen(tx, id, actor, lock=True)
    await referring.hand_back(tx, await referring.handled(tx, found, actor, now), body.reason)
    return HandedBackOut.model_validate(found)


@router.post("/referral/extension-request")
async def ask_time(id: UUID, body: ExtensionRequestIn, actor: Handler, tx: Tx, now: Now) -> OpinionOut:
    """Ask for more time, at most ten working days, before the due date."""
    found = await queries.seen(tx, id, actor, lock=True)
    handling = await referring.handled(tx, found, actor, now)
    await referring.ask_time(tx, handling, until=body.until, reason=body.reason)
    return await detail(tx, found.id, actor)


@router.post("/referral/extension-decision")
async def give_time(id: UUID, body: ExtensionDecisionIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Agree to it, or not."""
    found = await queries.to_decide(tx, id, actor)
    await referring.give_time(tx, found, agree=body.agree, reason=body.reason, by=staff(actor, now))
    return await detail(tx, found.id, actor)


@router.post("/referral/reply")
async def reply(id: UUID, body: AnswerIn, actor: Handler, tx: Tx, now: Now) -> OpinionOut:
    """Say what was done; the resident reads it under the unit's name."""
    found = await queries.seen(tx, id, actor, lock=True)
    await referring.reply(tx, await referring.handled(tx, found, actor, now), body.content)
    return await detail(tx, found.id, actor)


@router.post("/referral/contact-reveal")
async def reveal_contact(
    id: UUID, body: ContactRevealIn, actor: Handler, tx: Tx, now: Now
) -> ContactOut | None:
    """Name and phone for the unit that has it, only with the resident's tick; the reveal is in the audit."""
    found = await queries.seen(tx, id, actor)
    await referring.handled(tx, found, actor, now)
    contact = contact_of(tx, found)
    if contact is None or not contact.share_with_unit or found.confidential:
        return None
    audit.note(
        tx,
        "opinion.contact_revealed",
        actor=actor.label,
        subject_kind="opinion",
        subject_id=found.id,
        now=now,
        fields=["contact"],
    )
    return ContactOut(name=contact.name, phone=contact.phone)


@router.get("/similar")
async def similar(id: UUID, actor: Reader, tx: Tx, now: Now) -> PageOut[AlikeOut]:
    """At most ten that read alike, of the last half year and the same place, most alike first."""
    found = await queries.seen(tx, id, actor)
    likeness = {row.id: row.likeness for row in await merging.alike(tx, found, actor, now=now)}
    rows = await queries.by_ids(tx, likeness)
    return PageOut(items=[_alike(row, likeness[row.id]) for row in rows])


def _alike(row: Opinion, likeness: float) -> AlikeOut:
    return AlikeOut(
        id=row.id,
        number=row.number,
        state=row.state,  # type: ignore[arg-type]  # text in the row, checked by the database
        category=row.category,  # type: ignore[arg-type]
        content=row.content,
        created_at=row.created_at,
        likeness=likeness,
    )


@router.post("/merge")
async def merge(id: UUID, body: MergeIn, actor: Decider, tx: Tx, now: Now) -> OpinionOut:
    """Handle it together with another one; its resident is told the same result."""
    seen = {one: await queries.to_decide(tx, one, actor) for one in sorted({id, body.into_id})}
    found, into = seen[id], seen[body.into_id]
    await merging.merge(tx, found, into, staff(actor, now))
    return await detail(tx, found.id, actor)
