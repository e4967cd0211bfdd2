"""Whose clocks an actor may see: its region's, its unit's, for leaders the county's."""

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Role
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline

HIDDEN_FROM_UNITS = (Kind.EVALUATION, Kind.REJECTION_DECISION)
OFFICES = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)


def visible(actor: Actor) -> ColumnElement[bool]:
    if actor.in_county(*OFFICES):
        return true()
    shown: list[ColumnElement[bool]] = [false()]
    scopes = actor.scopes(*OFFICES)
    if scopes:
        shown.append(col(Deadline.region_id).in_(scopes))
    if actor.unit_ids:
        shown.append(
            and_(
                col(Deadline.unit_id).in_(actor.unit_ids),
                col(Deadline.kind).not_in(HIDDEN_FROM_UNITS),
            )
        )
    return or_(*shown)


def in_care_of(actor: Actor, clock: Deadline) -> bool:
    """Is the actor of the congress office that answers for this clock's region, or of the county's?"""
    return actor.in_county(Role.CONGRESS_OFFICE) or clock.region_id in actor.scopes(Role.CONGRESS_OFFICE)


def rules_in_care_of(actor: Actor) -> bool:
    """Pack and calendar hold for the whole county: its congress office, or the security administrator."""
    return actor.may(Permission.RULES_MANAGE) or actor.in_county(Role.CONGRESS_OFFICE)
