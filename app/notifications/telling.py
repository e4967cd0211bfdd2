"""What an event means for people: one delivery row for each person and channel, written once."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts import queries as alerts
from app.alerts.events import AlertRaised, LineCrossed
from app.alerts.models import Alert, AlertSubject
from app.deadlines import calendars
from app.deadlines.packs import Recipient
from app.directory import queries as directory
from app.infra.outbox import OutboxRow
from app.kernel.clock import local_date, machine_now
from app.kernel.ids import new_id
from app.notifications import calming, news, queries
from app.notifications.audience import Matter, audience, matter
from app.notifications.channels import Channel
from app.notifications.models import Delivery, DeliveryState, InboxItem, SubjectKind
from app.notifications.policy import Routing
from app.notifications.reaching import wishes
from app.notifications.standing_in import Hearer, present
from app.notifications.wording import EVENT_WORDS, Words, of_event
from app.suggestions import queries as suggestions
from app.suggestions.events import PressureReported


@dataclass(frozen=True)
class Message:
    """What is told: its key, its words, what it is about. `true`: is it, at this moment?"""

    subject_kind: SubjectKind
    subject_id: UUID
    line: str
    occurrence: int
    words: Words
    about: Matter
    true: bool = True
    alert_id: UUID | None = None


@dataclass(frozen=True)
class Way:
    """One row to be: to whom, by which channel, from when."""

    hearer: Hearer
    channel: Channel
    send_after: datetime
    instead_of: UUID | None = None


async def digest(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """Tell whoever is to hear of this event. A second time changes nothing."""
    if event.name in (LineCrossed.name, AlertRaised.name):
        await _tell_of_alert(tx, UUID(event.body["alert_id"]), now=now)
    elif event.name == PressureReported.name:
        await _tell_in_person(tx, event, now=now)
    elif event.name in EVENT_WORDS:
        await _tell_of_step(tx, event, now=now)


async def _tell_of_alert(tx: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    alert = await tx.get_one(Alert, alert_id)
    if not (await alerts.settings(tx))[alert.line].enabled:
        return
    told, routing = await news.of_alert(tx, alert_id, now=now), await queries.routing(tx)
    message = Message(
        subject_kind=_subject_kind(alert),
        subject_id=alert.subject_id if alert.subject_kind == AlertSubject.DEADLINE else alert.id,
        line=alert.line,
        occurrence=alert.occurrence,
        words=told.words,
        about=told.about,
        true=told.true,
        alert_id=alert.id,
    )
    roles = alert.recipients or routing.lines.get(alert.line, ())
    await tell(tx, message, roles, routing, now=now)


def _subject_kind(alert: Alert) -> SubjectKind:
    return SubjectKind.DEADLINE if alert.subject_kind == AlertSubject.DEADLINE else SubjectKind.ALERT


async def _tell_of_step(tx: AsyncSession, event: OutboxRow, *, now: datetime) -> None:
    routing = await queries.routing(tx)
    roles = routing.steps.get(event.name, ())
    if not roles:
        return
    unit = event.body.get("unit_id")
    about = await matter(
        tx,
        UUID(event.body["suggestion_id"]),
        region_id=UUID(event.body["region_id"]),
        unit_id=UUID(unit) if unit else None,
    )
    cosigners = await _cosigners(tx, event, about.id)
    message = Message(
        subject_kind=SubjectKind.SUGGESTION,
        subject_id=about.id,
        line=event.name,
        occurrence=event.seq or 0,  # handed in twice is told twice
        words=of_event(event.name, matter=about.name),
        about=replace(about, cosigner_ids=cosigners),
    )
    await tell(tx, message, roles, routing, now=now, rings=False)


async def _tell_in_person(tx: AsyncSession, event: OutboxRow, *, now: datetime) -> None:
    """Pressure on a delegate: to the chair of the congress or of the county's, and to nobody instead.

    The matter is not named: who looks over a shoulder learns nothing (domain.md 4).
    """
    routing = await queries.routing(tx)
    to_county = event.body["recipient"] == "county"
    region = (await directory.county(tx)).id if to_county else UUID(event.body["region_id"])
    message = Message(
        subject_kind=SubjectKind.SUGGESTION,
        subject_id=UUID(event.body["suggestion_id"]),
        line=event.name,
        occurrence=event.seq or 0,
        words=of_event(event.name, matter=""),
        about=Matter("suggestion", UUID(event.body["suggestion_id"]), "", region, None),
    )
    roles = [*routing.steps.get(event.name, ()), *([Recipient.LEADER] if to_county else [])]
    for account in await audience(tx, roles, message.about, inbox_only=(), else_office=False):
        await _put_in_inbox(tx, message, Hearer(account, rings=False), now=now)


async def _cosigners(tx: AsyncSession, event: OutboxRow, suggestion_id: UUID) -> tuple[UUID, ...]:
    """Those whom the event asks to sign; of any other event those who have signed (联名人 are each told)."""
    if "delegate_ids" in event.body:
        return tuple(UUID(id) for id in event.body["delegate_ids"])
    signed = await suggestions.cosigners(tx, suggestion_id)
    return tuple(signer.delegate_id for signer in signed if signer.agreed)


async def tell(
    tx: AsyncSession,
    message: Message,
    roles: Collection[str],
    routing: Routing,
    *,
    now: datetime,
    rings: bool = True,
) -> None:
    """Into everybody's inbox, and to those whose phones may ring by the first way that reaches them."""
    heard = await audience(tx, roles, message.about, inbox_only=routing.inbox_only)
    hearers = await present(tx, heard, on=local_date(now))
    for hearer in hearers:
        await _put_in_inbox(tx, message, hearer, now=now)
    if rings:
        await _ring(tx, message, [hearer for hearer in hearers if hearer.rings], routing, now=now)


