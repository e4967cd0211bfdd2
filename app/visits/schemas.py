"""Bodies of visits."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field

from app.infra.schemas import Body, ListQuery, Long, Out, Reason, Short
from app.opinions.rules import Category
from app.stations.schemas import ClientId, CoordinateIn
from app.uploads.service import MOST_PHOTOS
from app.visits.models import Wants

Count = Annotated[int, Field(ge=0, le=10_000)]


class IssueIn(Body):
    content: Reason
    category: Category | None = None
    wants: Wants


class VisitIn(Body):
    """`coordinate` is looked at and not kept; `delegate_id` chooses among the actor's own seats."""

    client_id: ClientId
    visited_on: date
    place: Short
    coordinate: CoordinateIn | None = None
    households: Count | None = None
    people_met: Count | None = None
    summary: Long
    issues: Annotated[list[IssueIn], Field(max_length=20)] = Field(default_factory=list)
    upload_ids: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = Field(default_factory=list)
    delegate_id: UUID | None = None


class IssueOut(Out):
    """`receipt` of an opinion is shown once, in the answer that made it: hand it to the resident."""

    id: UUID
    content: str
    category: Category | None
    wants: Wants
    suggestion_id: UUID | None
    opinion_id: UUID | None
    receipt: str | None = None


class VisitOut(Out):
    id: UUID
    delegate_id: UUID
    delegate_name: str
    visited_on: date
    place: str
    households: int | None
    people_met: int | None
    summary: str
    created_at: AwareDatetime
    issues: list[IssueOut]
    upload_ids: list[UUID]


class VisitQuery(ListQuery):
    """`from` and `to`: local days of the visit, both included."""

    delegate_id: UUID | None = None
    since: Annotated[date | None, Query(alias="from")] = None
    until: Annotated[date | None, Query(alias="to")] = None
