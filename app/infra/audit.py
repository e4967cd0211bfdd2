"""Who did what, when: append-only, sealed into a chain after the commit.

A write inserts an unchained row (ids and field names, never personal data). One job per tenant seals
committed rows in (xid, id) order into `audit_seal`; no request ever touches the chain's head.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.columns import XID8, TenantTable
from app.infra.db import sql
from app.infra.jobs import job
from app.kernel.clock import machine_now
from app.kernel.ids import new_id

BATCH = 1000
GENESIS = bytes(32)


class AuditRow(TenantTable, table=True):
    """One act. The application's role may INSERT and SELECT, nothing else."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_order", "xid", "id"), Index("ix_audit_subject", "subject_id"))

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    at: datetime
    written_at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: UUID | None = Field(default=None, sa_type=Uuid)
    fields: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(String), nullable=False))
    outcome: str = "done"
    request_id: str | None = None
    xid: int | None = Field(
        default=None,
        sa_column=Column(XID8, nullable=False, server_default=text("pg_current_xact_id()")),
    )


class AuditSeal(TenantTable, table=True):
    """The chain: `hash` = SHA-256(prev ‖ canonical row). `xid` repeats the row's, to go on from."""

    __tablename__ = "audit_seal"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    audit_id: UUID = Field(unique=True, foreign_key="audit.id", sa_type=Uuid)
    xid: int = Field(sa_column=Column(XID8, nullable=False))
    prev: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_at: datetime


def note(
    tx: AsyncSession,
    action: str,
    *,
    actor: str,
    subject_kind: str,
    subject_id: UUID | None,
    now: datetime,
    fields: Sequence[str] = (),
    outcome: str = "done",
) -> None:
    """Add the audit row of one act to its own transaction: if this fails, the act fails.

    `actor` is `account:<id>`, `partner:<id>`, `resident` or `system`; `now` is business time.
    """
    tx.add(
        AuditRow(
            at=now,
            written_at=machine_now(),
            actor=actor,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            fields=list(fields),
            outcome=outcome,
            request_id=tx.info.get("request_id"),
        )
    )


COMMITTED = text("""
    SELECT id, at, written_at, actor, action, subject_kind, subject_id, fields, outcome, request_id,
           xid::text AS xid
      FROM audit
     WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
       AND (xid, id) > (CAST(:xid AS text)::xid8, :id)
     ORDER BY xid, id LIMIT :limit""")
HEAD = text("SELECT seq, audit_id, xid::text AS xid, hash FROM audit_seal ORDER BY seq DESC LIMIT 1")
SEAL = text("""
    INSERT INTO audit_seal (seq, audit_id, xid, prev, hash, sealed_at)
    VALUES (:seq, :audit_id, CAST(:xid AS text)::xid8, :prev, :hash, :sealed_at)""")


def chained(prev: bytes, row: dict[str, Any]) -> bytes:
    """The hash of a row in its place: canonical JSON, times in UTC, after the previous hash."""
    canonical = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(prev + canonical.encode()).digest()


@job("audit.seal", cron="*/5 * * * * *")
async def seal(tx: AsyncSession, now: datetime) -> int:
    """Chain the committed rows nobody has sealed yet, at most 1,000; 0 if another process is at it."""
    if not await alone(tx, "audit.seal"):
        return 0
    head = (await sql(tx, HEAD)).mappings().first()
    seq, prev = (head["seq"], head["hash"]) if head else (0, GENESIS)
    after = {"xid": head["xid"], "id": head["audit_id"]} if head else {"xid": "0", "id": UUID(int=0)}
    rows = (await sql(tx, COMMITTED, {**after, "limit": BATCH})).mappings().all()
    sealed_at = machine_now()
    links = []
    for place, row in enumerate(rows, start=seq + 1):
        this = chained(prev, dict(row))
        links.append(
            {
                "seq": place,
                "audit_id": row["id"],
                "xid": row["xid"],
                "prev": prev,
                "hash": this,
                "sealed_at": sealed_at,
            }
        )
        prev = this
    if links:
        await sql(tx, SEAL, links)
    return len(rows)


async def alone(tx: AsyncSession, what: str) -> bool:
    """Whether this transaction is the only one doing `what` for this tenant (till its end)."""
    key = "SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), hashtext(:what))"
    return bool((await sql(tx, text(key), {"what": what})).scalar_one())


CHAIN = text("""
    SELECT s.seq, s.prev, s.hash, a.id, a.at, a.written_at, a.actor, a.action, a.subject_kind,
           a.subject_id, a.fields, a.outcome, a.request_id, a.xid::text AS xid
      FROM audit_seal s LEFT JOIN audit a ON a.id = s.audit_id
     WHERE s.seq > :seq ORDER BY s.seq LIMIT :limit""")


async def verify(tx: AsyncSession) -> tuple[int, list[str]]:
    """Recompute the whole chain. Returns the number of links and what is wrong, one line each (I7)."""
    seq, prev, faults = 0, GENESIS, []
    while rows := (await sql(tx, CHAIN, {"seq": seq, "limit": BATCH})).mappings().all():
        for row in rows:
            facts = dict(row)
            seen = (facts.pop("seq"), facts.pop("prev"), facts.pop("hash"))
            faults += _faults(seen, expected=seq + 1, prev=prev, facts=facts)
            seq, prev = seen[0], seen[2]
    return seq, faults


def _faults(
    seen: tuple[int, bytes, bytes], *, expected: int, prev: bytes, facts: dict[str, Any]
) -> list[str]:
    seq, linked_to, hash = seen
    faults = []
    if seq != expected:
        faults.append(f"seal {expected} is missing")
    if linked_to != prev:
        faults.append(f"seal {seq} does not follow the one before it")
    if chained(linked_to, facts) != hash:
        faults.append(f"seal {seq}: its audit row was changed or removed")
    return faults
