"""What people say to an alert: seen, or done by such a day. Neither stops a clock."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.alerts.errors import AlertSettled, LineHasNoDays, LineUnknown, UndertakingTooLong
from app.alerts.models import Acknowledgement, Alert, LineSetting, Undertaking
from app.alerts.queries import Seen
from app.alerts.signals import SHIPPED, Setting
from app.deadlines import calendars
from app.infra import audit
from app.kernel.clock import local_date

LONGEST_UNDERTAKING = 5  # working days from today


async def acknowledge(tx: AsyncSession, alert: Alert, actor: Actor, *, now: datetime) -> None:
    """Note that this person has seen it (已阅); a second time changes nothing."""
    row = insert(Acknowledgement).values(alert_id=alert.id, account_id=actor.id, name=actor.name, at=now)
    new = await tx.exec(row.on_conflict_do_nothing().returning(col(Acknowledgement.alert_id)))
    if new.first() is not None:
        _note(tx, "alert.acknowledge", alert, actor, now)


async def undertake(
    tx: AsyncSession, seen: Seen, actor: Actor, *, until: date, reason: str, now: datetime
) -> Undertaking:
    """Promise to have it done by a near day; who is told of the next line reads it, and overdue stays.

    Raises AlertSettled, UndertakingTooLong.
    """
    if not seen.open:
        raise AlertSettled
    today = local_date(now)
    latest = (await calendars.current(tx)).shift(today, LONGEST_UNDERTAKING)
    if not today <= until <= latest:
        raise UndertakingTooLong(today, latest)
    made = Undertaking(
        alert_id=seen.alert.id, account_id=actor.id, name=actor.name, until=until, reason=reason, at=now
    )
    tx.add(made)
    _note(tx, "alert.undertake", seen.alert, actor, now)
    return made


async def set_line(
    tx: AsyncSession, line: str, setting: Setting, actor: Actor, *, now: datetime
) -> LineSetting:
    """Tell a line or not, and after how many working days. Raises LineUnknown, LineHasNoDays."""
    if line not in SHIPPED:
        raise LineUnknown
    if setting.days is not None and SHIPPED[line].days is None:
        raise LineHasNoDays
    row = await tx.get(LineSetting, line) or LineSetting(line=line, changed_at=now, changed_by=actor.label)
    row.enabled, row.days = setting.enabled, setting.days or SHIPPED[line].days
    row.changed_at, row.changed_by = now, actor.label
    tx.add(row)
    audit.note(
        tx,
        "alert.set_line",
        actor=actor.label,
        subject_kind="alert_line",
        subject_id=None,
        now=now,
        fields=[line],
    )
    return row


def _note(tx: AsyncSession, action: str, alert: Alert, actor: Actor, now: datetime) -> None:
    audit.note(tx, action, actor=actor.label, subject_kind="alert", subject_id=alert.id, now=now)
