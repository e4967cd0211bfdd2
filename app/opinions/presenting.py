"""Opinions as the resident, and as the office, may read them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.permissions import Permission
from app.opinions import queries
from app.opinions.models import Opinion, OpinionStep
from app.opinions.receiving import Contact
from app.opinions.rules import masked_name, masked_phone
from app.opinions.schemas import (
    CommitmentOut,
    FollowUpOut,
    MaskedContact,
    MessageOut,
    PhotoOut,
    ResultOut,
    TimelineOut,
)
from app.opinions.workflow import Act, State
from app.uploads.models import Upload

# Acts an office or a delegate takes; the others are the resident's, the clock's or the suggestion's.
STAFF_ACTS = {
    Act.RECOMMEND: Permission.OPINION_RECOMMEND,
    Act.ASK: Permission.OPINION_DECIDE,
    Act.ANSWER: Permission.OPINION_ANSWER,
    Act.ADOPT: Permission.OPINION_ADOPT,
    Act.TRANSFER: Permission.OPINION_DECIDE,
    Act.TELL: Permission.OPINION_DECIDE,
    Act.CLOSE: Permission.OPINION_DECIDE,
    Act.REFER: Permission.OPINION_DECIDE,
    Act.MERGE: Permission.OPINION_DECIDE,
    Act.GIVE_TIME: Permission.OPINION_DECIDE,
    Act.TAKE_UP: Permission.OPINION_HANDLE,
    Act.HAND_BACK: Permission.OPINION_HANDLE,
    Act.ASK_TIME: Permission.OPINION_HANDLE,
    Act.REPLY: Permission.OPINION_HANDLE,
    Act.PUBLISH: Permission.OPINION_DECIDE,
    Act.WITHDRAW_PUBLICATION: Permission.OPINION_DECIDE,
}


def photo_for_receipt(receipt: str, upload: Upload) -> PhotoOut:
    url = f"/api/public/v1/opinions/{receipt}/photos/{upload.id}"
    return PhotoOut(id=upload.id, url=url, width=upload.width, height=upload.height)


def result_of(opinion: Opinion) -> ResultOut | None:
    if opinion.result is None or opinion.result_at is None:
        return None
    return ResultOut(content=opinion.result, by=opinion.result_by, at=opinion.result_at)


def timeline(steps: Sequence[OpinionStep]) -> list[TimelineOut]:
    return [TimelineOut(at=s.at, act=s.act, state=State(s.entered), note=None) for s in steps if s.public]


async def follow_up(tx: AsyncSession, opinion: Opinion, receipt: str) -> FollowUpOut:
    """The receipt's view: no name of a person who handles it, none of the submitter."""
    await tx.flush()
    return FollowUpOut(
        number=opinion.number,
        state=State(opinion.state),
        timeline=timeline(await queries.steps(tx, opinion.id)),
        messages=[MessageOut.model_validate(m) for m in await queries.messages(tx, opinion.id)],
        photos=[photo_for_receipt(receipt, u) for u in await queries.photos(tx, opinion.id)],
        result=result_of(opinion),
        commitments=[CommitmentOut.model_validate(p) for p in await queries.promises(tx, opinion)],
    )


def masked(contact: Contact) -> MaskedContact:
    return MaskedContact(
        name=masked_name(contact.name),
        phone=masked_phone(contact.phone),
        share_with_unit=contact.share_with_unit,
    )
