"""What an event means for people: one delivery row for each person and channel, written once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.events import LineCrossed
from app.alerts.models import Alert
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline
from app.infra.outbox import OutboxRow
from app.kernel.clock import machine_now
from app.kernel.ids import new_id
from app.notifications import queries
from app.notifications.audience import Matter, audience, matter
from app.notifications.models import Channel, Delivery, DeliveryState, InboxItem, SubjectKind
from app.notifications.rules import TOLD, may_send_at, still_true
from app.notifications.wording import Words, of_event, of_line


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


async def digest(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """Tell whoever is to hear of this event. A second time changes nothing."""
    if event.name == LineCrossed.name:
        await _tell_of_line(tx, UUID(event.body["alert_id"]), now=now)
    elif event.name in TOLD:
        await _tell_of_step(tx, event, now=now)


def holds(alert: Alert, clock: Deadline, *, now: datetime) -> bool:
    """Is the line still worth telling: the clock runs, to the same date, and the words are true?"""
    runs = clock.stopped_at is None and clock.due_revision == alert.occurrence
    return runs and still_true(alert.line, due_at=clock.due_at, now=now)


async def _tell_of_line(tx: AsyncSession, alert_id: UUID, *, now: datetime) -> None:
    alert = await tx.get_one(Alert, alert_id)
    clock = await tx.get_one(Deadline, alert.subject_id)
    about = await matter(tx, alert.root_id, region_id=alert.region_id, unit_id=alert.unit_id)
    message = Message(
        subject_kind=SubjectKind.DEADLINE,
        subject_id=alert.subject_id,
        line=alert.line,
        occurrence=alert.occurrence,
        words=of_line(Kind(alert.kind), Line(alert.line), matter=about.name, last_day=clock.last_day),
        about=about,
        true=holds(alert, clock, now=now),
        alert_id=alert.id,
    )
    heard = await audience(tx, alert.recipients, about)
    bound = await queries.bound_to_wechat(tx, [account for account, rings in heard.items() if rings])
    for account in heard:
        await _put_in_inbox(tx, message, account, now=now)
        if account in bound:
            await _deliver(tx, message, account, Channel.WECHAT, now=now)


async def _tell_of_step(tx: AsyncSession, event: OutboxRow, *, now: datetime) -> None:
    unit = event.body.get("unit_id")
    about = await matter(
        tx,
        UUID(event.body["suggestion_id"]),
        region_id=UUID(event.body["region_id"]),
        unit_id=UUID(unit) if unit else None,
    )
    message = Message(
        subject_kind=SubjectKind.SUGGESTION,
        subject_id=about.id,
        line=event.name,
        occurrence=event.seq or 0,  # handed in twice is told twice
        words=of_event(event.name, matter=about.name),
        about=about,
    )
    for account in await audience(tx, [TOLD[event.name]], about):
        await _put_in_inbox(tx, message, account, now=now)


async def _put_in_inbox(tx: AsyncSession, message: Message, account: UUID, *, now: datetime) -> None:
    delivery = await _deliver(tx, message, account, Channel.INBOX, now=now)
    if delivery is None or not message.true:
        return
    tx.add(
        InboxItem(
            delivery_id=delivery,
            account_id=account,
            title=message.words.title,
            body=message.words.body,
            subject_kind=message.about.kind,
            subject_id=message.about.id,
            line=message.line,
            created_at=now,
        )
    )


async def _deliver(
    tx: AsyncSession, message: Message, account: UUID, channel: Channel, *, now: datetime
) -> UUID | None:
    """The new delivery's id; None if this person has been told this by this channel before."""
    state = DeliveryState.DELIVERED if channel is Channel.INBOX else DeliveryState.PENDING
    row = insert(Delivery).values(
        id=new_id(),
        subject_kind=message.subject_kind,
        subject_id=message.subject_id,
        line=message.line,
        occurrence=message.occurrence,
        account_id=account,
        channel=channel,
        state=state if message.true else DeliveryState.SUPERSEDED,
        alert_id=message.alert_id,
        created_at=now,
        send_after=may_send_at(message.line, now),
        available_at=machine_now(),
        attempts=0,
        in_doubt=0,
        delivered_at=now if message.true and channel is Channel.INBOX else None,
        fell_back=False,
    )
    new = (await tx.exec(row.on_conflict_do_nothing().returning(col(Delivery.id)))).first()
    return new[0] if new else None
