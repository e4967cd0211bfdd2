"""When one way does not reach a person the next one's row is made at once; a dead address is set aside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.delivery import Rejected
from app.alerts.models import Alert, AlertSubject
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal, occurrence_of
from app.directory import queries as directory
from app.infra.db import sql
from app.infra.logs import log
from app.kernel.clock import local_date, machine_now
from app.notifications import circuits, queries, reaching
from app.notifications.channels import Channel, Senders
from app.notifications.models import Address, Delivery, DeliveryState
from app.notifications.rules import ADDRESS_IS_DEAD

# What a digest has taken along goes with it, or shares its fate.
FOLLOW = text("UPDATE deliveries SET merged_into = :next, reason = :reason WHERE merged_into = :old")
SHARE_FATE = text("""
    UPDATE deliveries SET state = 'rejected', fell_back = true, reason = :reason
     WHERE merged_into = :old AND state = 'merged'""")
RELEASE = text("""
    UPDATE deliveries SET state = 'pending', merged_into = NULL, reason = NULL, available_at = :machine
     WHERE merged_into = :old AND state = 'merged'""")


async def fall_over(
    tx: AsyncSession, delivery: Delivery, reason: str, senders: Senders, *, now: datetime
) -> Delivery | None:
    """This way is given up; the row of the next one, if the person has another."""
    delivery.state, delivery.reason, delivery.fell_back = DeliveryState.REJECTED, reason, True
    channel = await next_channel(tx, delivery, senders)
    if channel is None:
        await sql(tx, SHARE_FATE, {"old": delivery.id, "reason": reason})
        return None
    following = _instead(delivery, channel, now=now)
    tx.add(following)
    await sql(tx, FOLLOW, {"old": delivery.id, "next": following.id, "reason": str(following.id)})
    return following


async def next_channel(tx: AsyncSession, delivery: Delivery, senders: Senders) -> Channel | None:
    """The first way in the person's order that is furnished, is up, and has not been tried for this."""
    routing = await queries.routing(tx)
    wishes = (await reaching.wishes(tx, [delivery.account_id], routing))[delivery.account_id]
    tried = await queries.channels_tried(tx, delivery)
    down = await circuits.open_channels(tx, machine=machine_now())
    left = (c for c in wishes.channels if c in senders and c not in tried and c not in down)
    return next(left, None)


def _instead(delivery: Delivery, channel: Channel, *, now: datetime) -> Delivery:
    """It may ring at once: the window has been looked at for the way that failed, and is looked at again."""
    return Delivery(
        subject_kind=delivery.subject_kind,
        subject_id=delivery.subject_id,
        line=delivery.line,
        occurrence=delivery.occurrence,
        account_id=delivery.account_id,
        stands_in_for=delivery.stands_in_for,
        channel=channel,
        state=DeliveryState.PENDING,
        alert_id=delivery.alert_id,
        created_at=now,
        send_after=now,
        available_at=machine_now(),
        instead_of=delivery.id,
    )


async def release(tx: AsyncSession, delivery_id: UUID) -> None:
    """A digest that is not sent after all gives back what it had taken along."""
    await sql(tx, RELEASE, {"old": delivery_id, "machine": machine_now()})


async def set_address_aside(
    tx: AsyncSession, delivery: Delivery, refusal: Rejected, *, now: datetime
) -> None:
    """An address that leads nowhere is used no more, and the office is told, once a day."""
    if refusal.reason not in ADDRESS_IS_DEAD:
        return
    log.warning("address set aside", channel=delivery.channel, reason=refusal.reason)
    dead = {"disabled_at": machine_now(), "disabled_reason": refusal.reason, "changed_at": machine_now()}
    row = insert(Address).values(account_id=delivery.account_id, channel=delivery.channel, **dead)
    await tx.exec(row.on_conflict_do_update(index_elements=["account_id", "channel"], set_=dead))
    alert = await tx.get(Alert, delivery.alert_id) if delivery.alert_id else None
    found = Found(
        line=Signal.ADDRESS_DEAD,
        subject_kind=AlertSubject.ACCOUNT,
        subject_id=delivery.account_id,
        occurrence=occurrence_of(local_date(now)),
        at=now,
        region_id=alert.region_id if alert else (await directory.county(tx)).id,
    )
    await raise_alert(tx, found, now=now)
