"""Earlier suggestions that resemble one: a hint while writing and reviewing, never a verdict."""

import re
from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.suggestions.models import Suggestion
from app.suggestions.states import State
from app.suggestions.visibility import visible

ALIKE = 0.2  # similarity of trigrams; two reworded titles of one matter reach 0.3 to 0.6
MOST = 10
LATEST = 2000  # compared with the newest so many: a hint must not cost a scan of the archive
EVERYBODYS = "^关于|的?(建议|意见|批评)$"  # the frame of nearly every title


async def similar_to(
    tx: AsyncSession, suggestion: Suggestion, actor: Actor
) -> Sequence[tuple[Suggestion, float]]:
    """The most alike that the actor may see, each with its likeness (0-1)."""
    recent = (
        select(Suggestion.id)
        .where(
            Suggestion.congress_id == suggestion.congress_id,
            Suggestion.id != suggestion.id,
            Suggestion.state != State.DRAFT,
            visible(actor),
        )
        .order_by(col(Suggestion.created_at).desc())
        .limit(LATEST)
    )
    matter = func.regexp_replace(Suggestion.title, EVERYBODYS, "", "g")
    likeness = func.greatest(
        func.ext.similarity(matter, re.sub(EVERYBODYS, "", suggestion.title)),
        func.ext.similarity(Suggestion.situation, suggestion.situation),
    )
    rows = await tx.exec(
        select(Suggestion, likeness)
        .where(col(Suggestion.id).in_(recent), likeness >= ALIKE)
        .order_by(likeness.desc(), col(Suggestion.id).desc())
        .limit(MOST)
    )
    return [(found, float(alike)) for found, alike in rows]
