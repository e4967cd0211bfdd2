"""Detail and list in one statement each, for the pages everybody opens all day.

The same statements serve a hot GET (no transaction held) and the answer after an act (inside it).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Role
from app.infra.crypto import Vault, vault_of
from app.infra.db import raw
from app.infra.statements import numbered
from app.kernel.clock import SHANGHAI
from app.kernel.paging import Cursor
from app.opinions.errors import OpinionUnknown
from app.opinions.presenting import STAFF_ACTS, masked
from app.opinions.receiving import opened_contact
from app.opinions.rules import accuses
from app.opinions.schemas import OpinionOut, PhotoOut, ResultOut
from app.opinions.visibility import OTHERS, READS_ACCUSATIONS, VISIBLE, in_care_of, scope_of
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

# Each row comes as the JSON it will be: 20 of them made into objects and back cost more than the query.
LIST = numbered(f"""
SELECT array_agg(row_to_json(shown)::text) AS items FROM (
    SELECT id, to_char(created_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-')
               || repeat('0', 6 - length(serial::text)) || serial AS number,
           state, category, CASE WHEN NOT (unit_only AND confidential) THEN station_id END AS station_id,
           region_id, content, source, confidential, created_at,
           CASE WHEN NOT unit_only THEN suggestion_id END AS suggestion_id
      FROM (
        SELECT {SUMMARY} FROM opinions
         WHERE {VISIBLE}
           AND (:state::text IS NULL OR opinions.state = :state)
           AND (:station_id::uuid IS NULL OR opinions.station_id = :station_id)
           AND (:category::text IS NULL OR opinions.category = :category)
           AND (:q::text IS NULL OR strpos(opinions.content, :q) > 0)
           AND (:after_at::timestamptz IS NULL
                OR (opinions.created_at, opinions.id) < (:after_at, :after_id::uuid))
         ORDER BY opinions.created_at DESC, opinions.id DESC LIMIT :limit) found) shown""")  # noqa: S608


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
    decides = in_care_of(actor, (Role.CONGRESS_OFFICE,), row)
    if row["contact_sealed"] and decides:
        facts["contact"] = masked(
            opened_contact(vault, row["id"], row["contact_sealed"], row["share_with_unit"])
        )
    facts["result"] = _result(row)
    facts["allowed"] = _allowed(row["state"], actor, decides=decides)
    facts["steps"] = json.loads(row["steps"] or "[]")
    facts["messages"] = json.loads(row["messages"] or "[]")
    if not in_care_of(actor, READS_ACCUSATIONS, row):
        _leave_out_accusations(facts)
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


def _leave_out_accusations(facts: dict[str, Any]) -> None:
    """A resident may accuse somebody only later: keeper, delegate and unit read the matter without it."""
    facts["messages"] = [one for one in facts["messages"] if not accuses(None, one["content"])]
    for step in facts["steps"]:
        if step["words"] and accuses(None, step["words"]):
            step["words"] = None


def _allowed(state: str, actor: Actor, *, decides: bool) -> list[str]:
    """`decides`: the office's own acts are this actor's here."""
    possible = set(allowed(State(state)))
    mine = {act for act, need in STAFF_ACTS.items() if act in possible and actor.may(need)}
    return sorted(act for act in mine if decides or STAFF_ACTS[act] is not Permission.OPINION_DECIDE)


def listed(row: asyncpg.Record | None, limit: int) -> bytes:
    """The envelope of one page, as JSON; the surplus row proves a next page."""
    assert row is not None  # an aggregate always has its row
    found: list[str] = row["items"] or []
    following = "null"
    if len(found) > limit:
        last = json.loads(found[limit - 1])
        following = f'"{Cursor(datetime.fromisoformat(last["created_at"]), UUID(last["id"]))}"'
    return f'{{"items":[{",".join(found[:limit])}],"next_cursor":{following}}}'.encode()
