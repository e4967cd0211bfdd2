"""Who did what, when: append-only, sealed into a chain after the commit.

A write inserts an unchained row (ids and field names, never personal data). One job per tenant seals
the committed rows that have no seal yet into `audit_seal`; no request ever touches the chain's head.

Why nothing is skipped: a row is sealed because it is visible and has no seal, never because it comes
after some other row. A transaction that was open while a younger one was sealed is sealed when it is
committed, further back in the chain. The order of the chain is that of the rounds and, within a round, of
the ids; what it proves is that no sealed row was changed, removed or put in, which needs no other order.

Why it is quick: not the whole table is searched for rows without a seal. Each round keeps the oldest
transaction that was open in its snapshot (`horizon`): whatever is older had ended, so it was seen and
sealed then or earlier, and the next round looks from there on. Both numbers come from one statement, so
from one snapshot. A full batch may leave rows behind and keeps the old horizon.

Why a restored dump does not stop it: transaction ids mean something only in the cluster that gave them.
`origin` names cluster and database; where the newest seal names another one, or none, the round searches
the whole table, whatever ids its rows carry, and what it seals carries the new origin. While a restored
county is idle each round searches the whole table: its first act ends that.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, RowMapping, String, Uuid, text
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
    """The chain: `hash` = SHA-256(prev ‖ canonical row). `horizon`, `origin`: see above; `xid` the row's."""

    __tablename__ = "audit_seal"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    audit_id: UUID = Field(unique=True, foreign_key="audit.id", sa_type=Uuid)
    xid: int = Field(sa_column=Column(XID8, nullable=False))
    prev: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_at: datetime
    horizon: int | None = Field(default=None, sa_column=Column(XID8, nullable=True))
    origin: str | None = None


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


# One statement, so one snapshot: the rows it sees, and the oldest transaction still open in that view.
# MATERIALIZED: else the planner may walk the whole table in order of id to find the first few.
UNSEALED = text("""
    WITH looked_at AS MATERIALIZED (
        SELECT id FROM audit WHERE xid >= coalesce(CAST(:horizon AS text), '0')::xid8),
    unsealed AS (
        SELECT id FROM looked_at l
         WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = l.id)
         ORDER BY id LIMIT :limit)
    SELECT a.id, a.at, a.written_at, a.actor, a.action, a.subject_kind, a.subject_id, a.fields, a.outcome,
           a.request_id, a.xid::text AS xid, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
      FROM unsealed u JOIN audit a ON a.id = u.id ORDER BY a.id""")
HEAD = text("SELECT seq, hash, horizon::text AS horizon, origin FROM audit_seal ORDER BY seq DESC LIMIT 1")
# Which cluster counts the transactions, and in which database of it: a restored dump comes from another.
ORIGIN = text("""
    SELECT c.system_identifier || '/' || d.oid
      FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()""")
SEAL = text("""
    INSERT INTO audit_seal (seq, audit_id, xid, prev, hash, sealed_at, horizon, origin)
    VALUES (:seq, :audit_id, CAST(:xid AS text)::xid8, :prev, :hash, :sealed_at,
            CAST(:horizon AS text)::xid8, :origin)""")


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
    origin = str((await sql(tx, ORIGIN)).scalar_one())
    horizon = head["horizon"] if head and head["origin"] == origin else None
    rows = (await sql(tx, UNSEALED, {"horizon": horizon, "limit": BATCH})).mappings().all()
    if not rows:
        return 0
    # A full batch may have left older rows behind: the next one looks from the same place.
    reached = {"horizon": horizon if len(rows) == BATCH else rows[0]["horizon"], "origin": origin}
    seq, prev = (head["seq"], head["hash"]) if head else (0, GENESIS)
    await sql(tx, SEAL, [{**link, **reached} for link in links(rows, seq=seq, prev=prev)])
    return len(rows)


def links(rows: Sequence[RowMapping], *, seq: int, prev: bytes) -> Iterator[dict[str, Any]]:
    """The seals of these rows, in their order, after the one numbered `seq`."""
    sealed_at = machine_now()
    for place, row in enumerate(rows, start=seq + 1):
        this = chained(prev, {name: value for name, value in row.items() if name != "horizon"})
        yield {
            "seq": place,
            "audit_id": row["id"],
            "xid": row["xid"],
            "prev": prev,
            "hash": this,
            "sealed_at": sealed_at,
        }
        prev = this


async def alone(tx: AsyncSession, what: str) -> bool:
    """Whether this transaction is the only one doing `what` for this tenant (till its end)."""
    key = "SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), hashtext(:what))"
    return bool((await sql(tx, text(key), {"what": what})).scalar_one())


CHAIN = text("""
    SELECT s.seq, s.prev, s.hash, a.id, a.at, a.written_at, a.actor, a.action, a.subject_kind,
           a.subject_id, a.fields, a.outcome, a.request_id, a.xid::text AS xid
      FROM audit_seal s LEFT JOIN audit a ON a.id = s.audit_id
     WHERE s.seq > :seq ORDER BY s.seq LIMIT :limit""")


@dataclass(frozen=True)
class Anchor:
    """A seal as it was noted outside the database: that many there were, and this was the last one's hash."""

    seq: int
    hash: bytes


async def head(tx: AsyncSession) -> Anchor | None:
    """The newest seal, to be noted outside; None while nothing is sealed."""
    found = (await sql(tx, HEAD)).mappings().first()
    return Anchor(found["seq"], found["hash"]) if found else None


async def verify(tx: AsyncSession, anchor: Anchor | None = None) -> tuple[int, list[str]]:
    """Recompute the whole chain. Returns the number of links and what is wrong, one line each (I7).

    With the newest `anchor` it is seen as well that the last seals were removed, or all made anew.
    """
    seq, prev, faults = 0, GENESIS, []
    while rows := (await sql(tx, CHAIN, {"seq": seq, "limit": BATCH})).mappings().all():
        for row in rows:
            facts = dict(row)
            seen = (facts.pop("seq"), facts.pop("prev"), facts.pop("hash"))
            faults += _faults(seen, expected=seq + 1, prev=prev, facts=facts)
            seq, prev = seen[0], seen[2]
            if anchor and seq == anchor.seq and prev != anchor.hash:
                faults.append(f"seal {seq} is not the one that was anchored")
    if anchor and seq < anchor.seq:
        faults.append(f"seals {seq + 1} to {anchor.seq} are gone: {anchor.seq} was anchored")
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
