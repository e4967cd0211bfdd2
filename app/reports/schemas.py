"""What the figures' routes take and show."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.infra.schemas import Body, Out, Short
from app.reports.paper_kinds import PaperKind
from app.suggestions.states import State


class OverviewQuery(BaseModel):
    """`from` and `to`: local days, both included; default this year till today."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[date | None, Query(alias="from")] = None
    until: Annotated[date | None, Query(alias="to")] = None
    township_id: UUID | None = None
    by: Literal["unit", "township", "category"] | None = None


class RegisterQuery(BaseModel):
    """As `GET /api/v1/suggestions`, without pages; `from` and `to`: local days of handing in."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = None
    congress_id: UUID | None = None
    unit_id: UUID | None = None
    delegate_id: UUID | None = None
    category: str | None = None
    q: Annotated[str, Field(max_length=80)] | None = None
    township_id: UUID | None = None
    since: Annotated[date | None, Query(alias="from")] = None
    until: Annotated[date | None, Query(alias="to")] = None


class PeriodOut(Out):
    """Local days, both included."""

    since: Annotated[date, Field(serialization_alias="from")]
    until: Annotated[date, Field(serialization_alias="to")]


class LeftOutOut(Out):
    why: str
    count: int


class FigureOut(Out):
    """`denominator` null: a plain count. `numerator` null: `withheld` says why."""

    key: str
    name: str
    numerator: int | None
    denominator: int | None
    excluded: list[LeftOutOut]
    unit: str
    withheld: str | None
    period: PeriodOut


class RowOut(Out):
    """One unit, township or category; `key` is its id, or the category."""

    key: str
    name: str
    figures: list[FigureOut]


class BreakdownOut(Out):
    """A suggestion shared by two units stands in both rows, and once in the whole."""

    by: str
    rows: list[RowOut]


class OverviewOut(Out):
    """Over the suggestions handed in, the opinions received and the presence of the period."""

    period: PeriodOut
    township_id: UUID | None
    township_name: str | None
    computed_at: AwareDatetime
    figures: list[FigureOut]
    breakdown: BreakdownOut | None


class PaperIn(Body):
    """A signed scan. `dated`: the paper's own date, local, at latest today."""

    kind: PaperKind
    doc_no: Short | None = None
    dated: date
    upload_id: UUID
    sealed: bool = False


class PaperOut(Out):
    id: UUID
    kind: PaperKind
    doc_no: str | None
    dated: date
    upload_id: UUID | None
    sealed: bool
    filed_at: AwareDatetime


class PapersOut(Out):
    items: list[PaperOut]
