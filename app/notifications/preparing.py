"""The last look before a send: is it true, may it ring now, by which address, alone or with others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.deadlines import calendars
from app.deadlines.lines import Kind, Line
from app.kernel.clock import machine_now
from app.notifications import circuits, falling_over, links, news, queries, reaching, wording
from app.notifications.calming import Person
from app.notifications.channels import Channel, Push, Senders
from app.notifications.hours import may_ring_at
from app.notifications.models import Delivery, DeliveryState, InboxItem
from app.notifications.news import News
from app.notifications.rules import TOGETHER, gravity, told_by, weight


@dataclass(frozen=True)
class Claim:
    """A delivery that is ours. `attempts` is the mark: whoever claims it after us has a higher one."""

    id: UUID
    attempts: int
    account_id: UUID


@dataclass(frozen=True)
class Ways:
    """What this process can send by. `base_url`: for links in messages, "" where it has none."""

    senders: Senders
    appid: str = ""
    base_url: str = ""


@dataclass(frozen=True)
class Moment:
    """Business time, machine time, and till when the lease is renewed for a send."""

    now: datetime
    machine: datetime
    until: datetime


async def prepare(tx: AsyncSession, one: Claim, ways: Ways, at: Moment) -> tuple[Channel, Push] | None:
    """What to send at this moment, counted as in doubt from here on; None if nothing is."""
    await queries.lock_person(tx, one.account_id)
    delivery = await queries.claimed_for_update(tx, one.id, attempts=one.attempts)
    if delivery is None:
        return None
    item = await queries.inbox_item_of(tx, delivery)
    told = await news.of_delivery(tx, delivery, item, now=at.now) if item else None
    if item is None or told is None or not told.true:
        await _supersede(tx, delivery, None)
        return None
    person = await _person(tx, delivery.account_id)
    if await _has_just_acted(tx, delivery, told, person, at):
        await _supersede(tx, delivery, "just-acted")
        return None
    address = await _address(tx, delivery, person, ways, at)
    if address is None:
        return None
    told_all = await _alone_or_together(tx, delivery, told, person, at)
    if not told_all:
        return None
    delivery.in_doubt += 1
    delivery.available_at = at.until
    link = links.signed(tx, ways.base_url, item.id, at.machine)
    push = _push(delivery, address, told_all, link)
    delivery.sent_as = push.page
    return Channel(delivery.channel), push


async def _person(tx: AsyncSession, account_id: UUID) -> Person:
    routing = await queries.routing(tx)
    wishes = (await reaching.wishes(tx, [account_id], routing))[account_id]
    return Person(account_id, wishes, await calendars.current(tx), routing)


async def _supersede(tx: AsyncSession, delivery: Delivery, reason: str | None) -> None:
    delivery.state, delivery.reason = DeliveryState.SUPERSEDED, reason
    await falling_over.release(tx, delivery.id)


async def _has_just_acted(
    tx: AsyncSession, delivery: Delivery, told: News, person: Person, at: Moment
) -> bool:
    if delivery.line in person.routing.urgent:
        return False
    since = at.now - timedelta(minutes=person.routing.calm.after_acting_minutes)
    return await queries.acted_lately(tx, delivery.account_id, [told.about.id], since=since)


async def _address(
    tx: AsyncSession, delivery: Delivery, person: Person, ways: Ways, at: Moment
) -> str | None:
    """Where to send it now; None if it waits, or goes by another way."""
    channel = Channel(delivery.channel)
    urgent = delivery.line in person.routing.urgent
    if (later := may_ring_at(at.now, person.window, person=person.id, urgent=urgent)) > at.now:
        _wait(delivery, send_after=later)
        return None
    address = await reaching.address(tx, delivery.account_id, channel, appid=ways.appid)
    if channel not in ways.senders or address is None:
        reason = ("not-bound" if channel is Channel.WECHAT else "no-address") if not address else ""
        await falling_over.fall_over(tx, delivery, reason or "channel-missing", ways.senders, now=at.now)
        return None
    closed = await circuits.open_until(tx, channel, machine=at.machine)
    if closed is None:
        return address
    if await falling_over.next_channel(tx, delivery, ways.senders):
        await falling_over.fall_over(tx, delivery, "channel-down", ways.senders, now=at.now)
        return None
    _wait(delivery, available_at=closed)
    return None


def _wait(
    delivery: Delivery, *, send_after: datetime | None = None, available_at: datetime | None = None
) -> None:
    """No attempt was made: none is counted."""
    delivery.state = DeliveryState.PENDING
    delivery.attempts -= 1
    delivery.send_after = send_after or delivery.send_after
    delivery.available_at = available_at or machine_now()


async def _alone_or_together(
    tx: AsyncSession, delivery: Delivery, told: News, person: Person, at: Moment
) -> list[News]:
    """What this push tells: its own matter first, then those it takes along. Empty: it is not sent now.

    An urgent line stands by itself: it takes none along and none takes it.
    """
    siblings = await queries.pushes_together(tx, delivery, told.about.id, within=TOGETHER)
    if (teller := told_by((told.kind, delivery.id), siblings)) is not None:
        delivery.state, delivery.reason = DeliveryState.MERGED, str(teller)
        return []
    urgent = person.routing.urgent
    if delivery.line in urgent:
        return [told]
    sent = await queries.sent_today(tx, person.id, now=at.now)
    if (later := person.held_until(delivery.line, sent, at.now)) is not None:
        _wait(delivery, send_after=later)
        return []
    waiting = await queries.waiting_beside(tx, delivery, now=at.now)
    beside = await _true_ones(tx, [other for other in waiting if other.line not in urgent], at)
    taken = await _true_ones(tx, await queries.merged_into(tx, delivery.id), at)
    if person.becomes_one(len({news.about.id for _, news in beside} - {told.about.id}) + 1, sent):
        for other, _ in beside:
            other.state, other.reason = DeliveryState.MERGED, str(delivery.id)
            other.merged_into = delivery.id
        taken += beside
    return [told, *(news for _, news in taken)]


async def _true_ones(tx: AsyncSession, others: Sequence[Delivery], at: Moment) -> list[tuple[Delivery, News]]:
    """Those still worth telling; the rest are superseded."""
    found: list[tuple[Delivery, News]] = []
    for other in others:
        item: InboxItem | None = await queries.inbox_item_of(tx, other)
        told = await news.of_delivery(tx, other, item, now=at.now) if item else None
        if told and told.true:
            found.append((other, told))
        else:
            await _supersede(tx, other, None)
    return found


async def push_again(tx: AsyncSession, delivery: Delivery, told: News, ways: Ways) -> Push | None:
    """The push of a delivery sent before, to ask after it; None if the address is gone."""
    channel = Channel(delivery.channel)
    address = await reaching.address(tx, delivery.account_id, channel, appid=ways.appid)
    if address is None:
        return None
    return replace(_push(delivery, address, [told], ""), page=delivery.sent_as or "")


def _push(delivery: Delivery, address: str, told_all: Sequence[News], link: str) -> Push:
    told = min(told_all, key=lambda one: (gravity(one.line), weight(one.kind)))
    what, matter, text = _what(told), told.about.name, f"{told.words.title}。{told.words.body}"
    count = len({one.about.id for one in told_all})
    page = f"pages/{told.about.kind}/detail?id={told.about.id}"
    if count > 1:
        what, matter, text = wording.of_digest(told.words, matter, count)
        page = "pages/inbox/index?digest=1"
    return Push(
        key=delivery.id,
        address=address,
        line=told.line,
        what_to_do=what,
        matter=matter,
        day=told.day,
        text=text,
        page=f"{page}&line={told.line}&subject_id={told.about.id}",
        link=link,
    )


def _what(told: News) -> str:
    if told.kind and told.line in set(Line):
        return wording.what_to_do(Kind(told.kind), Line(told.line))
    return told.words.title
