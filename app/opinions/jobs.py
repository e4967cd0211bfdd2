"""Timed acts of opinions, and what they learn from suggestions."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.jobs import job
from app.infra.outbox import OutboxRow, consume
from app.opinions import answering
from app.opinions.steps import system
from app.suggestions import queries as suggestions
from app.suggestions.events import SuggestionClosed, SuggestionEvaluated
from app.suggestions.models import Disclosure, Suggestion
from app.suggestions.reply_models import Reply
from app.suggestions.states import State

BATCH = 200
HEARD = {SuggestionEvaluated.name, SuggestionClosed.name}


@job("opinions.hear_suggestions", cron="*/2 * * * * *")
async def hear_suggestions(tx: AsyncSession, now: datetime) -> int:
    """Bring the result of an evaluated suggestion to the residents behind it."""
    return await consume(tx, "opinions", _digest, now=now)


async def _digest(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
    if event.name not in HEARD:
        return
    suggestion = await tx.get(Suggestion, UUID(event.body["suggestion_id"]))
    if suggestion is None or suggestion.state not in (State.CLOSED, State.COMMITTED):
        return
    assignments = [a for a in await suggestions.assignments(tx, suggestion.id) if a.replied_at]
    replies = await suggestions.replies(tx, [a.id for a in assignments])
    if replies:
        author = assignments[-1].unit_name
        await answering.bring_result(
            tx, suggestion.id, result_words(suggestion, replies[-1]), author, system(now)
        )


def result_words(suggestion: Suggestion, reply: Reply) -> str:
    """What the resident reads: the reply itself where it may be published, else that there is one."""
    head = f"您反映的问题由人大代表整理成建议《{suggestion.title}》，承办单位已经答复。"
    if reply.disclosure == Disclosure.FULL and not suggestion.confidential:
        return f"{head}\n答复如下：\n{reply.content}"
    return f"{head}\n答复内容按规定不公开全文，如需了解请向镇人大办询问。"


@job("opinions.release", cron="*/10 * * * * *")
async def release(tx: AsyncSession, now: datetime) -> int:
    """An adopted draft was thrown away: its opinions wait for the office again, with a new clock."""
    return await answering.release_orphans(tx, now=now, limit=BATCH)


@job("opinions.close_quiet", cron="0 */10 * * * *")
async def close_quiet(tx: AsyncSession, now: datetime) -> int:
    """Close what was told, or available, fifteen calendar days ago."""
    return await answering.close_quiet(tx, now=now, limit=BATCH)
