"""Questions about messages and their deliveries."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import Account
from app.alerts.models import Alert
from app.infra.db import sql
from app.kernel.clock import end_of_day, local_date, local_midnight
from app.kernel.paging import Cursor
from app.notifications import policy
from app.notifications.channels import Channel
from app.notifications.errors import InboxItemUnknown
from app.notifications.models import Delivery, DeliveryState, InboxItem, RoutingChoice
from app.notifications.policy import Routing
from app.suggestions.models import Step


async def routing(tx: AsyncSession) -> Routing:
    """As shipped, with this county's changes."""
    rows = await tx.exec(select(RoutingChoice).order_by(col(RoutingChoice.id).desc()).limit(1))
    choice = rows.first()
    return policy.shipped().with_changes(choice.changes) if choice else policy.shipped()


async def inbox(
    tx: AsyncSession, account_id: UUID, *, after: Cursor | None, limit: int
) -> Sequence[InboxItem]:
    """One person's messages, newest first."""
    query = select(InboxItem).where(InboxItem.account_id == account_id)
    if after:
        query = query.where(
            or_(
                col(InboxItem.created_at) < after.at,
                and_(col(InboxItem.created_at) == after.at, col(InboxItem.id) < after.id),
            )
        )
    order = (col(InboxItem.created_at).desc(), col(InboxItem.id).desc())
    return (await tx.exec(query.order_by(*order).limit(limit))).all()


async def own_item_for_update(tx: AsyncSession, id: UUID, account_id: UUID) -> InboxItem:
    """Raises InboxItemUnknown."""
    rows = await tx.exec(
        select(InboxItem).where(InboxItem.id == id, InboxItem.account_id == account_id).with_for_update()
    )
    found = rows.first()
    if found is None:
        raise InboxItemUnknown
    return found


async def trail(tx: AsyncSession, alert_id: UUID) -> Sequence[tuple[Delivery, Account, InboxItem | None]]:
    """Every delivery of an alert, in the order in which they were made, with its person."""
    rows = await tx.exec(
        select(Delivery, Account, InboxItem)
        .join(Account, col(Account.id) == col(Delivery.account_id))
        .outerjoin(InboxItem, col(InboxItem.delivery_id) == col(Delivery.id))
        .where(Delivery.alert_id == alert_id)
        .order_by(col(Delivery.id))
    )
    return rows.all()


async def inbox_item_of(tx: AsyncSession, delivery: Delivery) -> InboxItem | None:
    """What the same person has in the inbox of the same thing."""
    rows = await tx.exec(
        select(InboxItem)
        .join(Delivery, col(Delivery.id) == col(InboxItem.delivery_id))
        .where(*_same_message(delivery), Delivery.channel == Channel.INBOX)
    )
    return rows.first()


async def channels_tried(tx: AsyncSession, delivery: Delivery) -> set[str]:
    """By which ways this person has been told, or was to be told, of the same thing."""
    return set(await tx.exec(select(Delivery.channel).where(*_same_message(delivery))))


def _same_message(delivery: Delivery) -> tuple[bool, ...]:
    return (
        Delivery.subject_kind == delivery.subject_kind,
        Delivery.subject_id == delivery.subject_id,
        Delivery.line == delivery.line,
        Delivery.occurrence == delivery.occurrence,
        Delivery.account_id == delivery.account_id,
    )


# MATERIALIZED: in a plain subquery the planner may look again for each row, and lease more than the limit.
CLAIM = text("""
    WITH next AS MATERIALIZED (
        SELECT id FROM deliveries
         WHERE state IN ('pending', 'leased') AND available_at <= :machine AND send_after <= :now
         ORDER BY available_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE deliveries SET state = 'leased', attempts = attempts + 1, available_at = :until
      FROM next WHERE deliveries.id = next.id
    RETURNING deliveries.id, attempts, account_id""")
# Leases nobody came back from: too many sends whose answer is unknown, or too many attempts.
GIVE_UP = text("""
    WITH lost AS MATERIALIZED (
        SELECT id FROM deliveries
         WHERE state = 'leased' AND available_at <= :machine
           AND (in_doubt >= (CAST(:doubtful AS jsonb)->>channel)::int OR attempts >= :attempts)
         LIMIT :limit FOR UPDATE SKIP LOCKED)
    UPDATE deliveries SET fell_back = true,
           state = CASE WHEN in_doubt >= (CAST(:doubtful AS jsonb)->>channel)::int
                        THEN 'unknown' ELSE 'parked' END
      FROM lost WHERE deliveries.id = lost.id""")