async def _ring(
    tx: AsyncSession, message: Message, hearers: Collection[Hearer], routing: Routing, *, now: datetime
) -> None:
    wanted = await wishes(tx, [hearer.account_id for hearer in hearers], routing)
    calendar = await calendars.current(tx)
    for hearer in hearers:
        wish = wanted[hearer.account_id]
        if wish.channels:
            person = calming.Person(hearer.account_id, wish, calendar, routing)
            at = person.first_ring(message.line, now)
            await deliver(tx, message, Way(hearer, wish.channels[0], at), now=now)


async def _put_in_inbox(tx: AsyncSession, message: Message, hearer: Hearer, *, now: datetime) -> None:
    delivery = await deliver(tx, message, Way(hearer, Channel.INBOX, now), now=now)
    if delivery is None or not message.true:
        return
    tx.add(
        InboxItem(
            delivery_id=delivery,
            account_id=hearer.account_id,
            title=message.words.title,
            body=message.words.body,
            subject_kind=message.about.kind,
            subject_id=message.about.id,
            line=message.line,
            created_at=now,
        )
    )


async def deliver(tx: AsyncSession, message: Message, way: Way, *, now: datetime) -> UUID | None:
    """The new delivery's id; None if this person has been told this by this channel before."""
    inbox = way.channel is Channel.INBOX
    state = DeliveryState.DELIVERED if inbox else DeliveryState.PENDING
    row = insert(Delivery).values(
        id=new_id(),
        subject_kind=message.subject_kind,
        subject_id=message.subject_id,
        line=message.line,
        occurrence=message.occurrence,
        account_id=way.hearer.account_id,
        stands_in_for=way.hearer.stands_in_for,
        channel=way.channel,
        state=state if message.true else DeliveryState.SUPERSEDED,
        alert_id=message.alert_id,
        created_at=now,
        send_after=way.send_after,
        available_at=machine_now(),
        attempts=0,
        in_doubt=0,
        delivered_at=now if message.true and inbox else None,
        fell_back=False,
    )
    new = (await tx.exec(row.on_conflict_do_nothing().returning(col(Delivery.id)))).first()
    return new[0] if new else None
