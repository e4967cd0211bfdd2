"""The hottest write: an opinion without photos, whole, in one statement (docs/decisions/0009).

It leaves exactly the rows of `receiving.receive`; tests compare the two. Whatever it cannot do by
itself (a known key, a closed station, photos, a new day's clock) it leaves to the ordinary way: then
it has written nothing.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.deadlines.lines import Kind
from app.deadlines.models import SubjectKind
from app.deadlines.packs import Level
from app.deadlines.preparing import Prepared, prepare
from app.infra.crypto import Vault
from app.infra.db import Database
from app.infra.idempotency import Claim
from app.infra.statements import numbered
from app.infra.tenants import Tenant
from app.kernel.clock import local_date, machine_now
from app.kernel.ids import new_id
from app.opinions.receiving import Words, receipt_digest, sealed_contact
from app.opinions.rules import accuses, audience

# Fifty numbers a time; those left when a process ends are gaps.
TAKE_SERIALS = """
SELECT array_agg(nextval(pg_get_serial_sequence('opinions', 'serial'))) AS serials
  FROM generate_series(1, 50)"""

# Each part takes from the one before it: no claim, no station or an outdated clock → no row anywhere.
INSERT = numbered("""
WITH station AS (
    SELECT id, region_id FROM stations
     WHERE code = :code AND closed_at IS NULL
       AND (SELECT max(version) FROM calendar_versions) = :calendar_number
       AND coalesce((SELECT pack FROM rule_choices ORDER BY id DESC LIMIT 1), 'national') = :pack_name::text),
claim AS (
    INSERT INTO idempotency_keys (key_hash, body_hash, written_at, status, sealed)
    SELECT :key_hash::bytea, :body_hash::bytea, :written_at::timestamptz, 201, :sealed::bytea FROM station
        ON CONFLICT (key_hash) DO NOTHING RETURNING 1),
opinion AS (
    INSERT INTO opinions (id, serial, station_id, region_id, content, category, place, audience, confidential,
        accusing, contact_sealed, share_with_unit, source, source_name, receipt_index, state, round,
        created_at)
    OVERRIDING SYSTEM VALUE
    SELECT :id::uuid, :serial::bigint, station.id, station.region_id, :content::text, :category::text,
           :place::text, :audience::text, :confidential::boolean, :accusing::boolean,
           :contact_sealed::bytea, :shared::boolean, 'resident', '', :receipt_index::bytea,
           'received', 1, :now::timestamptz
      FROM station, claim RETURNING id, region_id),
step AS (
    INSERT INTO opinion_steps (id, opinion_id, act, "left", entered, actor, actor_name, at, written_at,
        public)
    SELECT :step_id::uuid, id, 'receive', 'received', 'received', 'resident', '群众本人', :now,
           :written_at, true
      FROM opinion),
trail AS (
    INSERT INTO audit (id, at, written_at, actor, action, subject_kind, subject_id, fields, outcome,
        request_id)
    SELECT :audit_id::uuid, :now, :written_at, 'resident', 'opinion.receive', 'opinion', id, '{}', 'done',
           :request_id::text
      FROM opinion),
clock AS (
    INSERT INTO deadlines (id, subject_kind, subject_id, root_id, kind, round, nature, pack, article, amount,
        unit, rolls, complex, warn_days, ladder, start_event, started_on, started_at, calendar_version,
        provisional, last_day, due_at, due_revision, looked_through, next_line, next_line_at, reviewed_by,
        cap_amount, cap_unit, approver, extension_article, pause_article, region_id)
    SELECT :clock_id::uuid, :subject_kind::text, id, id, :kind::text, :round::int, :nature::text, :pack::text,
           :article::text, :amount::int, :unit::text, :rolls::boolean, :complex::boolean, :warn_days::int,
           :ladder::jsonb, :start_event::text, :started_on::date, :now, :calendar_version::text,
           :provisional::boolean, :last_day::date, :due_at::timestamptz, 0, :now, :next_line::text,
           :next_line_at::timestamptz, :reviewed_by::text, :cap_amount::int, :cap_unit::text,
           :approver::text, :extension_article::text, :pause_article::text, region_id
      FROM opinion)
INSERT INTO outbox (id, name, body, occurred_at, written_at, relayed)
SELECT :event_id::uuid, 'opinion.received',
       jsonb_build_object('opinion_id', id, 'region_id', region_id,
                          'confidential', :confidential OR :accusing),
       :now, :written_at, false
  FROM opinion RETURNING 1""")


@dataclass(frozen=True)
class Ready:
    """What an answer needs before anything is written."""

    number: int
    due_at: datetime
    clock: Prepared


@dataclass
class Quick:
    """One process's prepared clocks and serial numbers, by tenant. Unused numbers are gaps."""

    database: Database
    _clocks: dict[str, Prepared] = field(default_factory=dict)
    _serials: dict[str, deque[int]] = field(default_factory=dict)

    async def ready(self, tenant: Tenant, *, now: datetime) -> Ready:
        clock = await self._clock(tenant, now)
        return Ready(await self._serial(tenant), clock.due_at, clock)

    def forget(self, tenant: Tenant) -> None:
        """The calendar or the pack may have changed: prepare anew next time."""
        self._clocks.pop(tenant.slug, None)

    async def _clock(self, tenant: Tenant, now: datetime) -> Prepared:
        known = self._clocks.get(tenant.slug)
        if known is None or known.on != local_date(now):
            async with self.database.unit(tenant, write=False) as tx:
                known = await prepare(tx, Kind.TRIAGE, SubjectKind.OPINION, Level.TOWNSHIP, now=now)
            self._clocks[tenant.slug] = known
        return known

    async def _serial(self, tenant: Tenant) -> int:
        left = self._serials.setdefault(tenant.slug, deque())
        if not left:
            row = await self.database.one_statement(tenant, TAKE_SERIALS)
            left.extend(row["serials"] if row else [])
        return left.popleft()


@dataclass(frozen=True)
class Speech:
    """One opinion about to be written."""

    code: str
    words: Words
    receipt: str
    now: datetime
    request_id: str


async def write(
    database: Database,
    tenant: Tenant,
    vault: Vault,
    speech: Speech,
    ready: Ready,
    claim: Claim,
    sealed: bytes,
) -> bool:
    """All its rows and the kept answer, or none: then False."""
    id, words = new_id(), speech.words
    facts: dict[str, Any] = {
        **ready.clock.columns,
        **_ids(id),
        "code": speech.code.upper(),
        "calendar_number": ready.clock.calendar_version,
        "pack_name": ready.clock.pack_name,
        "key_hash": claim.key_hash,
        "body_hash": claim.body_hash,
        "sealed": sealed,
        "written_at": machine_now(),
        "now": speech.now,
        "serial": ready.number,
        "content": words.content,
        "category": words.category,
        "place": words.place,
        "audience": audience(words.route, words.category, words.naming),
        "confidential": words.confidential,
        "accusing": accuses(words.category, words.naming),
        "contact_sealed": sealed_contact(vault, id, words.contact) if words.contact else None,
        "shared": words.contact.share_with_unit if words.contact else False,
        "receipt_index": receipt_digest(vault, speech.receipt),
        "request_id": speech.request_id,
    }
    row = await database.one_statement(tenant, INSERT.sql, *INSERT.values(facts))
    return row is not None


def _ids(id: UUID) -> dict[str, UUID]:
    rows = ("step_id", "audit_id", "clock_id", "event_id")
    return {"id": id, **{name: new_id() for name in rows}}
