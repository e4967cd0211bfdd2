"""Bodies of the inbox, of an alert's trail, of the call list and of personal settings."""

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from app.alerts.schemas import AlertOut, UndertakingOut
from app.infra.schemas import Body, Out, Reason
from app.notifications.channels import Channel
from app.notifications.models import DeliveryState
from app.notifications.policy import Way


class InboxItemOut(Out):
    """`subject_id`: the opinion or suggestion to open."""

    id: UUID
    title: str
    body: str
    subject_kind: str
    subject_id: UUID
    line: str
    created_at: AwareDatetime
    read_at: AwareDatetime | None


class DeliveryOut(Out):
    """One person, one way. `at`: when it was told, null until then. `read_at`: of the inbox item.

    `not_before`: the first moment at which it might ring. `instead_of`: the way that did not reach the
    person. `stands_in_for`: who is away. `together`: told by one push with others. `fell_back`: this way
    did not reach the person. `reason`: why it was refused, put off or merged.
    """

    person: str
    channel: Channel
    state: DeliveryState
    attempts: int
    not_before: AwareDatetime
    at: AwareDatetime | None
    read_at: AwareDatetime | None
    reason: str | None
    fell_back: bool
    instead_of: Channel | None
    stands_in_for: str | None
    together: bool


class AcknowledgementOut(Out):
    name: str
    at: AwareDatetime


class CallTrailOut(Out):
    """The office phoned, or still has to."""

    person: str
    since: AwareDatetime
    done_at: AwareDatetime | None
    result: str | None


class AlertTrailOut(AlertOut):
    deliveries: list[DeliveryOut]
    acknowledgements: list[AcknowledgementOut]
    undertakings: list[UndertakingOut]
    calls: list[CallTrailOut]


class CallOut(Out):
    """A delegate to phone. `phone` is masked; `POST …/phone` reveals it, with an audit row."""

    id: UUID
    name: str
    phone: str | None
    title: str
    line: str
    subject_kind: str
    subject_id: UUID
    since: AwareDatetime


class CallDone(Body):
    result: Reason


class PhoneOut(Out):
    phone: str


Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")]
Mail = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")]
Userid = Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,64}$")]


class AddressesIn(Body):
    """Only what is named changes; null takes an address away."""

    sms: Phone | None = None
    mail: Mail | None = None
    wecom: Userid | None = None


class PreferencesIn(Body):
    """`channels`: own order of ways beside the inbox, [] for the inbox alone, null for the county's order.

    `quiet_*`: local time in which nothing rings. `digest_only`: one message a day.
    """

    channels: list[Way] | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_only: bool = False
    addresses: AddressesIn | None = None


class PreferencesOut(Out):
    """`ways`: by what the person is reached at present, in order. Addresses are not shown again."""

    channels: list[Channel] | None
    quiet_from: time | None
    quiet_until: time | None
    digest_only: bool
    ways: list[Channel]


class AbsenceIn(Body):
    """Local days, both included; both null: back again."""

    away_from: date | None = Field(default=None, alias="from")
    away_until: date | None = Field(default=None, alias="until")
    stand_in_id: UUID | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "AbsenceIn":
        if (self.away_from is None) != (self.away_until is None):
            raise ValueError("请同时填写开始和结束日期")
        return self


class AbsenceOut(Out):
    away_from: date | None = Field(serialization_alias="from")
    away_until: date | None = Field(serialization_alias="until")
    stand_in_id: UUID | None


class SubscriptionsIn(Body):
    """As `wx.requestSubscribeMessage` answers: template → what the person tapped."""

    templates: dict[str, Literal["accept", "reject", "ban", "filter"]]


class SubscriptionsOut(Out):
    """Template → messages that may still come; null where nothing is known."""

    left: dict[str, int | None]


class StandInIn(Body):
    """`account_id` default oneself."""

    account_id: UUID | None = None
    stand_in_id: UUID
    valid_from: date | None = None
    valid_until: date | None = None


class StandInOut(Out):
    id: UUID
    account_id: UUID
    name: str
    stand_in_id: UUID
    stand_in_name: str
    valid_from: date
    valid_until: date | None


class RoutingOut(Out):
    """The routing in force, and what this county changed of the shipped one."""

    routing: dict[str, Any]
    changes: dict[str, Any]


class RoutingIn(Body):
    """Single entries instead of the shipped ones; {} returns to them."""

    changes: dict[str, Any]


class StuckOut(Out):
    """A delivery that came to nothing, or of which nobody knows whether it arrived."""

    id: UUID
    person: str
    channel: Channel
    state: DeliveryState
    line: str
    attempts: int
    reason: str | None
    created_at: AwareDatetime


class ParkedEventOut(Out):
    consumer: str
    seq: int
    error: str
    parked_at: AwareDatetime


class ParkedEventsOut(Out):
    items: list[ParkedEventOut]
    next_cursor: str | None = None


class LinkOut(Out):
    """What a signed link shows without a log-in: nothing that names a person or quotes anybody.

    `subject_id` opens the matter in the mini-program or at the desk, after a log-in.
    """

    title: str
    line: str
    subject_kind: str
    subject_id: UUID
    created_at: AwareDatetime
    read_at: AwareDatetime | None
