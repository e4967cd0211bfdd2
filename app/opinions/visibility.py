"""Who reads which opinion: one predicate, as text, for API, list, page and photo alike.

The county's offices read all; a township's what is not about its leaders; leaders what is not
confidential; keepers and delegates what was left with the station. A unit reads what was referred to it,
never an accusation, and of a confidential one the matter alone: see `reading.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, TextClause, Uuid, and_, bindparam, or_, text
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.errors import PermissionMissing, Recused
from app.accounts.permissions import Permission, Role
from app.opinions.models import Opinion, OpinionPhoto
from app.uploads.models import Upload
from app.uploads.showing import shows

OFFICES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
READS_ACCUSATIONS = (*OFFICES, Role.LEADER)

OTHERS = """(
    :county
    OR (opinions.region_id = ANY(:offices) AND opinions.audience <> 'county')
    OR (:leader AND NOT opinions.confidential)
    OR (opinions.audience = 'station' AND NOT opinions.confidential AND (
        opinions.station_id = ANY(:kept)
        OR EXISTS (SELECT 1 FROM congresses c
                    WHERE c.id = ANY(:congresses) AND c.region_id = opinions.region_id)
        OR EXISTS (SELECT 1 FROM duty_shifts d
                    WHERE d.delegate_id = ANY(:delegates) AND d.station_id = opinions.station_id))))"""
UNITS = "(opinions.unit_id = ANY(:units) AND NOT opinions.accusing)"
VISIBLE = f"({OTHERS} OR {UNITS})"
FLAGS = ("county", "leader")
LISTS = ("offices", "kept", "congresses", "delegates", "units")


def scope_of(actor: Actor) -> dict[str, Any]:
    """The predicate's parameters for one actor."""
    return {
        "county": actor.in_county(*OFFICES),
        "offices": sorted(actor.scopes(*OFFICES)),
        "leader": bool(actor.holding(Role.LEADER)),
        "kept": sorted(actor.scopes(Role.STATION_KEEPER)),
        "congresses": sorted(seat.scope_id for seat in actor.seats if seat.scope_id),
        "delegates": sorted(actor.delegate_ids),
        "units": sorted(actor.unit_ids),
    }


def typed(predicate: str, lists: Sequence[str]) -> TextClause:
    return text(predicate).bindparams(
        *(bindparam(name, type_=Boolean) for name in FLAGS),
        *(bindparam(name, type_=ARRAY(Uuid)) for name in lists),
    )


_TYPED = typed(VISIBLE, LISTS)
_BEYOND_UNITS = typed(OTHERS, LISTS[:-1])
_PLAIN = col(Opinion.confidential).is_(False)


def _but_units(actor: Actor) -> dict[str, Any]:
    scope = scope_of(actor)
    del scope["units"]
    return scope


def visible(actor: Actor) -> TextClause:
    """The predicate bound to one actor, for a query on `opinions`."""
    return _TYPED.bindparams(**scope_of(actor))


@shows("opinions")
def photos(actor: Actor) -> ColumnElement[bool]:
    """Photos of the opinions this actor may read; those of a confidential one may tell who sent it."""
    shown = (
        select(OpinionPhoto.upload_id)
        .join(Opinion, col(Opinion.id) == col(OpinionPhoto.opinion_id))
        .where(visible(actor), or_(_PLAIN, _BEYOND_UNITS.bindparams(**_but_units(actor))))
    )
    return col(Upload.id).in_(shown)


def in_care_of(actor: Actor, roles: Sequence[Role], facts: Mapping[str, Any]) -> bool:
    """Has the actor one of the roles where this opinion (its columns) is decided? Never for the own unit's.

    Another post, a seat or a station elsewhere, may let one read it: that gives no say in it.
    """
    if facts["unit_id"] in actor.unit_ids:
        return False
    if actor.in_county(*roles):
        return True
    return facts["region_id"] in actor.scopes(*roles) and facts["audience"] != "county"


def need_office(actor: Actor, opinion: Opinion) -> None:
    """Raises Recused of the unit that has it, PermissionMissing of another office."""
    if in_care_of(actor, (Role.CONGRESS_OFFICE,), vars(opinion)):
        return
    if opinion.unit_id in actor.unit_ids:
        raise Recused
    raise PermissionMissing(Permission.OPINION_DECIDE)


def open_to_partners() -> ColumnElement[bool]:
    """Rows a partner system, or the public, may learn of: not confidential, accusing nobody."""
    return and_(col(Opinion.confidential).is_(False), col(Opinion.accusing).is_(False))
