"""Review and assignment: the congress's part (审核、交办)."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.errors import PermissionMissing
from app.accounts.permissions import Permission, Role
from app.deadlines.lines import Kind
from app.deadlines.queries import open_of_subject_for_update
from app.directory import queries as directory
from app.directory.errors import UnitMayNotReply, UnitUnknown
from app.directory.models import Organisation
from app.infra import outbox
from app.kernel.clock import local_date
from app.suggestions import queries
from app.suggestions.errors import ApprovalNeeded
from app.suggestions.events import SuggestionAccepted, SuggestionAssigned, SuggestionSentBack
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.steps import Doing, open_clocks, step
from app.suggestions.workflow import Act
from app.suggestions.workflow import Role as AssignmentRole


@dataclass(frozen=True)
class Order:
    """Who is to answer. `complex`: six months instead of three, and no extension."""

    lead_unit_id: UUID
    complex: bool = False


def need_office(actor: Actor, suggestion: Suggestion) -> None:
    """The office or the chair of the congress that received it."""
    roles = (Role.CONGRESS_OFFICE, Role.PRESIDIUM_CHAIR)
    if not (actor.in_county(*roles) or suggestion.region_id in actor.scopes(*roles)):
        raise PermissionMissing(Permission.SUGGESTION_REVIEW)


async def need_signature(
    tx: AsyncSession, actor: Actor, suggestion: Suggestion, act: str, doing: Doing
) -> None:
    """代表法 §51 gives the act to the presidium: the chair in person, or a standing authorisation."""
    chair = actor.scopes(Role.PRESIDIUM_CHAIR)
    if doing.historic or suggestion.region_id in chair or actor.in_county(Role.PRESIDIUM_CHAIR):
        return
    today = local_date(doing.now)
    if not await queries.authorised(tx, suggestion.congress_id, act, on=today):
        raise ApprovalNeeded(act)


async def accept(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Plain acceptance by the office alone: the suggestion gets its number (立案编号)."""
    await step(tx, suggestion, Act.ACCEPT_FOR_HANDLING, doing)
    suggestion.number = await _number(tx, suggestion)
    suggestion.accepted_at = doing.now
    event = SuggestionAccepted(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)


async def _number(tx: AsyncSession, suggestion: Suggestion) -> str:
    """第{届}届闭会第{n}号: given once, never reused, also if the suggestion is later withdrawn."""
    found = await directory.seat(tx, suggestion.delegate_id)
    term = found[0].term if found else 0
    series = f"第{term}届闭会"
    n = await queries.next_number(tx, suggestion.congress_id, series)
    return f"{series}第{n}号"


async def send_back(tx: AsyncSession, suggestion: Suggestion, doing: Doing) -> None:
    """Return it to the delegate with the reason; it may be mended and handed in again."""
    await step(tx, suggestion, Act.SEND_BACK, doing)
    event = SuggestionSentBack(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)


async def assign(tx: AsyncSession, suggestion: Suggestion, order: Order, doing: Doing) -> Assignment:
    """Hand it to the unit that must answer (交办): the statutory clock starts on the legal date."""
    unit = await _answering_unit(tx, order.lead_unit_id)
    await step(tx, suggestion, Act.ASSIGN, doing)
    assignment = Assignment(
        suggestion_id=suggestion.id,
        unit_id=unit.id,
        unit_name=unit.name,
        role=AssignmentRole.LEAD,
        complex=order.complex,
        assigned_on=doing.legal_on,
    )
    tx.add(assignment)
    await tx.flush()
    await open_clocks(tx, suggestion, assignment, doing, reason=Act.ASSIGN)
    await _announce(tx, suggestion, assignment, doing)
    return assignment


async def _answering_unit(tx: AsyncSession, unit_id: UUID) -> Organisation:
    unit = await directory.unit(tx, unit_id)
    if unit is None:
        raise UnitUnknown("lead_unit_id")
    if not unit.may_reply:
        raise UnitMayNotReply(unit.name)
    return unit


async def _announce(tx: AsyncSession, suggestion: Suggestion, assignment: Assignment, doing: Doing) -> None:
    running = await open_of_subject_for_update(tx, assignment.id)
    reply = next(clock for clock in running if clock.kind == Kind.REPLY)
    event = SuggestionAssigned(
        suggestion_id=suggestion.id,
        region_id=suggestion.region_id,
        confidential=suggestion.confidential,
        assignment_id=assignment.id,
        unit_id=assignment.unit_id,
        reply_due_on=reply.last_day,
    )
    outbox.record(tx, event, now=doing.now, history=doing.historic)
