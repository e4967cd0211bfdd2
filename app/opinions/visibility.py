"""Who reads which opinion: one predicate for API, list, page and photo."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, true
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.directory.models import Congress
from app.opinions.models import Opinion
from app.opinions.rules import Route
from app.stations.models import DutyShift


def visible(actor: Actor) -> ColumnElement[bool]:
    """The county's offices read all; a township's what is not about its leaders; keepers and delegates
    what was left with the station; nobody else anything."""
    office = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    if actor.in_county(*office):
        return true()
    shown: list[ColumnElement[bool]] = [false()]
    scopes = actor.scopes(*office)
    if scopes:
        here = col(Opinion.region_id).in_(scopes)
        shown.append(and_(here, col(Opinion.audience) != Route.COUNTY))
    if actor.holding(Role.LEADER):
        shown.append(col(Opinion.confidential).is_(False))
    at_station = and_(col(Opinion.audience) == Route.STATION, col(Opinion.confidential).is_(False))
    kept = actor.scopes(Role.STATION_KEEPER)
    if kept:
        shown.append(and_(at_station, col(Opinion.station_id).in_(kept)))
    if actor.seats:
        shown.append(and_(at_station, or_(_own_congress(actor), _own_duty(actor))))
    return or_(*shown)


def _own_congress(actor: Actor) -> ColumnElement[bool]:
    congresses = {seat.scope_id for seat in actor.seats}
    return exists(
        select(Congress.id).where(col(Congress.id).in_(congresses), Congress.region_id == Opinion.region_id)
    )


def _own_duty(actor: Actor) -> ColumnElement[bool]:
    return exists(
        select(DutyShift.id).where(
            col(DutyShift.delegate_id).in_(actor.delegate_ids),
            DutyShift.station_id == Opinion.station_id,
        )
    )
