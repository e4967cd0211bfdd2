"""Bodies of the event feed and of webhook endpoints."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.infra.schemas import Body, ListQuery, Out
from app.kernel.paging import LARGEST, USUAL

LARGEST_SEQ = 2**63 - 1


class EventsQuery(BaseModel):
    """`after`: the `next_after` of the page before, 0 for the first; `cursor` is another name for it."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None
    limit: Annotated[int, Query(ge=1, le=LARGEST)] = USUAL

    @property
    def seq(self) -> int:
        return int(self.cursor) if self.cursor else self.after


class EventOut(BaseModel):
    """`seq` grows and has holes where events are not for partners. `data` holds ids and dates only.

    `history`: entered afterwards from older records; webhooks do not tell of it.
    """

    seq: int
    id: UUID
    type: str
    occurred_at: AwareDatetime
    history: bool
    data: dict[str, Any]


class EventsOut(BaseModel):
    """`next_after`: go on from here, whether or not this page holds anything: nothing falls between.

    `next_cursor` is null once there is nothing further for now.
    """

    items: Sequence[EventOut]
    next_after: int
    next_cursor: str | None


class EndpointIn(Body):
    """`events`: `*`, `opinion.*`, `suggestion.*`, or full names such as `suggestion.replied`."""

    url: Annotated[str, Field(max_length=500)]
    events: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=lambda: ["*"], min_length=1, max_length=50
    )


class EndpointOut(Out):
    """`revision` makes the If-Match of DELETE: `"r<revision>"`. `disabled_reason`: `gone` (it answered 410)
    or `failing` (ten attempts in three days). `failures`: in a row.
    """

    id: UUID
    url: str
    events: list[str]
    enabled: bool
    disabled_reason: Literal["gone", "failing"] | None
    failures: int
    paused_until: AwareDatetime | None
    created_at: AwareDatetime
    revision: int


class EndpointMade(EndpointOut):
    """`secret` (`whsec_…`) verifies the signatures; it is shown this once."""

    secret: str


class ReplayIn(Body):
    """Everything that happened at or after `since` is sent once more."""

    since: AwareDatetime


class DeliveriesQuery(ListQuery):
    state: Literal["pending", "delivered", "parked"] | None = None


class DeliveryOut(Out):
    """`event_id` is the `webhook-id` header and the feed's `id`. `error`: why no answer came."""

    id: UUID
    event_id: UUID
    type: str
    state: Literal["pending", "delivered", "parked"]
    attempts: int
    due_at: AwareDatetime
    status: int | None
    error: str | None
    written_at: AwareDatetime
    done_at: AwareDatetime | None