async def claim(
    tx: AsyncSession, *, now: datetime, machine: datetime, until: datetime
) -> tuple[UUID, int, UUID] | None:
    """(id, attempts, person) of the next delivery, ours until `until`; `attempts` marks the claim."""
    row = (await sql(tx, CLAIM, {"now": now, "machine": machine, "until": until})).first()
    return (row.id, row.attempts, row.account_id) if row else None


async def give_up(
    tx: AsyncSession, *, machine: datetime, doubtful: Mapping[Channel, int], attempts: int, limit: int
) -> None:
    facts = {"machine": machine, "doubtful": json.dumps(doubtful), "attempts": attempts, "limit": limit}
    await sql(tx, GIVE_UP, facts)


async def claimed_for_update(tx: AsyncSession, id: UUID, *, attempts: int) -> Delivery | None:
    """The delivery if the claim still holds, locked; None if another worker has it by now."""
    rows = await tx.exec(
        select(Delivery)
        .where(Delivery.id == id, Delivery.attempts == attempts, Delivery.state == DeliveryState.LEASED)
        .with_for_update()
    )
    return rows.first()


# Superseded and refused ones tell nobody anything; the others do, or are about to.
TELLING = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
SENT = (DeliveryState.DELIVERED, DeliveryState.UNKNOWN)


async def pushes_together(
    tx: AsyncSession, delivery: Delivery, root_id: UUID, *, within: timedelta
) -> Sequence[tuple[str | None, UUID, bool]]:
    """Pushes to the same person of the same line and matter, noticed about when this one was.

    (kind of clock, delivery, already sent), by id. Business time.
    """
    rows = await tx.exec(
        select(Alert.kind, Delivery.id, Delivery.state)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .where(
            Delivery.account_id == delivery.account_id,
            Delivery.channel == delivery.channel,
            Delivery.line == delivery.line,
            Delivery.id != delivery.id,
            Alert.root_id == root_id,
            col(Delivery.state).in_(TELLING),
            col(Delivery.created_at).between(delivery.created_at - within, delivery.created_at + within),
        )
        .order_by(col(Delivery.id))
    )
    return [(kind, id, state in SENT) for kind, id, state in rows]


PERSON_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('push|' || :person, 0))")
SENT_TODAY = text("""
    SELECT count(*) FROM deliveries
     WHERE account_id = :person AND channel <> 'inbox'
       AND ((state IN ('delivered', 'unknown') AND coalesce(delivered_at, send_after) >= :start
             AND coalesce(delivered_at, send_after) < :end)
            OR (state = 'leased' AND in_doubt > 0))""")


async def lock_person(tx: AsyncSession, account_id: UUID) -> None:
    """One push of a person is prepared at a time, before any row is locked: counts stay true."""
    await sql(tx, PERSON_LOCK, {"person": str(account_id)})


async def sent_today(tx: AsyncSession, account_id: UUID, *, now: datetime) -> int:
    """Pushes of this local day that reached the person or may have, and those under way."""
    day = local_date(now)
    facts = {"person": account_id, "start": local_midnight(day), "end": end_of_day(day)}
    return int((await sql(tx, SENT_TODAY, facts)).scalar_one())


async def waiting_beside(tx: AsyncSession, delivery: Delivery, *, now: datetime) -> Sequence[Delivery]:
    """What else may ring for this person on this channel now and is not being sent, by id; locked.

    The person's lock is held: whoever has claimed one of these finds its claim gone.
    """
    rows = await tx.exec(
        select(Delivery)
        .where(
            Delivery.account_id == delivery.account_id,
            Delivery.channel == delivery.channel,
            Delivery.id != delivery.id,
            col(Delivery.state).in_((DeliveryState.PENDING, DeliveryState.LEASED)),
            Delivery.in_doubt == 0,
            Delivery.send_after <= now,
        )
        .order_by(col(Delivery.id))
        .with_for_update()
    )
    return rows.all()


async def merged_into(tx: AsyncSession, delivery_id: UUID) -> Sequence[Delivery]:
    rows = await tx.exec(
        select(Delivery).where(Delivery.merged_into == delivery_id).order_by(col(Delivery.id))
    )
    return rows.all()


async def acted_lately(
    tx: AsyncSession, account_id: UUID, root_ids: Collection[UUID], *, since: datetime
) -> bool:
    """Has this person taken a step in one of these files from `since` (business time) on?"""
    rows = await tx.exec(
        select(Step.id)
        .where(Step.actor_id == account_id, col(Step.suggestion_id).in_(root_ids), Step.at >= since)
        .limit(1)
    )
    return rows.first() is not None
