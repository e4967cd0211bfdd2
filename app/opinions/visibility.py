"""Who reads which opinion: one predicate, as text, for API, list, page and photo alike.

The county's offices read all; a township's what is not about its leaders; leaders what is not
confidential; keepers and delegates what was left with the station.
"""

from typing import Any

from sqlalchemy import ARRAY, Boolean, TextClause, Uuid, bindparam, text

from app.accounts.actor import Actor
from app.accounts.permissions import Role

OFFICES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)

VISIBLE = """(
    :county
    OR (opinions.region_id = ANY(:offices) AND opinions.audience <> 'county')
    OR (:leader AND NOT opinions.confidential)
    OR (opinions.audience = 'station' AND NOT opinions.confidential AND (
        opinions.station_id = ANY(:kept)
        OR EXISTS (SELECT 1 FROM congresses c
                    WHERE c.id = ANY(:congresses) AND c.region_id = opinions.region_id)
        OR EXISTS (SELECT 1 FROM duty_shifts d
                    WHERE d.delegate_id = ANY(:delegates) AND d.station_id = opinions.station_id))))"""
FLAGS = ("county", "leader")
LISTS = ("offices", "kept", "congresses", "delegates")


def scope_of(actor: Actor) -> dict[str, Any]:
    """The predicate's parameters for one actor."""
    return {
        "county": actor.in_county(*OFFICES),
        "offices": sorted(actor.scopes(*OFFICES)),
        "leader": bool(actor.holding(Role.LEADER)),
        "kept": sorted(actor.scopes(Role.STATION_KEEPER)),
        "congresses": sorted(seat.scope_id for seat in actor.seats if seat.scope_id),
        "delegates": sorted(actor.delegate_ids),
    }


_TYPED = text(VISIBLE).bindparams(
    *(bindparam(name, type_=Boolean) for name in FLAGS),
    *(bindparam(name, type_=ARRAY(Uuid)) for name in LISTS),
)


def visible(actor: Actor) -> TextClause:
    """The predicate bound to one actor, for a query on `opinions`."""
    return _TYPED.bindparams(**scope_of(actor))
