"""Detail and list in one statement each, for the pages everybody opens all day.

The same statements serve a hot GET (no transaction held) and the answer after an act (inside it).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.infra.crypto import Vault, vault_of
from app.infra.db import raw
from app.infra.statements import numbered
from app.kernel.clock import SHANGHAI
from app.kernel.paging import Cursor
from app.opinions.errors import OpinionUnknown
from app.opinions.presenting import STAFF_ACTS, masked
from app.opinions.receiving import opened_contact
from app.opinions.schemas import OpinionOut, OpinionSummary, PhotoOut, ResultOut
from app.opinions.visibility import OTHERS, VISIBLE, scope_of
from app.opinions.workflow import Act, State, allowed

SUMMARY = f"""opinions.id, opinions.serial, opinions.state, opinions.category, opinions.station_id,
    opinions.region_id, opinions.content, opinions.source, opinions.confidential, opinions.created_at,
    opinions.suggestion_id, NOT {OTHERS} AS unit_only"""

# The parts put together here are constants of this package: no value ever enters the text.
DETAIL = numbered(f"""
SELECT {SUMMARY}, opinions.place, opinions.audience, opinions.contact_sealed, opinions.share_with_unit,
    opinions.result, opinions.result_by, opinions.result_at, opinions.told_at, opinions.told_how,
    opinions.rating, opinions.rating_comment, opinions.unit_id, opinions.merged_into_id,
    opinions.transferred_to, opinions.transfer_reference,
    (SELECT json_agg(json_build_object('act', s.act, 'left', s."left", 'entered', s.entered,
            'actor_name', s.actor_name, 'at', s.at, 'words', s.words) ORDER BY s.id)
       FROM opinion_steps s WHERE s.opinion_id = opinions.id)::text AS steps,
    (SELECT json_agg(json_build_object('id', m.id, 'by', m.by, 'content', m.content, 'at', m.at)
                     ORDER BY m.id)
       FROM opinion_messages m WHERE m.opinion_id = opinions.id)::text AS messages,
    (SELECT json_agg(json_build_object('id', u.id, 'width', u.width, 'height', u.height) ORDER BY p.position)
       FROM opinion_photos p JOIN uploads u ON u.id = p.upload_id
      WHERE p.opinion_id = opinions.id)::text AS photos
  FROM opinions WHERE opinions.id = :id AND {VISIBLE}""")  # noqa: S608

LIST = numbered(f"""
SELECT json_agg(page)::text AS items FROM (
    SELECT {SUMMARY} FROM opinions
     WHERE {VISIBLE}
       AND (:state::text IS NULL OR opinions.state = :state)
       AND (:station_id::uuid IS NULL OR opinions.station_id = :station_id)
       AND (:category::text IS NULL OR opinions.category = :category)
       AND (:q::text IS NULL OR strpos(opinions.content, :q) > 0)
       AND (:after_at::timestamptz IS NULL
            OR (opinions.created_at, opinions.id) < (:after_at, :after_id::uuid))
     ORDER BY opinions.created_at DESC, opinions.id DESC LIMIT :limit) page""")  # noqa: S608


def number_of(created_at: datetime, serial: int) -> str:
    """As Opinion.number: local year and serial."""
    return f"{created_at.astimezone(SHANGHAI).year}-{serial:06d}"


async def detail(tx: AsyncSession, id: UUID, actor: Actor) -> OpinionOut:
    """After an act, inside its transaction."""
    await tx.flush()
    connection = await raw(tx)
    row = await connection.fetchrow(DETAIL.sql, *DETAIL.values({"id": id, **scope_of(actor)}))
    return shown(row, actor, vault_of(tx))


def shown(row: asyncpg.Record | None, actor: Actor, vault: Vault) -> OpinionOut:
    """The row as this actor may read it; the contact is masked, and revealed one by one."""
    if row is None:
        raise OpinionUnknown
    facts = dict(row)
    facts["number"] = number_of(row["created_at"], row["serial"])
    facts["contact"] = None
    if row["contact_sealed"] and actor.may(Permission.OPINION_DECIDE):
        facts["contact"] = masked(
            opened_contact(vault, row["id"], row["contact_sealed"], row["share_with_unit"])
        )
    facts["result"] = _result(row)
    facts["allowed"] = _allowed(row["state"], actor)
    facts["steps"] = json.loads(row["steps"] or "[]")
    facts["messages"] = json.loads(row["messages"] or "[]")
    facts["photos"] = [_photo(photo) for photo in json.loads(row["photos"] or "[]")]
    return for_unit(facts, vault) if row["unit_only"] else OpinionOut.model_validate(facts)


# What a unit reads of the history: what it was given, and what it did about it.
UNIT_ACTS = {Act.RECEIVE, Act.REFER, Act.TAKE_UP, Act.HAND_BACK, Act.ASK_TIME, Act.GIVE_TIME, Act.REPLY}


def for_unit(facts: dict[str, Any], vault: Vault) -> OpinionOut:
    """A unit's projection: the resident's name only with the tick, no mark of the resident's.

    Of a confidential one the matter alone: no station, place, photo, or conversation (design.md 3.12).
    """
    facts["contact"] = None
    if facts["contact_sealed"] and facts["share_with_unit"] and not facts["confidential"]:
        facts["contact"] = masked(opened_contact(vault, facts["id"], facts["contact_sealed"], True))
    facts["steps"] = [one | {"actor_name": None} for one in facts["steps"] if one["act"] in UNIT_ACTS]
    facts["rating"] = facts["rating_comment"] = None
    facts["merged_into_id"] = facts["suggestion_id"] = None
    if facts["confidential"]:
        facts["station_id"] = facts["place"] = None
        facts["photos"], facts["messages"] = [], []
    return OpinionOut.model_validate(facts)


def _result(row: Mapping[str, Any]) -> ResultOut | None:
    if row["result"] is None:
        return None
    return ResultOut(content=row["result"], by=row["result_by"], at=row["result_at"])


def _photo(facts: dict[str, Any]) -> PhotoOut:
    return PhotoOut(url=f"/api/v1/uploads/{facts['id']}/content", **facts)


def _allowed(state: str, actor: Actor) -> list[str]:
    possible = set(allowed(State(state)))
    return sorted(act for act, need in STAFF_ACTS.items() if act in possible and actor.may(need))


def listed(row: asyncpg.Record | None, limit: int) -> tuple[Sequence[OpinionSummary], str | None]:
    """One page and the cursor of the next, from the statement's single row."""
    found = json.loads(row["items"] or "[]") if row else []
    items = [_summary(facts) for facts in found[:limit]]
    if len(found) <= limit:
        return items, None
    return items, str(Cursor(items[-1].created_at, items[-1].id))


def _summary(facts: dict[str, Any]) -> OpinionSummary:
    created = datetime.fromisoformat(facts["created_at"])
    if facts.pop("unit_only"):
        facts["suggestion_id"] = None
        facts["station_id"] = None if facts["confidential"] else facts["station_id"]
    return OpinionSummary(number=number_of(created, facts.pop("serial")), **facts)
