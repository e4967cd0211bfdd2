"""The events a partner may learn of, in commit order: a partner that missed a webhook catches up here."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra import outbox
from app.infra.outbox import OutboxRow
from app.webhooks.publicity import data_of, is_public
from app.webhooks.schemas import EventOut, EventsOut

EXAMINED = 500


async def page(tx: AsyncSession, after: int, *, limit: int) -> EventsOut:
    """At most `limit` public events beyond `after`; looks at no more than 500 rows."""
    rows = await outbox.after(tx, after, limit=EXAMINED + 1)
    items: list[EventOut] = []
    seen = after
    for row in rows[:EXAMINED]:
        if len(items) == limit:
            break
        seen = row.seq or seen
        if is_public(row.name, row.body):
            items.append(_shown(row, seen))
    more = bool(rows) and (rows[-1].seq or 0) > seen
    return EventsOut(items=items, next_after=seen, next_cursor=str(seen) if more else None)


def _shown(row: OutboxRow, seq: int) -> EventOut:
    return EventOut(
        seq=seq,
        id=row.id,
        type=row.name,
        occurred_at=row.occurred_at,
        history=row.relayed,
        data=data_of(row.body),
    )
