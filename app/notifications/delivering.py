"""Sending what waits: claim with a lease, look once more whether it is true, send, note what came of it.

Each step is a short unit of its own; no connection is held while WeChat is asked. A worker killed
before a send leaves a lease that runs out; killed during one, it leaves a send in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.queries import openids_of
from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.values import date_text
from app.alerts.models import Alert
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.infra.jobs import Work
from app.infra.logs import log
from app.kernel.clock import machine_now
from app.notifications import queries
from app.notifications.audience import Matter, matter
from app.notifications.models import Delivery, DeliveryState
from app.notifications.rules import (
    MOST_ATTEMPTS,
    MOST_DOUBTFUL_SENDS,
    TOGETHER,
    may_send_at,
    told_by,
    wait,
)
from app.notifications.telling import holds
from app.notifications.wording import what_to_do
from app.settings import Settings

BATCH = 20
LEASE = timedelta(seconds=60)  # renewed before the send, which takes at most 10 s
AFTER_SILENCE = timedelta(minutes=1)
AFTER_CHANNEL_REFUSED = timedelta(minutes=10)  # till an operator has acted


@dataclass(frozen=True)
class WechatChannel:
    """The mini-program and its message templates (订阅消息模板); an errand finds it beside `WeChat`."""

    appid: str
    due_soon: str
    overdue: str

    @classmethod
    def of(cls, settings: Settings) -> "WechatChannel":
        return cls(
            appid=settings.wechat_appid,
            due_soon=settings.wechat_template_due_soon,
            overdue=settings.wechat_template_overdue,
        )

    def template(self, line: str) -> str:
        return self.due_soon if line in (Line.DUE_SOON, Line.LAST_DAY) else self.overdue


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours. `attempts` is the mark: whoever claims it after us has a higher one."""

    id: UUID
    attempts: int


@dataclass(frozen=True)
class Push:
    openid: str
    template: str
    page: str
    data: Mapping[str, str]


async def deliver(work: Work, *, lease: timedelta = LEASE) -> int:
    """Send what waits, oldest first, at most a batch; returns how many. One failing holds up no other."""
    channel = work.adapter(WechatChannel)
    for done in range(BATCH):
        one = await claim(work, lease=lease)
        if one is None:
            return done
        try:
            await _deliver_one(work, one, channel, lease)
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
            tx, machine=machine, doubtful=MOST_DOUBTFUL_SENDS, attempts=MOST_ATTEMPTS, limit=BATCH
        )
        found = await queries.claim(tx, now=now, machine=machine, until=machine + lease)
        return Claim(*found) if found else None


async def _deliver_one(work: Work, one: Claim, channel: WechatChannel, lease: timedelta) -> None:
    async with work.unit() as tx:
        push = await _prepare(tx, one, channel, now=await work.now(), until=machine_now() + lease)
    if push is None:
        return
    outcome = await work.adapter(WeChat).send_subscribe_message(
        push.openid, push.template, push.page, push.data
    )
    async with work.unit() as tx:
        await _settle(tx, one, outcome, now=await work.now())


async def _prepare(
    tx: AsyncSession, one: Claim, channel: WechatChannel, *, now: datetime, until: datetime
) -> Push | None:
    """What to send at this moment, counted as in doubt from here on; None if nothing is."""
    delivery = await queries.claimed_for_update(tx, one.id, attempts=one.attempts)
    if delivery is None:
        return None
    alert = await tx.get_one(Alert, delivery.alert_id)
    clock = await tx.get_one(Deadline, alert.subject_id)
    if not holds(alert, clock, now=now):
        delivery.state = DeliveryState.SUPERSEDED
        return None
    if (later := may_send_at(delivery.line, now)) > now:
        delivery.state, delivery.send_after = DeliveryState.PENDING, later
        delivery.attempts -= 1
        return None
    openid = (await openids_of(tx, [delivery.account_id], appid=channel.appid)).get(delivery.account_id)
    if openid is None or not channel.template(delivery.line):
        _reject(delivery, "not-bound" if openid is None else "template-missing")
        return None
    siblings = await queries.pushes_together(tx, delivery, alert.root_id, within=TOGETHER)
    if (teller := told_by((alert.kind, delivery.id), siblings)) is not None:
        delivery.state, delivery.reason = DeliveryState.MERGED, str(teller)
        return None
    about = await matter(tx, alert.root_id, region_id=alert.region_id, unit_id=alert.unit_id)
    delivery.in_doubt += 1
    delivery.available_at = until
    return _push(openid, alert, clock, about, channel)


def _push(openid: str, alert: Alert, clock: Deadline, about: Matter, channel: WechatChannel) -> Push:
    return Push(
        openid=openid,
        template=channel.template(alert.line),
        page=f"pages/{about.kind}/detail?id={about.id}&line={alert.line}&subject_id={about.id}",
        data={
            "thing1": about.name,
            "date2": date_text(clock.last_day),
            "thing3": what_to_do(Kind(alert.kind), Line(alert.line)),
        },
    )


async def _settle(tx: AsyncSession, one: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Note what came of a send, unless the claim has gone to another worker meanwhile."""
    delivery = await queries.claimed_for_update(tx, one.id, attempts=one.attempts)
    if delivery is None:
        return
    if not isinstance(outcome, Ambiguous):
        delivery.in_doubt -= 1
    match outcome:
        case Delivered(reference):
            delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, now
            delivery.reference = reference
        case Retry(after, reason):
            _again(delivery, timedelta(seconds=after), reason)
        case Ambiguous(reason):
            _again(delivery, AFTER_SILENCE, reason)
        case Rejected(reason, Stands.CHANNEL, note):
            log.error("WeChat refuses every message", reason=reason, note=note)
            _again(delivery, AFTER_CHANNEL_REFUSED, reason)
        case Rejected(reason):
            _reject(delivery, reason)


def _again(delivery: Delivery, after: timedelta, reason: str) -> None:
    """Wait for the next attempt, or give up: the inbox item is what the person has then."""
    delivery.reason = reason
    delivery.state = DeliveryState.PENDING
    delivery.available_at = machine_now() + wait(after, delivery.attempts)
    if delivery.in_doubt >= MOST_DOUBTFUL_SENDS:
        delivery.state, delivery.fell_back = DeliveryState.UNKNOWN, True
    elif delivery.attempts >= MOST_ATTEMPTS:
        delivery.state, delivery.fell_back = DeliveryState.PARKED, True


def _reject(delivery: Delivery, reason: str) -> None:
    delivery.state, delivery.reason, delivery.fell_back = DeliveryState.REJECTED, reason, True
