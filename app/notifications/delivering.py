"""Sending what waits: claim with a lease, look once more whether it is true, send, note what came of it.

Each step is a short unit of its own; no connection is held while a channel is asked. A worker killed
before a send leaves a lease that runs out; killed during one, it leaves a send in doubt.
"""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.infra.jobs import Work
from app.infra.logs import log
from app.infra.metrics import DELIVERIES
from app.kernel.clock import machine_now
from app.notifications import circuits, falling_over, queries, subscribing
from app.notifications.channels import Channel, Senders
from app.notifications.links import LinkBase
from app.notifications.models import Delivery, DeliveryState
from app.notifications.preparing import Claim, Moment, Ways, prepare
from app.notifications.rules import LONG_TO_WAIT, MOST_ATTEMPTS, MOST_DOUBTFUL, wait
from app.notifications.sending import WechatChannel, senders_of

BATCH = 20
LEASE = timedelta(seconds=60)  # renewed before the send, which takes at most 10 s
AFTER_SILENCE = timedelta(minutes=1)
AFTER_CHANNEL_REFUSED = timedelta(minutes=10)  # till an operator has acted


def ways_of(work: Work) -> Ways:
    """What this process was furnished with."""
    wechat: WechatChannel | None = work.outside.get(WechatChannel)
    base: str = work.outside.get(LinkBase, "")
    return Ways(senders_of(work.outside), wechat.appid if wechat else "", base)


async def deliver(work: Work, *, lease: timedelta = LEASE) -> int:
    """Send what waits, oldest first, at most a batch; returns how many. One failing holds up no other."""
    ways = ways_of(work)
    for done in range(BATCH):
        one = await claim(work, lease=lease)
        if one is None:
            return done
        try:
            await deliver_one(work, one, ways, lease)
        except Exception:
            log.exception("delivery failed", delivery=str(one.id), attempts=one.attempts)
    return BATCH


async def claim(work: Work, *, lease: timedelta) -> Claim | None:
    """The next one. Its attempt is counted before the work: what kills its worker each time ends parked.

    One at a time: a batch would count attempts for those that the death of its worker left untried.
    """
    async with work.unit() as tx:
        now, machine = await work.now(), machine_now()
        await queries.give_up(
            tx, machine=machine, doubtful=MOST_DOUBTFUL, attempts=MOST_ATTEMPTS, limit=BATCH
        )
        found = await queries.claim(tx, now=now, machine=machine, until=machine + lease)
        return Claim(*found) if found else None


async def deliver_one(work: Work, one: Claim, ways: Ways, lease: timedelta) -> None:
    async with work.unit() as tx:
        machine = machine_now()
        at = Moment(now=await work.now(), machine=machine, until=machine + lease)
        prepared = await prepare(tx, one, ways, at)
    if prepared is None:
        return
    channel, push = prepared
    outcome = await ways.senders[channel].send(push)
    DELIVERIES.labels(channel, type(outcome).__name__.lower()).inc()
    async with work.unit() as tx:
        await subscribing.settle(tx, channel, push, outcome, work.outside.get(WechatChannel))
        await _settle(tx, one, outcome, ways.senders, now=await work.now())


async def _settle(tx: AsyncSession, one: Claim, outcome: Outcome, senders: Senders, *, now: datetime) -> None:
    """Note what came of a send, unless the claim has gone to another worker meanwhile."""
    await queries.lock_person(tx, one.account_id)
    delivery = await queries.claimed_for_update(tx, one.id, attempts=one.attempts)
    if delivery is None:
        return
    breaker = await circuits.note(tx, Channel(delivery.channel), outcome, machine=machine_now())
    if not isinstance(outcome, Ambiguous):
        delivery.in_doubt -= 1
    match outcome:
        case Delivered(reference):
            delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, now
            delivery.reference = reference
        case Ambiguous(reason):
            _again(delivery, AFTER_SILENCE, reason)
        case Retry(after, reason):
            down = breaker.is_open(machine_now()) or after >= LONG_TO_WAIT or delivery.attempts > 1
            await _other_way_or_again(tx, delivery, timedelta(seconds=after), reason, senders, down, now)
        case Rejected(reason, Stands.CHANNEL, note):
            log.error("a channel refuses every message", channel=delivery.channel, reason=reason, note=note)
            await _other_way_or_again(tx, delivery, AFTER_CHANNEL_REFUSED, reason, senders, True, now)
        case Rejected(reason):
            await falling_over.set_address_aside(tx, delivery, outcome, now=now)
            await falling_over.fall_over(tx, delivery, reason, senders, now=now)


async def _other_way_or_again(
    tx: AsyncSession,
    delivery: Delivery,
    after: timedelta,
    reason: str,
    senders: Senders,
    down: bool,
    now: datetime,
) -> None:
    """It certainly was not taken: the next channel tells at once, or this one later."""
    if down and await falling_over.next_channel(tx, delivery, senders):
        await falling_over.fall_over(tx, delivery, reason, senders, now=now)
    else:
        _again(delivery, after, reason)


def _again(delivery: Delivery, after: timedelta, reason: str) -> None:
    """Wait for the next attempt, or give up: the inbox item is what the person has then."""
    delivery.reason = reason
    delivery.state = DeliveryState.PENDING
    delivery.available_at = machine_now() + wait(after, delivery.attempts)
    if delivery.in_doubt >= MOST_DOUBTFUL[Channel(delivery.channel)]:
        delivery.state, delivery.fell_back = DeliveryState.UNKNOWN, True
        delivery.available_at = machine_now() + AFTER_SILENCE  # when to ask after it
    elif delivery.attempts >= MOST_ATTEMPTS:
        delivery.state, delivery.fell_back = DeliveryState.PARKED, True


__all__ = ["WechatChannel", "claim", "deliver", "deliver_one", "ways_of"]
