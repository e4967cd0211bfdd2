"""Questions about messages and their deliveries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.models import Account, WechatBinding
from app.alerts.models import Alert
from app.infra.db import sql
from app.kernel.paging import Cursor
from app.notifications.errors import InboxItemUnknown
from app.notifications.models import Delivery, DeliveryState, InboxItem


async def bound_to_wechat(tx: AsyncSession, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the accounts that have bound a WeChat user."""
    rows = await tx.exec(
        select(WechatBinding.account_id).where(col(WechatBinding.account_id).in_(account_ids))
    )
    return set(rows.all())


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


CLAIM = text("""
    UPDATE deliveries SET state = 'leased', attempts = attempts + 1, available_at = :until
     WHERE id IN (
        SELECT id FROM deliveries
         WHERE state IN ('pending', 'leased') AND available_at <= :machine AND send_after <= :now
         ORDER BY available_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, attempts""")
# Leases nobody came back from: too many sends whose answer is unknown, or too many attempts.
GIVE_UP = text("""
    UPDATE deliveries SET fell_back = true,
           state = CASE WHEN in_doubt >= :doubtful THEN 'unknown' ELSE 'parked' END
     WHERE id IN (
        SELECT id FROM deliveries
         WHERE state = 'leased' AND available_at <= :machine
           AND (in_doubt >= :doubtful OR attempts >= :attempts)
         LIMIT :limit FOR UPDATE SKIP LOCKED)""")


async def claim(
    tx: AsyncSession, *, now: datetime, machine: datetime, until: datetime
) -> tuple[UUID, int] | None:
    """(id, attempts) of the next delivery, ours until `until`; `attempts` marks the claim."""
    row = (await sql(tx, CLAIM, {"now": now, "machine": machine, "until": until})).first()
    return (row.id, row.attempts) if row else None


async def give_up(tx: AsyncSession, *, machine: datetime, doubtful: int, attempts: int, limit: int) -> None:
    facts = {"machine": machine, "doubtful": doubtful, "attempts": attempts, "limit": limit}
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
) -> Sequence[tuple[str, UUID, bool]]:
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
