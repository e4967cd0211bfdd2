"""督办: urges, meetings, inspections, key items; and pressure on a delegate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.infra import audit
from app.infra.crypto import vault_of
from app.kernel.ids import new_id
from app.suggestions import queries
from app.suggestions.answer_errors import NotLeadDelegate, SupervisionUnknown
from app.suggestions.errors import AssignmentUnknown, NotChair
from app.suggestions.events import PressureReported, SuggestionUrged
from app.suggestions.models import Suggestion
from app.suggestions.oversight_models import Demand, KeyDesignation, PressureReport, Supervision
from app.suggestions.states import Act
from app.suggestions.steps import Doing, announce, step
from app.suggestions.workflow import GONE


@dataclass(frozen=True)
class Demanded:
    """What one unit is to do, by which local day."""

    content: str
    unit_id: UUID
    due_on: date | None = None


@dataclass(frozen=True)
class Supervising:
    kind: str
    note: str
    held_on: date | None = None
    participants: Sequence[str] = ()
    demands: Sequence[Demanded] = ()


async def supervise(tx: AsyncSession, suggestion: Suggestion, what: Supervising, doing: Doing) -> Supervision:
    """Press the units: those named, else every unit that still owes something. One urge, one event each."""
    owing = [a.unit_id for a in await queries.assignments(tx, suggestion.id) if a.state not in GONE]
    if any(demand.unit_id not in owing for demand in what.demands):
        raise AssignmentUnknown
    await step(tx, suggestion, Act.SUPERVISE, doing)
    row = Supervision(
        suggestion_id=suggestion.id,
        kind=what.kind,
        held_on=what.held_on,
        participants=list(what.participants),
        note=what.note,
        by=doing.actor.id,
        by_name=doing.actor.name,
        at=doing.now,
    )
    tx.add(row)
    await tx.flush()
    tx.add_all(Demand(supervision_id=row.id, **vars(demand)) for demand in what.demands)
    for unit in dict.fromkeys([d.unit_id for d in what.demands] or owing):
        announce(tx, SuggestionUrged, suggestion, doing, unit_id=unit, supervision_id=row.id)
    return row


async def feed_back(
    tx: AsyncSession, suggestion: Suggestion, supervision_id: UUID, content: str, doing: Doing
) -> None:
    """A unit answers what was asked of it."""
    row = await tx.get(Supervision, supervision_id)
    if row is None or row.suggestion_id != suggestion.id:
        raise SupervisionUnknown
    units = {a.unit_id for a in await queries.assignment_of_units(tx, suggestion.id, doing.actor.unit_ids)}
    if not units:
        raise AssignmentUnknown
    await step(tx, suggestion, Act.FEEDBACK, doing)
    mine = [d for d in await queries.demands(tx, [row.id]) if d.unit_id in units]
    if not mine:
        mine = [Demand(supervision_id=row.id, unit_id=next(iter(units)), content=row.note)]
        tx.add_all(mine)
    for demand in mine:
        demand.feedback, demand.fed_back_at = content, doing.now


def need_chair(actor: Actor, suggestion: Suggestion) -> None:
    if not is_chair(actor, suggestion):
        raise NotChair


def is_chair(actor: Actor, suggestion: Suggestion) -> bool:
    """The chair of the receiving congress, or the county's."""
    chair = Role.PRESIDIUM_CHAIR
    return actor.in_county(chair) or suggestion.region_id in actor.scopes(chair)


async def designate_key(
    tx: AsyncSession,
    suggestion: Suggestion,
    *,
    decided_by: str,
    leader_ids: Sequence[UUID],
    meeting_id: str | None,
    doing: Doing,
) -> None:
    """重点督办: led by the chair; a second designation replaces the leaders."""
    need_chair(doing.actor, suggestion)
    await step(tx, suggestion, Act.DESIGNATE_KEY, doing)
    suggestion.is_key = True
    row = KeyDesignation(
        suggestion_id=suggestion.id,
        decided_by=decided_by,
        leader_ids=[str(id) for id in leader_ids],
        meeting_id=meeting_id,
        at=doing.now,
    )
    await tx.merge(row)


async def report_pressure(
    tx: AsyncSession, suggestion: Suggestion, *, content: str, to: str, doing: Doing
) -> None:
    """Somebody pressed the delegate: for the chair in person, or straight to the county.

    Sealed, without a step: the file shows nobody that a report was made.
    """
    seats = doing.actor.delegate_ids
    if not seats:
        raise NotLeadDelegate
    own = suggestion.delegate_id if suggestion.delegate_id in seats else min(seats)
    id = new_id()
    tx.add(
        PressureReport(
            id=id,
            suggestion_id=suggestion.id,
            region_id=suggestion.region_id,
            delegate_id=own,
            recipient=to,
            content_sealed=vault_of(tx).seal(content, where=f"pressure_reports.content:{id}"),
            at=doing.now,
        )
    )
    announce(tx, PressureReported, suggestion, doing, recipient=to)
    audit.note(
        tx,
        "suggestion.pressure-report",
        actor=doing.actor.label,
        subject_kind="pressure_report",
        subject_id=id,
        now=doing.now,
    )
