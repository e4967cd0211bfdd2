"""Bodies of receptions."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.infra.schemas import Body, Long, Out, Short
from app.opinions.rules import Category, Route
from app.opinions.schemas import ContactIn, Uploads
from app.stations.schemas import ClientId, Moment


class LeftBehindIn(Body):
    """What somebody asked to have passed on; photos were sent by whoever types it in."""

    content: Long
    category: Category | None = None
    place: Short | None = None
    contact: ContactIn | None = None
    route: Route = Route.STATION
    confidential: bool = False
    upload_ids: Uploads = Field(default_factory=list)


class ReceptionIn(Body):
    """`summary` names nobody. `delegate_id`: who received them; a delegate's own seat if left out."""

    client_id: ClientId | None = None
    received_at: Moment | None = None
    people: Annotated[int, Field(ge=1, le=1000)] = 1
    delegate_id: UUID | None = None
    summary: Long
    opinion: LeftBehindIn | None = None


class ReceptionOut(Out):
    id: UUID
    station_id: UUID
    delegate_id: UUID | None
    received_at: AwareDatetime
    people: int
    summary: str
    opinion_id: UUID | None
    receipt: str | None = None
