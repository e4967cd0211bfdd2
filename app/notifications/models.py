"""One row for each (subject, line, occurrence, person, channel): told exactly once."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id

DeliveryId = NewType("DeliveryId", UUID)


class Channel(StrEnum):
    INBOX = "inbox"
    WECHAT = "wechat"


class SubjectKind(StrEnum):
    DEADLINE = "deadline"  # occurrence: the clock's due_revision
    SUGGESTION = "suggestion"  # occurrence: the event's place in the feed


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"  # a worker is at it until `available_at`
    DELIVERED = "delivered"
    REJECTED = "rejected"  # the channel will never take it for this person
    UNKNOWN = "unknown"  # sent twice, no answer: it may have arrived
    SUPERSEDED = "superseded"  # no longer true when its moment came
    MERGED = "merged"  # one push tells several lines of one matter crossed together: `reason` names it
    PARKED = "parked"  # five attempts came to nothing; for a person to look at


WAITING = text("state IN ('pending', 'leased')")


class Delivery(TenantTable, table=True):
    """How one person is told one thing by one channel.

    Business time: `created_at`, `send_after`, `delivered_at`. Machine time: `available_at`, when the
    next attempt may begin (of a leased row: when its lease ends). `in_doubt`: sends begun whose
    answer nobody has, a killed worker's too. `fell_back`: the person has only the inbox item.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        one_of("subject_kind", SubjectKind),
        one_of("channel", Channel),
        one_of("state", DeliveryState),
        UniqueConstraint("subject_kind", "subject_id", "line", "occurrence", "account_id", "channel"),
        Index("ix_deliveries_waiting", "available_at", "id", postgresql_where=WAITING),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    subject_kind: str
    subject_id: UUID = Field(sa_type=Uuid)
    line: str
    occurrence: int = Field(sa_column=Column(BigInteger, nullable=False))
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    channel: str
    state: str
    alert_id: UUID | None = Field(default=None, foreign_key="alerts.id", index=True, sa_type=Uuid)
    created_at: datetime
    send_after: datetime
    available_at: datetime
    attempts: int = 0
    in_doubt: int = 0
    delivered_at: datetime | None = None
    reference: str | None = None
    reason: str | None = None
    fell_back: bool = False


class InboxItem(TenantTable, table=True):
    """站内消息. `subject_id`: the opinion or suggestion to open. Business time."""

    __tablename__ = "inbox_items"
    __table_args__ = (Index("ix_inbox_items_own", "account_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    delivery_id: UUID = Field(unique=True, foreign_key="deliveries.id", sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    title: str
    body: str
    subject_kind: str
    subject_id: UUID = Field(sa_type=Uuid)
    line: str
    created_at: datetime
    read_at: datetime | None = None
