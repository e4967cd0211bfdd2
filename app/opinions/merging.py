"""Opinions alike are found and handled as one; each resident keeps the receipt and is told (domain.md 3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Boolean, Uuid, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.infra.db import sql
from app.opinions import queries
from app.opinions.errors import MergeUnfit
from app.opinions.events import OpinionMerged
from app.opinions.models import Opinion
from app.opinions.steps import By, step, tell
from app.opinions.visibility import FLAGS, LISTS, VISIBLE, scope_of
from app.opinions.workflow import Act, State
from app.suggestions import proposing

LOOKED_BACK = timedelta(days=180)
SHOWN = 10
STILL_OPEN = {
    State.RECEIVED,
    State.REOPENED,
    State.AWAITING_RESIDENT,
    State.REFERRED,
    State.HANDLING,
    State.ADOPTED,
}

# Trigrams over the newest thousand of the same region: an office compares what it has in hand, not history.
# The part put into the text is a constant of this package.
ALIKE = text(f"""
    SELECT id, round(similarity(content, :content)::numeric, 2)::float AS likeness FROM (
        SELECT opinions.id, opinions.content FROM opinions
         WHERE opinions.region_id = :region AND opinions.id <> :id AND opinions.state <> 'merged'
           AND opinions.created_at >= :since AND {VISIBLE}
         ORDER BY opinions.created_at DESC LIMIT 1000) newest
     WHERE similarity(content, :content) >= 0.2
     ORDER BY similarity(content, :content) DESC, id DESC LIMIT :limit""").bindparams(  # noqa: S608
    *(bindparam(name, type_=Boolean) for name in FLAGS),
    *(bindparam(name, type_=ARRAY(Uuid)) for name in LISTS),
)


async def alike(tx: AsyncSession, opinion: Opinion, actor: Actor, *, now: datetime) -> Sequence[Any]:
    """(id, likeness from 0 to 1) of what reads alike and this actor may read, most alike first."""
    facts = {"id": opinion.id, "region": opinion.region_id, "content": opinion.content}
    bounds = {"since": now - LOOKED_BACK, "limit": SHOWN}
    return (await sql(tx, ALIKE, {**facts, **bounds, **scope_of(actor)})).all()


async def merge(tx: AsyncSession, opinion: Opinion, into: Opinion, by: By) -> None:
    """Handle it together with another (both locked); those merged into it before go along.

    Raises MergeUnfit for itself and for what is no longer open.
    """
    if into.id == opinion.id or into.state not in STILL_OPEN:
        raise MergeUnfit
    before = await queries.merged_into(tx, opinion.id)
    await step(tx, opinion, Act.MERGE, by, words=into.number)
    for one in (opinion, *before):
        one.merged_into_id = into.id
        tx.add(one)
        if into.suggestion_id and one.suggestion_id is None:
            one.suggestion_id = into.suggestion_id
            proposing.add_origin(tx, into.suggestion_id, one.id)
    tell(tx, OpinionMerged, opinion, by, into_id=into.id)
