"""What the database says of one suggestion, in one statement; and how many rows there are of everything."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

WHOLE = """
SELECT json_build_object(
  'state', s.state, 'lead', s.delegate_id, 'steps',
  (SELECT count(*) FROM steps t WHERE t.suggestion_id = s.id),
  'duties', (SELECT json_agg(json_build_object('id', a.id, 'unit', a.unit_id, 'role', a.role,
      'state', a.state, 'round', a.round) ORDER BY a.id) FROM assignments a WHERE a.suggestion_id = s.id),
  'clocks', (SELECT json_agg(json_build_object('id', d.id, 'of', d.subject_id, 'kind', d.kind,
      'last_day', d.last_day, 'start', d.started_on,
      'midnight', d.due_at = (d.last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
      FROM deadlines d WHERE d.root_id = s.id AND d.stopped_at IS NULL),
  'promises', (SELECT json_agg(json_build_object('id', c.id, 'of', c.assignment_id, 'state', c.state,
      'due_on', c.due_on) ORDER BY c.id) FROM commitments c JOIN replies r ON r.id = c.reply_id
      JOIN assignments a ON a.id = c.assignment_id
      WHERE a.suggestion_id = s.id AND r.issued_at IS NOT NULL),
  'asked', (SELECT json_agg(json_build_object('id', q.id, 'of', q.assignment_id, 'what', q.what,
      'until', q.until)) FROM requests q JOIN assignments a ON a.id = q.assignment_id
      WHERE a.suggestion_id = s.id AND q.decided_at IS NULL),
  'replies', (SELECT json_agg(json_build_object('id', r.id, 'of', r.assignment_id, 'round', r.round)
      ORDER BY r.id) FROM replies r JOIN assignments a ON a.id = r.assignment_id
      WHERE a.suggestion_id = s.id),
  'contacts', (SELECT json_agg(json_build_object('id', c.id, 'of', c.assignment_id, 'round', c.round)
      ORDER BY c.id) FROM contact_records c JOIN assignments a ON a.id = c.assignment_id
      WHERE a.suggestion_id = s.id),
  'approvals', (SELECT json_agg(json_build_object('id', p.id, 'act', p.act) ORDER BY p.id)
      FROM approvals p WHERE p.suggestion_id = s.id AND p.state = 'pending'),
  'urges', (SELECT json_agg(u.id ORDER BY u.id) FROM supervisions u WHERE u.suggestion_id = s.id))
FROM suggestions s WHERE s.id = $1"""
COUNTED = ("steps", "deadlines", "outbox", "approvals", "requests", "evaluations", "commitments", "audit")
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in COUNTED)


@dataclass(frozen=True)
class Row:
    """One clock or promise: its id, and what it hangs on."""

    id: UUID
    of: UUID
    facts: dict[str, Any]


@dataclass
class File:
    """One suggestion as it is stored; duties in the order in which they were charged."""

    state: str
    lead: UUID
    steps: int
    duties: list[dict[str, Any]]
    clocks: list[Row]
    promises: list[Row]
    asked: list[Row]
    replies: list[Row]
    contacts: list[Row]
    approvals: dict[str, UUID]
    urges: list[UUID]

    def duty_id(self, place: int | None) -> UUID | None:
        return UUID(self.duties[place]["id"]) if place is not None and place < len(self.duties) else None

    def clocks_of(self, id: UUID) -> dict[str, date]:
        mine = [row.facts for row in self.clocks if row.of == id]
        return {clock["kind"]: date.fromisoformat(clock["last_day"]) for clock in mine}


async def read(connection: asyncpg.Connection, id: UUID) -> File | None:
    found = await connection.fetchval(WHOLE, id)
    if found is None:
        return None
    facts: dict[str, Any] = {name: value or [] for name, value in json.loads(found).items()}
    assert all(clock["midnight"] for clock in facts["clocks"]), "a clock ends at 24:00 local time"
    return File(
        state=facts["state"],
        lead=UUID(facts["lead"]),
        steps=facts["steps"] or 0,
        duties=facts["duties"],
        **{name: _rows(facts[name]) for name in ("clocks", "promises", "asked", "replies", "contacts")},
        approvals={row["act"]: UUID(row["id"]) for row in facts["approvals"]},
        urges=[UUID(id) for id in facts["urges"]],
    )


def _rows(rows: list[dict[str, Any]]) -> list[Row]:
    return [Row(UUID(row.pop("id")), UUID(row.pop("of")), row) for row in rows]


async def counts(connection: asyncpg.Connection) -> tuple[int, ...]:
    return tuple((await connection.fetchrow(COUNTS)).values())
