"""A suggestion read for a paper, in its reader's own projection.

A paper can show no more than its reader sees of the suggestion: to a unit no evaluation, no conference,
nobody of a confidential item. The form for evaluating and what tells how a reply was judged are not the
unit's at all (domain.md 8: units have filled in delegates' evaluations themselves).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.accounts.permissions import Side
from app.deadlines.lines import Kind
from app.reports.errors import PaperNotReady, PaperNotYours
from app.reports.paper_kinds import NOT_FOR_UNITS, OF_THE_CONGRESS, PaperKind
from app.reports.registers import answer_clocks
from app.suggestions import queries
from app.suggestions.models import Suggestion
from app.suggestions.presenting import detail, steps_shown
from app.suggestions.shown import AssignmentOut, StepOut, SuggestionOut
from app.suggestions.states import Role
from app.suggestions.visibility import sees_evaluations, side_on
from app.suggestions.workflow import GONE


@dataclass(frozen=True)
class Reading:
    """One suggestion as its reader sees it, and the assignment a paper is about (None: of the whole)."""

    tx: AsyncSession
    row: Suggestion
    item: SuggestionOut
    steps: Sequence[StepOut]
    side: Side
    assignment: AssignmentOut | None

    @property
    def charged(self) -> AssignmentOut:
        """Raises PaperNotReady before 交办."""
        if self.assignment is None:
            raise PaperNotReady
        return self.assignment

    def newest_step(self, act: str) -> StepOut | None:
        of = (None, self.assignment.id if self.assignment else None)
        found = [step for step in self.steps if step.act == act and step.assignment_id in of]
        return found[-1] if found else None

    async def due_on(self, kinds: Sequence[Kind]) -> date | None:
        """The last day of the newest clock of these kinds."""
        clock = (await answer_clocks(self.tx, [self.row.id], kinds)).get(self.charged.id)
        return clock.last_day if clock else None


async def read(
    tx: AsyncSession, id: UUID, kind: PaperKind, actor: Actor, assignment_id: UUID | None
) -> Reading:
    """Raises SuggestionUnknown, PaperNotYours, PaperNotReady."""
    found = await queries.seen(tx, id, actor)
    side = side_on(actor, found)
    if side is Side.GOVERNMENT and kind in NOT_FOR_UNITS:
        raise PaperNotYours
    if kind in OF_THE_CONGRESS and not sees_evaluations(actor, found):
        raise PaperNotYours
    item = await detail(tx, found, actor)
    steps = steps_shown(await queries.steps(tx, id), found, actor)
    return Reading(tx, found, item, steps, side, _chosen(item, actor, assignment_id))


def _chosen(item: SuggestionOut, actor: Actor, asked: UUID | None) -> AssignmentOut | None:
    """The one named, the reader's own, else the first that answers."""
    standing = [a for a in item.assignments if a.state not in GONE]
    if asked is not None:
        found = next((a for a in item.assignments if a.id == asked), None)
        if found is None:
            raise PaperNotReady
        return found
    own = [a for a in standing if a.unit_id in actor.unit_ids]
    answering = [a for a in standing if a.role is not Role.CO]
    return next(iter([*own, *answering, *standing]), None)
