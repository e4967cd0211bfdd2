"""An answer goes on the wall: by the office's decision only, in words that name nobody (domain.md 7)."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from app.opinions.errors import NotForThePublic
from app.opinions.models import Opinion, Publication
from app.opinions.receiving import contact_of
from app.opinions.rules import without_phones
from app.opinions.steps import By, step
from app.opinions.workflow import Act


@dataclass(frozen=True)
class Wording:
    """What everybody reads; None: as written, less the resident's name and every phone number."""

    content: str | None = None
    result: str | None = None


def may_be_public(opinion: Opinion) -> bool:
    return not opinion.confidential and not opinion.accusing and opinion.result is not None


def need_presentable(opinion: Opinion) -> None:
    if not may_be_public(opinion):
        raise NotForThePublic


async def publish(tx: AsyncSession, opinion: Opinion, wording: Wording, by: By) -> None:
    """Decide that everybody may read it; deciding again replaces the words. Raises NotForThePublic."""
    need_presentable(opinion)
    await step(tx, opinion, Act.PUBLISH, by)
    await show(tx, opinion, wording, by)


async def show(tx: AsyncSession, opinion: Opinion, wording: Wording, by: By) -> None:
    """The publication itself, as part of another act (站内公示)."""
    row = await tx.get(Publication, opinion.id) or Publication(
        opinion_id=opinion.id, region_id=opinion.region_id, content="", result="", published_at=by.now
    )
    row.category = opinion.category
    row.content = wording.content or nameless(tx, opinion, opinion.content)
    row.result = wording.result or nameless(tx, opinion, opinion.result or "")
    row.published_at, row.withdrawn_at = by.now, None
    tx.add(row)


async def withdraw(tx: AsyncSession, opinion: Opinion, by: By) -> None:
    """Take it off the wall; that it hung there stays in the history."""
    await step(tx, opinion, Act.WITHDRAW_PUBLICATION, by)
    await take_down(tx, opinion, by)


async def take_down(tx: AsyncSession, opinion: Opinion, by: By) -> None:
    """Without a step of its own: an answer that is contested, or replaced, no longer hangs there."""
    row = await tx.get(Publication, opinion.id)
    if row is not None and row.withdrawn_at is None:
        row.withdrawn_at = by.now
        tx.add(row)


def nameless(tx: AsyncSession, opinion: Opinion, words: str) -> str:
    contact = contact_of(tx, opinion)
    plain = words.replace(contact.name, "某居民") if contact else words
    return without_phones(plain)
