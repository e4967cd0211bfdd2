"""Silence is found by looking: assignments nobody moves, units nobody answers for."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.models import AlertSubject
from app.alerts.queries import settings
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal, occurrence_of
from app.alerts.standing import OPEN_ASSIGNMENT
from app.deadlines import calendars
from app.deadlines.arithmetic import WorkingCalendar
from app.deadlines.lines import Kind
from app.infra.db import sql
from app.kernel.clock import end_of_day, local_date, local_midnight, machine_now

OPEN = ", ".join(f"'{state}'" for state in OPEN_ASSIGNMENT)

# The last act of each open assignment, at latest before `:before`, whose spell nobody has noticed yet.
STALLED = text(f"""
    SELECT a.id, a.suggestion_id, a.unit_id, s.region_id, spell.last_at,
           (SELECT max(written_at) FROM steps
             WHERE steps.suggestion_id = s.id AND steps.at < spell.last_at + interval '1 day') AS written_at
      FROM assignments a
      JOIN suggestions s ON s.id = a.suggestion_id
     CROSS JOIN LATERAL (
        SELECT coalesce(max(steps.at), a.assigned_on::timestamp AT TIME ZONE 'Asia/Shanghai') AS last_at
          FROM steps WHERE steps.assignment_id = a.id) spell
     WHERE a.state IN ({OPEN}) AND spell.last_at < :before
       AND NOT EXISTS (
        SELECT FROM alerts
         WHERE subject_kind = 'assignment' AND subject_id = a.id AND line = 'stalled'
           AND occurrence = to_char(spell.last_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')::int)
     ORDER BY a.id LIMIT :limit""")  # noqa: S608 - our own enum
# Log-ins are machine time, steps business time: each is compared in its own.
SILENT = text(f"""
    SELECT o.id, o.region_id, greatest(duty.since, act.last_at, login.last_at) AS last_at,
           (SELECT max(s.written_at) FROM steps s JOIN assignments a ON a.suggestion_id = s.suggestion_id
             WHERE a.unit_id = o.id AND s.at < greatest(duty.since, act.last_at) + interval '1 day'
           ) AS written_at
      FROM organisations o
     CROSS JOIN LATERAL (
        SELECT min(a.assigned_on)::timestamp AT TIME ZONE 'Asia/Shanghai' AS since FROM assignments a
         WHERE a.unit_id = o.id AND a.state IN ({OPEN})) duty
     CROSS JOIN LATERAL (
        SELECT max(s.at) AS last_at FROM steps s JOIN memberships m ON m.account_id = s.actor_id
         WHERE m.scope_id = o.id) act
     CROSS JOIN LATERAL (
        SELECT max(greatest(l.started_at, r.issued_at)) AS last_at
          FROM memberships m JOIN login_sessions l ON l.account_id = m.account_id
          LEFT JOIN refresh_tokens r ON r.session_id = l.id
         WHERE m.scope_id = o.id) login
     WHERE duty.since < :before AND coalesce(act.last_at, '-infinity') < :before
       AND coalesce(login.last_at, '-infinity') < :machine_before
       AND NOT EXISTS (
        SELECT FROM alerts
         WHERE subject_kind = 'unit' AND subject_id = o.id AND line = 'no_sign_of_life'
           AND occurrence = to_char(greatest(duty.since, act.last_at, login.last_at)
                                    AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')::int)
     ORDER BY o.id LIMIT :limit""")  # noqa: S608 - our own enum


async def stalled(tx: AsyncSession, *, now: datetime, limit: int) -> int:
    """Returns how many spells of silence are new."""
    days = await _days(tx, Signal.STALLED)
    if days is None:
        return 0
    calendar = await calendars.current(tx)
    rows = (await sql(tx, STALLED, {"before": _silent_before(days, calendar, now), "limit": limit})).all()
    new = [await raise_alert(tx, _stalled(row, days, calendar), now=now) for row in rows]
    return sum(id is not None for id in new)


async def silent_units(tx: AsyncSession, *, now: datetime, limit: int) -> int:
    """Returns how many units have newly fallen silent."""
    days = await _days(tx, Signal.NO_SIGN_OF_LIFE)
    if days is None:
        return 0
    calendar = await calendars.current(tx)
    before = _silent_before(days, calendar, now)
    facts = {"before": before, "machine_before": machine_now() - (now - before), "limit": limit}
    rows = (await sql(tx, SILENT, facts)).all()
    new = [await raise_alert(tx, _silent(row, days, calendar), now=now) for row in rows]
    return sum(id is not None for id in new)


async def _days(tx: AsyncSession, line: Signal) -> int | None:
    """After how many working days the line is drawn; None if this county does not want it."""
    setting = (await settings(tx))[line]
    return setting.days if setting.enabled else None


def _silent_before(days: int, calendar: WorkingCalendar, now: datetime) -> datetime:
    """Whose last act is before this instant has let the whole of `days` working days pass."""
    return local_midnight(calendar.shift(local_date(now), -days))


def line_at(began: date, days: int, calendar: WorkingCalendar) -> datetime:
    """The line's own instant: the midnight after the last of `days` working days without an act."""
    return end_of_day(calendar.shift(began, days))


def _came_later(written_at: datetime | None, line: datetime) -> bool:
    """Was the line past before the data came here (an import, a demo's history)?"""
    return written_at is not None and line <= written_at


def _stalled(row: Any, days: int, calendar: WorkingCalendar) -> Found:
    began = local_date(row.last_at)
    at = line_at(began, days, calendar)
    return Found(
        line=Signal.STALLED,
        subject_kind=AlertSubject.ASSIGNMENT,
        subject_id=row.id,
        occurrence=occurrence_of(began),
        at=at,
        region_id=row.region_id,
        unit_id=row.unit_id,
        root_id=row.suggestion_id,
        kind=Kind.REPLY,
        historic=_came_later(row.written_at, at),
    )


def _silent(row: Any, days: int, calendar: WorkingCalendar) -> Found:
    began = local_date(row.last_at)
    at = line_at(began, days, calendar)
    return Found(
        line=Signal.NO_SIGN_OF_LIFE,
        subject_kind=AlertSubject.UNIT,
        subject_id=row.id,
        occurrence=occurrence_of(began),
        at=at,
        region_id=row.region_id,
        unit_id=row.id,
        historic=_came_later(row.written_at, at),
    )
