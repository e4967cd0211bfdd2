"""What the resident does on the receipt's page: read, add, rate, ask again. No log-in, no account."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.opinions import answering, publishing, queries
from app.opinions.errors import AlreadyReopened, CommitmentUnknown, ReceiptUnknown
from app.opinions.events import CommitmentSeen, OpinionClosed, OpinionReopened
from app.opinions.models import CommitmentWord, Opinion, OpinionMessage, Satisfaction, ToldHow
from app.opinions.receiving import receipt_index
from app.opinions.rules import accuses
from app.opinions.steps import WITH_THE_UNIT, By, step, tell
from app.opinions.workflow import Act, State


async def by_receipt(tx: AsyncSession, receipt: str, *, lock: bool = False) -> Opinion:
    """The opinion of a receipt as typed; ReceiptUnknown."""
    found = await queries.by_receipt(tx, receipt_index(tx, receipt), lock=lock)
    if found is None:
        raise ReceiptUnknown
    return found


async def note_read(tx: AsyncSession, opinion: Opinion, by: By) -> None:
    """Opening the page with a result on it is being told; only this page sets it."""
    if opinion.state in (State.ANSWERED, State.TRANSFERRED):
        await answering.note_told(tx, opinion, ToldHow.READ, by)


async def supplement(tx: AsyncSession, opinion: Opinion, content: str, by: By) -> OpinionMessage:
    """Add something, or answer the office's question."""
    await step(tx, opinion, Act.SUPPLEMENT, by)
    _note_accusation(opinion, content)
    message = OpinionMessage(opinion_id=opinion.id, by="resident", content=content, at=by.now)
    tx.add(message)
    return message


async def rate(
    tx: AsyncSession, opinion: Opinion, satisfied: Satisfaction, comment: str | None, by: By
) -> None:
    """The resident's own mark; it closes the opinion."""
    was_open = opinion.state != State.CLOSED
    await step(tx, opinion, Act.RATE, by)
    opinion.rating, opinion.rating_comment, opinion.rated_at = satisfied, comment, by.now
    if was_open:
        opinion.closed_at = by.now
        tell(tx, OpinionClosed, opinion, by)


async def reopen(tx: AsyncSession, opinion: Opinion, reason: str, by: By) -> None:
    """Once: the office looks again, with a new clock."""
    if opinion.reopened_at is not None:
        raise AlreadyReopened
    opinion.round += 1
    await step(tx, opinion, Act.REOPEN, by, words=reason)
    _note_accusation(opinion, reason)
    opinion.reopened_at, opinion.closed_at = by.now, None
    await publishing.take_down(tx, opinion, by)
    tx.add(OpinionMessage(opinion_id=opinion.id, by="resident", content=reason, at=by.now))
    tell(tx, OpinionReopened, opinion, by)


def _note_accusation(opinion: Opinion, words: str) -> None:
    """What accuses somebody only now goes to no unit from now on. A unit that has it already goes on with
    the matter, and does not read these words (`reading.py`)."""
    if opinion.state not in WITH_THE_UNIT and accuses(None, words):
        opinion.accusing = True


async def confirm_commitment(
    tx: AsyncSession, opinion: Opinion, commitment_id: UUID, *, kept: bool, note: str | None, by: By
) -> None:
    """Say whether a promise was kept: the resident's word is evidence, and each word is kept.

    Raises CommitmentUnknown for a promise that is not shown on this page.
    """
    if commitment_id not in {promise.id for promise in await queries.promises(tx, opinion)}:
        raise CommitmentUnknown
    await step(tx, opinion, Act.CONFIRM_KEPT, by, words="已兑现" if kept else "未兑现")
    tx.add(
        CommitmentWord(opinion_id=opinion.id, commitment_id=commitment_id, kept=kept, note=note, at=by.now)
    )
    tell(tx, CommitmentSeen, opinion, by, commitment_id=commitment_id, kept=kept)
