"""For the operator: what is stuck, sent once more by hand; what an event could not become; the routing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.models import Account
from app.infra import audit
from app.infra.outbox import OutboxRow, ParkedEvent
from app.kernel.clock import machine_now
from app.kernel.paging import Cursor
from app.notifications import policy, telling
from app.notifications.errors import DeliveryUnknown, NothingToReplay
from app.notifications.models import Delivery, DeliveryState, RoutingChoice

STUCK = (DeliveryState.PARKED, DeliveryState.UNKNOWN)
CONSUMER = "notifications"


async def stuck(tx: AsyncSession, *, after: Cursor | None, limit: int) -> Sequence[tuple[Delivery, str]]:
    """Parked deliveries and those nobody knows of, with the person's name, newest first."""
    query = (
        select(Delivery, Account.name)
        .join(Account, col(Account.id) == col(Delivery.account_id))
        .where(col(Delivery.state).in_(STUCK))
    )
    if after:
        query = query.where(col(Delivery.id) < after.id)
    return (await tx.exec(query.order_by(col(Delivery.id).desc()).limit(limit))).all()


async def replay(tx: AsyncSession, id: UUID, actor: Actor, *, now: datetime) -> Delivery:
    """Send a stuck one anew, if it is still true then. Of an unknown one the person may hear twice.

    Raises DeliveryUnknown, NothingToReplay.
    """
    delivery = await tx.get(Delivery, id, with_for_update=True)
    if delivery is None:
        raise DeliveryUnknown
    if delivery.state not in STUCK:
        raise NothingToReplay
    delivery.state, delivery.available_at = DeliveryState.PENDING, machine_now()
    delivery.attempts = delivery.in_doubt = 0
    delivery.fell_back = False
    audit.note(tx, "delivery.replay", actor=actor.label, subject_kind="delivery", subject_id=id, now=now)
    return delivery


async def parked_events(tx: AsyncSession) -> Sequence[ParkedEvent]:
    """Events that could not be told, oldest first."""
    rows = await tx.exec(
        select(ParkedEvent).where(ParkedEvent.consumer == CONSUMER).order_by(col(ParkedEvent.seq))
    )
    return rows.all()


async def replay_event(tx: AsyncSession, seq: int, actor: Actor, *, now: datetime) -> None:
    """Tell a parked event once more; if it fails again it stays parked. Raises DeliveryUnknown."""
    parked = await tx.get(ParkedEvent, (CONSUMER, seq), with_for_update=True)
    event = (await tx.exec(select(OutboxRow).where(OutboxRow.seq == seq))).first()
    if parked is None or event is None:
        raise DeliveryUnknown
    await telling.digest(tx, event, now)
    await tx.delete(parked)
    audit.note(tx, "event.replay", actor=actor.label, subject_kind="event", subject_id=event.id, now=now)


async def choose_routing(
    tx: AsyncSession, changes: Mapping[str, Any], actor: Actor, *, now: datetime
) -> RoutingChoice:
    """These entries instead of the shipped ones from now on. Raises RoutingUnreadable."""
    policy.shipped().with_changes(changes)
    made = RoutingChoice(changes=dict(changes), chosen_at=now, chosen_by=actor.label)
    tx.add(made)
    audit.note(
        tx,
        "notification.route",
        actor=actor.label,
        subject_kind="routing",
        subject_id=made.id,
        now=now,
        fields=sorted(changes),
    )
    return made


async def newest_choice(tx: AsyncSession) -> RoutingChoice | None:
    rows = await tx.exec(select(RoutingChoice).order_by(col(RoutingChoice.id).desc()).limit(1))
    return rows.first()
