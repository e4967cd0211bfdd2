"""`verify`: the invariants I1-I9, read from the data of one county. Changes nothing.

What no row can prove is left to tests: that nobody reads across scopes (I6, here only that posts name
what they belong to) and that figures agree between list, card, export and API (I10).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts.events import AlertRaised, LineCrossed
from app.infra import audit
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.operations.findings import Finding
from app.operations.verifying_clocks import clocks_match_states, duties_looked_at
from app.operations.verifying_due_dates import due_dates
from app.operations.verifying_files import files_and_rows
from app.uploads.storage import Stores

UNSEALED = timedelta(seconds=60)
SHOWN = 100  # findings of one statement
RAISED = [LineCrossed.name, AlertRaised.name]

Check = Callable[[AsyncSession, datetime], Awaitable[list[Finding]]]

WRITES_MISSING = text("""
    SELECT a.subject_id AS subject FROM audit a
     WHERE a.outcome = 'done'
       AND ((a.action = 'opinion.receive' AND NOT EXISTS (SELECT FROM opinions o WHERE o.id = a.subject_id))
         OR (a.action = 'suggestion.create'
             AND NOT EXISTS (SELECT FROM suggestions s WHERE s.id = a.subject_id)
             AND NOT EXISTS (SELECT FROM audit d
                              WHERE d.subject_id = a.subject_id AND d.action = 'suggestion.delete')))
     LIMIT :limit""")
KEYS_WITHOUT_ANSWER = text("""
    SELECT encode(key_hash, 'hex') AS subject FROM idempotency_keys
     WHERE status IS NULL OR sealed IS NULL LIMIT :limit""")
DOUBLE_MESSAGES = text("""
    SELECT source_name || '/' || external_id AS subject FROM opinions WHERE external_id IS NOT NULL
     GROUP BY source_name, external_id HAVING count(*) > 1 LIMIT :limit""")
DOUBLE_ALERTS = text("""
    SELECT subject_id::text || '/' || line || '/' || occurrence AS subject FROM alerts
     GROUP BY subject_kind, subject_id, line, occurrence HAVING count(*) > 1 LIMIT :limit""")
DOUBLE_DELIVERIES = text("""
    SELECT subject_id::text || '/' || line || '/' || channel AS subject FROM deliveries
     GROUP BY subject_kind, subject_id, line, occurrence, account_id, channel HAVING count(*) > 1
     LIMIT :limit""")
ALERTS_WITHOUT_EVENT = text("""
    SELECT a.id AS subject FROM alerts a
     WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.name = ANY(:events)
                          AND o.body ->> 'alert_id' = a.id::text)
     LIMIT :limit""")
FEED_GAPS = text("""
    SELECT seq AS subject FROM (SELECT seq, lag(seq, 1, 0::bigint) OVER (ORDER BY seq) AS before
                                  FROM outbox WHERE seq IS NOT NULL) f
     WHERE seq <> before + 1 LIMIT :limit""")
CURSORS_AHEAD = text("""
    SELECT consumer AS subject FROM feed_cursors
     WHERE seq > (SELECT coalesce(max(seq), 0) FROM outbox) LIMIT :limit""")
POSTS_ASTRAY = text("""
    SELECT m.id AS subject FROM memberships m
     WHERE (m.role = 'delegate' AND NOT EXISTS (
               SELECT FROM delegates d JOIN persons p ON p.id = d.person_id
                WHERE d.id = m.delegate_id AND d.congress_id = m.scope_id AND p.account_id = m.account_id))
        OR (m.scope_kind = 'unit' AND NOT EXISTS (SELECT FROM organisations o WHERE o.id = m.scope_id))
        OR (m.scope_kind = 'station' AND NOT EXISTS (SELECT FROM stations s WHERE s.id = m.scope_id))
        OR (m.scope_kind = 'township' AND NOT EXISTS (SELECT FROM regions r WHERE r.id = m.scope_id))
     LIMIT :limit""")
UNSEALED_ROWS = text("""
    SELECT a.id AS subject FROM audit a
     WHERE a.written_at < :before AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)
     LIMIT :limit""")


async def verify(database: Database, tenant: Tenant, now: datetime, stores: Stores) -> list[Finding]:
    """Everything found wrong, by invariant; at most a hundred of a kind. `now`: business time."""
    findings: list[Finding] = []
    for check in CHECKS:
        async with database.unit(tenant, write=False) as tx:
            findings += await check(tx, now)
    store = stores.of(tenant.slug)
    async with database.unit(tenant, write=False) as tx:
        findings += await files_and_rows(tx, store)
    return sorted(findings, key=lambda finding: finding.invariant)


async def _found(
    tx: AsyncSession, invariant: str, what: str, statement: TextClause, **facts: Any
) -> list[Finding]:
    rows = await sql(tx, statement, {**facts, "limit": SHOWN})
    return [Finding(invariant, what, str(row.subject)) for row in rows]


async def writes_are_there(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I1: what the audit says was received or created is there (a discarded draft says so)."""
    return await _found(tx, "I1", "审计有登记，数据却不在", WRITES_MISSING)


async def one_effect_a_key(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I2: a kept key has its answer; a message of an outside system came in once."""
    return [
        *await _found(tx, "I2", "幂等键没有对应的答复", KEYS_WITHOUT_ANSWER),
        *await _found(tx, "I2", "同一来源的同一编号登记了两次", DOUBLE_MESSAGES),
    ]


async def told_once(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I3: each alert and each delivery exists once, and each alert has its event."""
    return [
        *await _found(tx, "I3", "同一条预警重复", DOUBLE_ALERTS),
        *await _found(tx, "I3", "同一条通知重复", DOUBLE_DELIVERIES),
        *await _found(tx, "I3", "预警没有对应的事件", ALERTS_WITHOUT_EVENT, events=RAISED),
    ]


async def feed_is_whole(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I3: numbers run without gaps, no reader is beyond them: every event is read or still to be read."""
    return [
        *await _found(tx, "I3", "事件编号有缺口", FEED_GAPS),
        *await _found(tx, "I3", "读取位置超过最后一个事件", CURSORS_AHEAD),
    ]


async def posts_name_their_own(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I6, as far as rows tell: a post names an existing scope, a delegate's the person's own seat."""
    return await _found(tx, "I6", "岗位指向的范围不存在或不是本人的", POSTS_ASTRAY)


async def audit_is_sealed(tx: AsyncSession, now: datetime) -> list[Finding]:
    """I7: the chain verifies and nothing committed is unsealed for more than 60 s of machine time."""
    _, faults = await audit.verify(tx)
    broken = [Finding("I7", "审计链校验不通过", fault) for fault in faults[:SHOWN]]
    before = machine_now() - UNSEALED
    return broken + await _found(tx, "I7", "审计记录超过 60 秒未封存", UNSEALED_ROWS, before=before)


CHECKS: tuple[Check, ...] = (
    writes_are_there,
    one_effect_a_key,
    told_once,
    feed_is_whole,
    clocks_match_states,
    posts_name_their_own,
    audit_is_sealed,
    duties_looked_at,
    due_dates,
)
