"""Who sees which suggestion, and in which projection: one predicate for API, list, export and page."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.accounts.actor import Actor
from app.accounts.permissions import Role, Side
from app.deadlines.lines import Kind
from app.suggestions.models import Assignment, CoSigner, Step, Suggestion, SuggestionUpload
from app.suggestions.states import Act, State
from app.suggestions.workflow import GONE
from app.uploads.models import Upload
from app.uploads.showing import shows

# To the government side all of these read `replied`: none of them tells how the reply was judged.
READ_AS_REPLIED = frozenset({State.REPLIED, State.REJECTED, State.CONFERENCE, State.COMMITTED, State.CLOSED})
# What partners and the public read: the end is public, that a reply was rejected is not.
REJECTED_IN_PRIVATE = frozenset({State.REJECTED, State.CONFERENCE})
HIDDEN_CLOCKS = {Kind.EVALUATION, Kind.REJECTION_DECISION, Kind.CONFERENCE}
OF_THE_CONGRESS = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR, Role.LEADER)
OF_THE_GOVERNMENT = (Role.UNIT_OFFICER, Role.UNIT_HEAD, Role.GOVERNMENT_OFFICE)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Rows of `suggestions` this actor may see at all."""
    return or_(false(), *_own(actor), *_office(actor), *_unit(actor), *_others(actor))


def _own(actor: Actor) -> list[ColumnElement[bool]]:
    """One's own; and what one is asked to co-sign, once it has left the draft."""
    if not actor.delegate_ids:
        return []
    signs = exists(
        select(CoSigner.delegate_id).where(
            CoSigner.suggestion_id == Suggestion.id,
            col(CoSigner.delegate_id).in_(actor.delegate_ids),
            col(CoSigner.agreed).is_not(False),
        )
    )
    return [col(Suggestion.delegate_id).in_(actor.delegate_ids), and_(_not_a_draft(), signs)]


def _not_a_draft() -> ColumnElement[bool]:
    return col(Suggestion.state) != State.DRAFT


def _office(actor: Actor) -> list[ColumnElement[bool]]:
    """What was handed in, and drafts it writes itself for a delegate; nobody's private drafts."""
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    handed_in = or_(
        _not_a_draft(),
        col(Suggestion.submitted_at).is_not(None),
        col(Suggestion.proxy_basis).is_not(None),
    )
    if actor.in_county(*roles):
        return [handed_in]
    scopes = actor.scopes(*roles)
    return [and_(handed_in, col(Suggestion.region_id).in_(scopes))] if scopes else []


def _unit(actor: Actor) -> list[ColumnElement[bool]]:
    if not actor.unit_ids:
        return []
    return [
        exists(
            select(Assignment.id).where(
                Assignment.suggestion_id == Suggestion.id,
                col(Assignment.unit_id).in_(actor.unit_ids),
                col(Assignment.state).not_in(GONE),
            )
        )
    ]


def _others(actor: Actor) -> list[ColumnElement[bool]]:
    """Leaders see the county's, a government office what its place assigned, delegates their congress's."""
    open_to_all = and_(_not_a_draft(), col(Suggestion.confidential).is_(False))
    shown: list[ColumnElement[bool]] = []
    if actor.holding(Role.LEADER):
        shown.append(open_to_all)
    government = Role.GOVERNMENT_OFFICE
    if actor.holding(government):
        assigned = exists(select(Assignment.id).where(Assignment.suggestion_id == Suggestion.id))
        everywhere = true() if actor.in_county(government) else false()
        in_scope = or_(everywhere, col(Suggestion.region_id).in_(actor.scopes(government)))
        shown.append(and_(open_to_all, assigned, in_scope))
    congresses = {seat.scope_id for seat in actor.seats}
    if congresses:
        shown.append(and_(open_to_all, col(Suggestion.congress_id).in_(congresses)))
    return shown


@shows("suggestions")
def photos(actor: Actor) -> ColumnElement[bool]:
    """Photos and scans of what this actor may read; to the government side none of a confidential matter:
    a picture may tell who raised it. Scans of the judgement are for whoever reads evaluations."""
    file = aliased(Upload)
    shown = (
        select(SuggestionUpload.upload_id)
        .join(Suggestion, col(Suggestion.id) == col(SuggestionUpload.suggestion_id))
        .join(file, col(file.id) == col(SuggestionUpload.upload_id))
        .where(visible(actor))
        .where(or_(col(Suggestion.confidential).is_(False), ~read_as_government(actor)))
        .where(or_(reads_evaluations(actor), ~_may_tell_the_judgement(file)))
    )
    return col(Upload.id).in_(shown)


