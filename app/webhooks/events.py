"""What webhooks tell the rest: for our own use, no partner sees it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class WebhookDisabled(Event):
    """An endpoint answered 410 or failed for three days: tell whoever looks after that partner."""

    name: ClassVar[str] = "internal.webhook_disabled"
    endpoint_id: UUID
    partner_id: UUID
    reason: str
