"""待电话告知: delegates whom no message reached are phoned by the office; that too is evidence."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.alerts import queries as alerts
from app.alerts.models import AlertSubject
from app.alerts.raising import Found, raise_alert
from app.alerts.signals import Signal, occurrence_of
from app.deadlines import calendars
from app.infra import audit
from app.infra.db import sql
from app.kernel.clock import DAY, local_date, local_midnight
from app.kernel.ids import new_id
from app.kernel.paging import EPOCH, Cursor
from app.notifications import queries, reaching
from app.notifications.errors import CallUnknown
from app.notifications.models import CallItem

OLDEST = 60 * DAY  # what is older is no longer worth a call

# Unread, told by no way outside (alone or with others), and the person has not acted on the matter since.
UNREACHED = """
    i.read_at IS NULL
    AND NOT EXISTS (
        SELECT FROM deliveries d
          JOIN deliveries o USING (subject_kind, subject_id, line, occurrence, account_id)
          LEFT JOIN deliveries t ON t.id = o.merged_into
         WHERE d.id = i.delivery_id AND o.channel <> 'inbox' AND 'delivered' IN (o.state, t.state))
    AND NOT EXISTS (
        SELECT FROM steps WHERE steps.actor_id = i.account_id AND steps.suggestion_id = i.subject_id
           AND steps.at > i.created_at)"""
TO_LIST = text(f"""
    SELECT i.id, i.account_id, coalesce(s.region_id, seat.region_id) AS region_id
      FROM inbox_items i
      LEFT JOIN suggestions s ON s.id = i.subject_id
     CROSS JOIN LATERAL (
        SELECT c.region_id FROM memberships m JOIN congresses c ON c.id = m.scope_id
         WHERE m.account_id = i.account_id AND m.role = 'delegate' ORDER BY m.id LIMIT 1) seat
     WHERE i.line = ANY(:about) AND i.created_at < :before AND i.created_at >= :oldest AND {UNREACHED}
       AND NOT EXISTS (SELECT FROM call_items WHERE call_items.inbox_item_id = i.id)
     ORDER BY i.id LIMIT :limit""")  # noqa: S608 - our own text
OPEN = f"""
    SELECT c.id, c.region_id, c.account_id, c.since, a.name, i.title, i.line, i.subject_kind, i.subject_id
      FROM call_items c
      JOIN inbox_items i ON i.id = c.inbox_item_id
      JOIN accounts a ON a.id = c.account_id
     WHERE c.done_at IS NULL AND {UNREACHED}"""  # noqa: S608
LISTED = text(
    OPEN
    + """ AND (:county OR c.region_id = ANY(:regions)) AND (c.since, c.id) < (:at, :after)
     ORDER BY c.since DESC, c.id DESC LIMIT :limit"""
)
LONG_OPEN = text(f"SELECT DISTINCT region_id FROM ({OPEN} AND c.since < :before) waiting")  # noqa: S608


async def list_calls(tx: AsyncSession, *, now: datetime, limit: int) -> int:
    """Put on the list whom nothing has reached for the working days the routing allows."""
    calls = (await queries.routing(tx)).calls
    calendar = await calendars.current(tx)
    facts = {
        "about": list(calls.about),
        "before": local_midnight(calendar.shift(local_date(now), -calls.after_working_days)),
        "oldest": now - OLDEST,
        "limit": limit,
    }
    rows = (await sql(tx, TO_LIST, facts)).all()
    for row in rows:
        values = {
            "id": new_id(),
            "inbox_item_id": row.id,
            "account_id": row.account_id,
            "region_id": row.region_id,
            "since": now,
        }
        await tx.exec(insert(CallItem).values(values).on_conflict_do_nothing())
    return len(rows)


async def escalate(tx: AsyncSession, *, now: datetime) -> int:
    """Silence goes up: an office that has not phoned for so many working days, once a day."""
    setting = (await alerts.settings(tx))[Signal.UNREACHED]
    if not setting.enabled or setting.days is None:
        return 0
    today = local_date(now)
    before = local_midnight((await calendars.current(tx)).shift(today, -setting.days))
    raised = [
        await raise_alert(tx, _unreached(region, today_number=occurrence_of(today), at=now), now=now)
        for (region,) in await sql(tx, LONG_OPEN, {"before": before})
    ]
    return sum(id is not None for id in raised)


def _unreached(region_id: UUID, *, today_number: int, at: datetime) -> Found:
    return Found(
        line=Signal.UNREACHED,
        subject_kind=AlertSubject.CALL,
        subject_id=region_id,
        occurrence=today_number,
        at=at,
        region_id=region_id,
    )


async def listed(tx: AsyncSession, actor: Actor, *, after: Cursor | None, limit: int) -> Sequence[Any]:
    """Newest first; those meanwhile reached, read or acted are gone by themselves."""
    start = after or Cursor(EPOCH.replace(year=9999), UUID(int=2**128 - 1))
    facts = {**_reach(actor), "at": start.at, "after": start.id, "limit": limit}
    return (await sql(tx, LISTED, facts)).all()


def _reach(actor: Actor) -> dict[str, Any]:
    regions: Collection[UUID] = actor.scopes(Role.CONGRESS_OFFICE)
    return {"county": actor.in_county(Role.CONGRESS_OFFICE), "regions": list(regions)}


async def own_for_update(tx: AsyncSession, id: UUID, actor: Actor) -> CallItem:
    """Raises CallUnknown, also for another office's."""
    found = await tx.get(CallItem, id, with_for_update=True)
    reach = _reach(actor)
    if found is None or not (reach["county"] or found.region_id in reach["regions"]):
        raise CallUnknown
    return found


async def done(tx: AsyncSession, call: CallItem, actor: Actor, *, result: str, now: datetime) -> None:
    """Phoned; the first result stays."""
    if call.done_at is not None:
        return
    call.done_at, call.done_by, call.result = now, actor.id, result
    audit.note(tx, "call.done", actor=actor.label, subject_kind="call", subject_id=call.id, now=now)


async def phone(tx: AsyncSession, call: CallItem, actor: Actor, *, now: datetime) -> str:
    """The number to dial, in clear, with an audit row. Raises CallUnknown if none is known."""
    number = (await reaching.phones(tx, [call.account_id])).get(call.account_id)
    if number is None:
        raise CallUnknown
    audit.note(
        tx,
        "call.reveal_phone",
        actor=actor.label,
        subject_kind="call",
        subject_id=call.id,
        now=now,
        fields=["phone"],
    )
    return number


async def masked_phones(tx: AsyncSession, accounts: Collection[UUID]) -> dict[UUID, str]:
    """One query, however many; who has no phone in the roster is left out."""
    phones = await reaching.phones(tx, accounts)
    return {account: masked(number) for account, number in phones.items()}


def masked(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"
