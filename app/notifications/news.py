"""What an alert says at this moment: about what, in which words, and whether it is still true."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts import queries as alerts
from app.alerts.models import Alert, AlertSubject
from app.alerts.queries import Seen
from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.directory.models import Organisation
from app.kernel.clock import local_date
from app.notifications import wording
from app.notifications.audience import Matter, matter, named
from app.notifications.models import Delivery, InboxItem
from app.notifications.rules import still_true
from app.notifications.wording import Words

DAY_FORMAT = "%Y%m%d"


@dataclass(frozen=True)
class News:
    """`day`: the local day the words turn on. `kind`: of the clock, None if none drew the line."""

    line: str
    kind: str | None
    about: Matter
    words: Words
    day: date
    true: bool


async def of_alert(tx: AsyncSession, alert_id: UUID, *, now: datetime) -> News:
    seen = await alerts.by_id(tx, alert_id)
    about = await _about(tx, seen.alert)
    if seen.clock is None:
        return _of_signal(seen, about)
    clock, alert = seen.clock, seen.alert
    told = await alerts.undertakings(tx, clock.id)
    words = wording.of_line(
        Kind(clock.kind),
        Line(alert.line),
        matter=about.name,
        last_day=clock.last_day,
        promised=told[-1].until if told else None,
    )
    true = seen.open and still_true(alert.line, due_at=clock.due_at, now=now)
    return News(alert.line, alert.kind, about, words, clock.last_day, true)


def _of_signal(seen: Seen, about: Matter) -> News:
    alert = seen.alert
    day = _since(alert)
    words = wording.of_signal(Signal(alert.line), matter=about.name, day=day)
    return News(alert.line, alert.kind, about, words, day, seen.open)


def _since(alert: Alert) -> date:
    """A silent spell's occurrence is its first day."""
    if alert.line in (Signal.STALLED, Signal.NO_SIGN_OF_LIFE):
        return datetime.strptime(str(alert.occurrence), DAY_FORMAT).date()  # noqa: DTZ007 - a day alone
    return local_date(alert.crossed_at)


async def _about(tx: AsyncSession, alert: Alert) -> Matter:
    if alert.root_id:
        return await matter(tx, alert.root_id, region_id=alert.region_id, unit_id=alert.unit_id)
    person = alert.subject_id if alert.subject_kind == AlertSubject.ACCOUNT else None
    return Matter(
        kind="alert",
        id=alert.id,
        name=await _name(tx, alert),
        region_id=alert.region_id,
        unit_id=alert.unit_id,
        person_id=person,
    )


async def _name(tx: AsyncSession, alert: Alert) -> str:
    if alert.subject_kind == AlertSubject.UNIT:
        return (await tx.get_one(Organisation, alert.subject_id)).name
    if alert.subject_kind == AlertSubject.ACCOUNT:
        return await named(tx, alert.subject_id)
    return "工作日历" if alert.subject_kind == AlertSubject.CALENDAR else "待电话告知名单"


async def of_delivery(tx: AsyncSession, delivery: Delivery, item: InboxItem, *, now: datetime) -> News:
    """As the alert says it now; a step taken stays taken, in the words of its inbox item."""
    if delivery.alert_id:
        return await of_alert(tx, delivery.alert_id, now=now)
    about = Matter(item.subject_kind, item.subject_id, item.title, region_id=item.subject_id, unit_id=None)
    words = Words(item.title, item.body)
    return News(delivery.line, None, about, words, local_date(item.created_at), true=True)
