"""Whose alerts an actor may see: those of the clocks it may see."""

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col

from app.accounts.actor import Actor
from app.alerts.models import Alert
from app.deadlines.visibility import HIDDEN_FROM_UNITS, OFFICES


def visible(actor: Actor) -> ColumnElement[bool]:
    if actor.in_county(*OFFICES):
        return true()
    shown: list[ColumnElement[bool]] = [false()]
    scopes = actor.scopes(*OFFICES)
    if scopes:
        shown.append(col(Alert.region_id).in_(scopes))
    if actor.unit_ids:
        own = col(Alert.unit_id).in_(actor.unit_ids)
        shown.append(and_(own, or_(col(Alert.kind).is_(None), col(Alert.kind).not_in(HIDDEN_FROM_UNITS))))
    return or_(*shown)
