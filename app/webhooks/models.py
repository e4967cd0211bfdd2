"""Partners' endpoints, and one delivery for each event and endpoint."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id

EndpointId = NewType("EndpointId", UUID)


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"


class WebhookEndpoint(TenantTable, table=True):
    """Where one partner wants to be told. `replay_*`: how far events are being sent anew."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("enabled = (disabled_reason IS NULL)", name="disabled_with_reason"),
        CheckConstraint("num_nulls(replay_since, replay_after) IN (0, 2)", name="replay_whole"),
        Index("ix_webhook_endpoints_replaying", "id", postgresql_where=text("replay_after IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    partner_id: UUID = Field(foreign_key="partner_clients.id", index=True, sa_type=Uuid)
    url: str
    secret_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    events: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    enabled: bool = True
    disabled_reason: str | None = None
    failures: int = 0  # in a row
    paused_until: datetime | None = None  # it said it was overrun; machine time
    replay_since: datetime | None = None  # business time
    replay_after: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    created_at: datetime
    revision: int = 1


class WebhookDelivery(TenantTable, table=True):
    """One event for one endpoint. Machine time; a claim moves `due_at` to the end of its lease.

    `lease` is the claim's own id: who comes back after it ran out can no longer write the outcome.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("endpoint_id", "event_id"),
        Index(
            "ix_webhook_deliveries_due", "endpoint_id", "due_at", postgresql_where=text("state = 'pending'")
        ),
        Index("ix_webhook_deliveries_done", "done_at", postgresql_where=text("state <> 'pending'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    endpoint_id: UUID = Field(
        sa_column=Column(Uuid, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False)
    )
    event_id: UUID = Field(sa_type=Uuid)
    type: str
    body: str  # signed as it stands: every attempt sends the same bytes
    state: str = DeliveryState.PENDING
    attempts: int = 0
    due_at: datetime
    lease: UUID | None = Field(default=None, sa_type=Uuid)
    status: int | None = None  # of the last answer
    error: str | None = None  # why no answer came
    written_at: datetime
    done_at: datetime | None = None  # delivered or parked