def _may_tell_the_judgement(file: type[Upload]) -> ColumnElement[bool]:
    """Filed once there was a reply, by somebody not of the units: a signed mark, a consent, minutes."""
    steps = select(Step.id).where(Step.suggestion_id == Suggestion.id)
    replied = steps.where(Step.act == Act.ISSUE, col(Step.written_at) < col(file.claimed_at))
    of_unit = steps.where(
        Step.side == Side.GOVERNMENT, col(file.owner) == func.concat("account:", col(Step.actor_id))
    )
    return and_(exists(replied), ~exists(of_unit))


def side_on(actor: Actor, suggestion: Suggestion) -> Side:
    """From which side the actor looks at this suggestion; `facing` first, where its units are known."""
    if suggestion.delegate_id in actor.delegate_ids:
        return Side.DELEGATE
    if actor.in_county(*OF_THE_CONGRESS) or suggestion.region_id in actor.scopes(*OF_THE_CONGRESS):
        return Side.CONGRESS
    return Side.GOVERNMENT if actor.holding(*OF_THE_GOVERNMENT) else Side.DELEGATE


def facing(actor: Actor, assignments: Iterable[Assignment]) -> Actor:
    """The actor as this suggestion knows him (回避): who is of a unit that answers it is not of the congress
    here, whatever posts he holds there."""
    answering = {a.unit_id for a in assignments if a.state not in GONE}
    if not actor.unit_ids & answering:
        return actor
    return replace(actor, posts=tuple(post for post in actor.posts if post.role not in OF_THE_CONGRESS))


def read_as_government(actor: Actor) -> ColumnElement[bool]:
    """`side_on(facing(…))` is GOVERNMENT, as a condition on rows of `suggestions`."""
    if not actor.holding(*OF_THE_GOVERNMENT):
        return false()
    own = col(Suggestion.delegate_id).in_(actor.delegate_ids)
    return and_(~own, ~of_congress(actor))


def of_congress(actor: Actor) -> ColumnElement[bool]:
    """The actor stands here for the congress that received it, and no unit of his answers it."""
    in_scope = col(Suggestion.region_id).in_(actor.scopes(*OF_THE_CONGRESS))
    posted = or_(true() if actor.in_county(*OF_THE_CONGRESS) else false(), in_scope)
    return and_(posted, ~or_(false(), *_unit(actor)))


def shown_state(state: str, side: Side) -> str:
    """To the government side a judged reply reads like any replied one."""
    hidden = side is Side.GOVERNMENT and state in READ_AS_REPLIED
    return State.REPLIED if hidden else state


def public_state(state: str) -> str:
    """A state as partners and the public read it."""
    return State.REPLIED if state in REJECTED_IN_PRIVATE else state


def state_filter(state: str, actor: Actor) -> ColumnElement[bool]:
    """A list's `?state=`, asked in the words in which each row is read."""
    plain = col(Suggestion.state) == state
    if state not in READ_AS_REPLIED:
        return plain
    outside = read_as_government(actor)
    replied = col(Suggestion.state).in_(READ_AS_REPLIED) if state == State.REPLIED else false()
    return or_(and_(outside, replied), and_(~outside, plain))


def identifies_submitter(suggestion: Suggestion, side: Side) -> bool:
    """A confidential item shows the government side the matter, never who raised it."""
    return not (suggestion.confidential and side is Side.GOVERNMENT)


def shown_revision(suggestion: Suggestion, side: Side) -> int:
    """What an ETag counts: to the government side no judgement has happened."""
    return suggestion.revision + (0 if side is Side.GOVERNMENT else suggestion.judgements)


def reads_evaluations(actor: Actor) -> ColumnElement[bool]:
    """`sees_evaluations(facing(…))`, as a condition on rows of `suggestions`."""
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    scoped = col(Suggestion.region_id).in_(actor.scopes(*roles))
    office = or_(true() if actor.in_county(*roles) else false(), scoped)
    own = col(Suggestion.delegate_id).in_(actor.delegate_ids)
    return or_(own, and_(office, ~or_(false(), *_unit(actor))))


def sees_evaluations(actor: Actor, suggestion: Suggestion) -> bool:
    """The one who made them, and the office and chair of the congress; no unit, no other delegate."""
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    office = actor.in_county(*roles) or suggestion.region_id in actor.scopes(*roles)
    return office or suggestion.delegate_id in actor.delegate_ids
