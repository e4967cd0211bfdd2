"""Other domains' events that are lines: an urge, a promise put off, a calendar running out."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.models import AlertSubject
from app.alerts.queries import settings
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal
from app.deadlines.lines import Kind
from app.directory import queries as directory
from app.infra.outbox import OutboxRow
from app.kernel.clock import local_date

URGED = "suggestion.urged"
SLIPPED = "suggestion.promise_slipped"
CALENDAR = "calendar.running_out"
SUBJECTS = {
    Signal.URGED: (AlertSubject.SUPERVISION, "supervision_id", Kind.REPLY),
    Signal.SLIPPED: (AlertSubject.COMMITMENT, "commitment_id", Kind.COMMITMENT),
}
LINES = {URGED: Signal.URGED, SLIPPED: Signal.SLIPPED, CALENDAR: Signal.CALENDAR}


async def hear(tx: AsyncSession, event: OutboxRow, now: datetime) -> None:
    """Raise what this event means, if the county wants to be told of it. A second time changes nothing."""
    line = LINES.get(event.name)
    if line is None or not (await settings(tx))[line].enabled:
        return
    if line is Signal.CALENDAR:
        await raise_alert(tx, await _calendar(tx, event), now=now)
    else:
        await raise_alert(tx, _of_suggestion(line, event), now=now)


def _of_suggestion(line: Signal, event: OutboxRow) -> Found:
    """One supervision may urge several units: the event's place in the feed tells them apart."""
    body = event.body
    subject, id, kind = SUBJECTS[line]
    return Found(
        line=line,
        subject_kind=subject,
        subject_id=UUID(body[id]),
        occurrence=event.seq or 0,
        at=event.occurred_at,
        region_id=UUID(body["region_id"]),
        unit_id=UUID(body["unit_id"]) if body.get("unit_id") else None,
        root_id=UUID(body["suggestion_id"]),
        kind=kind,
    )


async def _calendar(tx: AsyncSession, event: OutboxRow) -> Found:
    """Once for each year that is missing; `year` in the event, or the year after it."""
    year = int(event.body.get("year") or local_date(event.occurred_at).year + 1)
    county = await directory.county(tx)
    return Found(
        line=Signal.CALENDAR,
        subject_kind=AlertSubject.CALENDAR,
        subject_id=county.id,
        occurrence=year,
        at=event.occurred_at,
        region_id=county.id,
    )
