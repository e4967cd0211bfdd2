"""Bodies of `/api/partner/v1/opinions`: what partners push, and the little they may read."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, field_validator

from app.infra.schemas import Body, ListQuery, Long, Out, Short
from app.kernel.text import Line
from app.opinions.rules import Category, Route
from app.opinions.schemas import ContactIn, ResultOut, StationCode, Uploads
from app.opinions.workflow import State

OPTIONAL = ("external_id", "source", "category", "place", "station_code", "township_code")
ExternalId = Annotated[str, Line(120)]


class PushIn(Body):
    """`external_id` is the sender's own number; `source` tells several systems behind one client apart.

    Give `station_code` or `township_code` (official code); with neither it is the county's.
    """

    external_id: ExternalId | None = None
    source: Annotated[str, Line(40)] | None = None
    content: Long
    category: Category | None = None
    place: Short | None = None
    station_code: StationCode | None = None
    township_code: Annotated[str, Line(12)] | None = None
    contact: ContactIn | None = None
    route: Route = Route.STATION
    confidential: bool = False
    upload_ids: Uploads = Field(default_factory=list)

    @field_validator(*OPTIONAL, mode="before")
    @classmethod
    def _blank_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value


class PushedOut(Out):
    """`receipt` and `url` are for the resident; the same each time this `external_id` comes again."""

    id: UUID
    number: str
    external_id: str | None
    state: State
    receipt: str
    url: str
    triage_due_at: AwareDatetime


class PartnerOpinionQuery(ListQuery):
    state: State | None = None
    category: Category | None = None
    external_id: ExternalId | None = None
    transferred_to: Annotated[str, Line(20)] | None = None


class PartnerOpinionOut(Out):
    """No name, no phone, no place in the village, no mark of the resident's.

    `external_id` only of what you pushed yourself; `reference` is the number you gave at a moving out.
    """

    id: UUID
    number: str
    state: State
    category: Category | None
    content: str
    township_code: str
    township: str
    station_code: str | None
    external_id: str | None
    transferred_to: str | None
    reference: str | None
    suggestion_id: UUID | None
    result: ResultOut | None
    created_at: AwareDatetime
    closed_at: AwareDatetime | None


class PartnerResultIn(Body):
    """`handled_by`: the office that did it, as the resident reads it; your own name if left out."""

    content: Long
    handled_by: Annotated[str, Line(80)] | None = None
