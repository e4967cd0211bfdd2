"""What the yearly report's routes take and show."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.infra.schemas import Body, ListQuery, Long, Out, Reason, Short


class HandlingReportIn(Body):
    """`period`: a calendar year."""

    congress_id: UUID
    period: Annotated[str, Field(pattern=r"^(19|20)\d{2}$")]


class SectionIn(Body):
    key: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    heading: Short
    text: Long


class HandlingReportEdit(Body):
    title: Short
    sections: list[SectionIn] = Field(min_length=1, max_length=20)


class HandlingApprovalIn(Body):
    """The chair's signature, or the refusal with its reason."""

    agree: bool
    reason: Reason | None = None
    basis: Literal["chair", "presidium_meeting"] = "chair"
    meeting_id: Short | None = None


class HandlingReportQuery(ListQuery):
    congress_id: UUID | None = None
    period: str | None = None


class HandlingReportSummary(Out):
    id: UUID
    congress_id: UUID
    congress_name: str
    period: str
    since: date
    until: date
    state: str
    title: str
    drafted_at: AwareDatetime
    approved_at: AwareDatetime | None
    published_at: AwareDatetime | None


class SectionOut(Out):
    key: str
    heading: str
    text: str


class AnnexOut(Out):
    """A table: headings and rows of text."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str | None = None


class PublicReport(HandlingReportSummary):
    """What everybody may read, and the same as one plain text."""

    sections: list[SectionOut]
    annexes: list[AnnexOut]
    text: str
    demo: bool = False


class HandlingReportOut(PublicReport):
    """`figures`: the facts it was drafted from, for the congress alone; else empty."""

    figures: list[dict[str, Any]]
    counted_at: AwareDatetime
    drafted_name: str
    approved_name: str | None
    basis: str | None
    refusal: str | None
    due_on: date | None
    allowed: list[str]
