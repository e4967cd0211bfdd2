"""Who reads which yearly report: a published one everybody who reads suggestions, a draft its congress."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.reports.models import HandlingReport, ReportState

CONGRESS_SIDE = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Rows of `handling_reports`."""
    if actor.in_county(*CONGRESS_SIDE):
        return true()
    published = col(HandlingReport.state) == ReportState.PUBLISHED
    return or_(published, col(HandlingReport.region_id).in_(actor.scopes(*CONGRESS_SIDE)))


def sees_facts(actor: Actor, report: HandlingReport) -> bool:
    """The figures behind it hold evaluations in groups: for the congress alone."""
    return actor.in_county(*CONGRESS_SIDE) or report.region_id in actor.scopes(*CONGRESS_SIDE)


def holds(actor: Actor, role: Role, report: HandlingReport) -> bool:
    """Is the actor of this congress's office, or its chair (or the county's)?"""
    return actor.in_county(role) or report.region_id in actor.scopes(role)
