"""Bodies of the inbox and of an alert's trail."""

from uuid import UUID

from pydantic import AwareDatetime

from app.alerts.schemas import AlertOut
from app.infra.schemas import Out
from app.notifications.models import Channel, DeliveryState


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
    """`at`: when it was told, null until then. `fell_back`: only the inbox item reached the person."""

    person: str
    channel: Channel
    state: DeliveryState
    attempts: int
    at: AwareDatetime | None
    read_at: AwareDatetime | None
    reason: str | None
    fell_back: bool


class AcknowledgementOut(Out):
    name: str
    at: AwareDatetime


class AlertTrailOut(AlertOut):
    deliveries: list[DeliveryOut]
    acknowledgements: list[AcknowledgementOut]
