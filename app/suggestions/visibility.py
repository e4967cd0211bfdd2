"""Who sees which suggestion, and in which projection: one predicate for API, list, export and page."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, true
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.permissions import Role, Side
from app.deadlines.lines import Kind
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.workflow import Act, AssignmentState, State

# What a unit may not learn: that, and how, its reply was judged.
HIDDEN_FROM_UNITS = {State.REJECTED, State.CONFERENCE}
HIDDEN_ACTS = {Act.EVALUATE}
HIDDEN_CLOCKS = {Kind.EVALUATION, Kind.REJECTION_DECISION}


def visible(actor: Actor) -> ColumnElement[bool]:
    """Rows of `suggestions` this actor may see at all."""
    return or_(false(), *_own(actor), *_office(actor), *_unit(actor), *_others(actor))


def _own(actor: Actor) -> list[ColumnElement[bool]]:
    return [col(Suggestion.delegate_id).in_(actor.delegate_ids)] if actor.delegate_ids else []


def _not_a_draft() -> ColumnElement[bool]:
    return col(Suggestion.state) != State.DRAFT


def _office(actor: Actor) -> list[ColumnElement[bool]]:
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    if actor.in_county(*roles):
        return [true()]
    scopes = actor.scopes(*roles)
    return [col(Suggestion.region_id).in_(scopes)] if scopes else []


def _unit(actor: Actor) -> list[ColumnElement[bool]]:
    if not actor.unit_ids:
        return []
    return [
        exists(
            select(Assignment.id).where(
                Assignment.suggestion_id == Suggestion.id,
                col(Assignment.unit_id).in_(actor.unit_ids),
                Assignment.state != AssignmentState.RETURNED,
            )
        )
    ]


def _others(actor: Actor) -> list[ColumnElement[bool]]:
    """Leaders see the county's, the government office what was assigned, delegates their congress's."""
    open_to_all = and_(_not_a_draft(), col(Suggestion.confidential).is_(False))
    shown: list[ColumnElement[bool]] = []
    if actor.holding(Role.LEADER):
        shown.append(open_to_all)
    if actor.holding(Role.GOVERNMENT_OFFICE):
        assigned = exists(select(Assignment.id).where(Assignment.suggestion_id == Suggestion.id))
        shown.append(and_(open_to_all, assigned))
    congresses = {seat.scope_id for seat in actor.seats}
    if congresses:
        shown.append(and_(open_to_all, col(Suggestion.congress_id).in_(congresses)))
    return shown


def side_on(actor: Actor, suggestion: Suggestion) -> Side:
    """From which side the actor looks at this suggestion."""
    if suggestion.delegate_id in actor.delegate_ids:
        return Side.DELEGATE
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)
    if actor.in_county(*roles) or suggestion.region_id in actor.scopes(*roles):
        return Side.CONGRESS
    if actor.unit_ids or actor.holding(Role.GOVERNMENT_OFFICE):
        return Side.GOVERNMENT
    return Side.DELEGATE


def shown_state(state: str, side: Side) -> str:
    """To the government side a rejected reply reads like any replied one."""
    hidden = side is Side.GOVERNMENT and state in HIDDEN_FROM_UNITS
    return State.REPLIED if hidden else state


def state_filter(state: str, actor: Actor) -> ColumnElement[bool]:
    """A list's `?state=`, asked in the words of the actor's projection."""
    if only_government(actor) and state == State.REPLIED:
        return col(Suggestion.state).in_([State.REPLIED, *HIDDEN_FROM_UNITS])
    if only_government(actor) and state in HIDDEN_FROM_UNITS:
        return false()
    return col(Suggestion.state) == state


def only_government(actor: Actor) -> bool:
    roles = {Role(role) for role in actor.roles}
    return bool(roles) and roles <= {Role.UNIT_OFFICER, Role.UNIT_HEAD, Role.GOVERNMENT_OFFICE}


def identifies_submitter(suggestion: Suggestion, side: Side) -> bool:
    """A confidential item shows the government side the matter, never who raised it."""
    return not (suggestion.confidential and side is Side.GOVERNMENT)


def unit_of(actor: Actor, asked: UUID | None = None) -> set[UUID]:
    return {asked} & actor.unit_ids if asked else actor.unit_ids
