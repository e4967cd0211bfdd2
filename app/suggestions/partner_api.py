"""`/api/partner/v1/suggestions`: what partner systems may read of them, and nothing they may change.

Never a draft, a confidential one, an evaluation, or that a reply was judged: `rejected` and
`conference` read `replied` (design.md 3.12).
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.deps import Tx
from app.infra.schemas import ListQuery, Out, PageOut
from app.infra.unit_route import UnitRoute
from app.kernel.paging import Cursor, page_of
from app.partners.caller import Partner
from app.partners.deps import scoped
from app.suggestions import queries
from app.suggestions.errors import SuggestionUnknown
from app.suggestions.models import Assignment, Suggestion
from app.suggestions.states import AssignmentState, Role, State
from app.suggestions.visibility import REJECTED_IN_PRIVATE, public_state
from app.suggestions.workflow import shown_outside

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=UnitRoute)
Reader = Annotated[Partner, Depends(scoped("suggestions:read"))]

# Before it is numbered it is the delegate's and the office's own matter.
OWN_MATTER = (State.DRAFT, State.COSIGNING, State.SUBMITTED)


class PartnerSuggestionQuery(ListQuery):
    """`state` as partners see it."""

    state: State | None = None
    congress_id: UUID | None = None
    unit_id: UUID | None = None


class PartnerAssignmentOut(Out):
    unit_id: UUID
    unit_name: str
    role: Role
    state: AssignmentState


class PartnerSuggestionOut(Out):
    id: UUID
    number: str | None
    title: str
    state: State
    category: str | None
    congress_id: UUID
    delegate_id: UUID
    delegate_name: str
    submitted_at: AwareDatetime | None
    accepted_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    assignments: list[PartnerAssignmentOut]


def _assignment(row: Assignment) -> PartnerAssignmentOut:
    out = PartnerAssignmentOut.model_validate(row)
    out.state = shown_outside(out.state)
    return out


def _open() -> ColumnElement[bool]:
    return and_(col(Suggestion.confidential).is_(False), col(Suggestion.state).not_in(OWN_MATTER))


def _filters(asked: PartnerSuggestionQuery) -> list[ColumnElement[bool]]:
    found = [_open()]
    if asked.state:
        same = [asked.state, *REJECTED_IN_PRIVATE] if asked.state is State.REPLIED else [asked.state]
        hidden = asked.state in REJECTED_IN_PRIVATE
        found.append(col(Suggestion.state).in_([] if hidden else same))
    if asked.congress_id:
        found.append(col(Suggestion.congress_id) == asked.congress_id)
    if asked.unit_id:
        of_unit = select(Assignment.suggestion_id).where(
            Assignment.unit_id == asked.unit_id, Assignment.state != AssignmentState.RETURNED
        )
        found.append(col(Suggestion.id).in_(of_unit))
    return found


@router.get("")
async def suggestions(
    asked: Annotated[PartnerSuggestionQuery, Query()], _: Reader, tx: Tx
) -> PageOut[PartnerSuggestionOut]:
    """Scope `suggestions:read`. Newest first."""
    query = select(Suggestion).where(*_filters(asked))
    if asked.after:
        earlier = col(Suggestion.created_at) < asked.after.at
        same = and_(col(Suggestion.created_at) == asked.after.at, col(Suggestion.id) < asked.after.id)
        query = query.where(or_(earlier, same))
    order = (col(Suggestion.created_at).desc(), col(Suggestion.id).desc())
    rows = (await tx.exec(query.order_by(*order).limit(asked.limit + 1))).all()
    page = page_of(rows, limit=asked.limit, key=lambda row: Cursor(row.created_at, row.id))
    return PageOut(items=await _shown(tx, page.items), next_cursor=page.next_cursor)


@router.get("/{id}")
async def suggestion(id: UUID, _: Reader, tx: Tx) -> PartnerSuggestionOut:
    """Scope `suggestions:read`. One suggestion and where it stands."""
    found = (await tx.exec(select(Suggestion).where(Suggestion.id == id, _open()))).first()
    if found is None:
        raise SuggestionUnknown
    [out] = await _shown(tx, [found])
    return out


async def _shown(tx: AsyncSession, rows: Sequence[Suggestion]) -> list[PartnerSuggestionOut]:
    """Partners stand where units stand: what a delegate thought of a reply is not for them."""
    given = await queries.assignments_of(tx, [row.id for row in rows])
    return [
        PartnerSuggestionOut(
            **row.model_dump(exclude={"state"}),
            state=State(public_state(row.state)),
            assignments=[_assignment(a) for a in given[row.id]],
        )
        for row in rows
    ]
