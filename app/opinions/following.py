"""What the resident does on the receipt's page: read, add, rate, ask again. No log-in, no account."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.opinions import answering, queries
from app.opinions.errors import AlreadyReopened, ReceiptUnknown
from app.opinions.events import OpinionClosed, OpinionReopened
from app.opinions.models import Opinion, OpinionMessage, Satisfaction, ToldHow
from app.opinions.receiving import receipt_index
from app.opinions.steps import By, step, tell
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
    opinion.reopened_at, opinion.closed_at = by.now, None
    tx.add(OpinionMessage(opinion_id=opinion.id, by="resident", content=reason, at=by.now))
    tell(tx, OpinionReopened, opinion, by)
