"""One row for each (subject, line, occurrence, person, channel): told exactly once."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, json_column, one_of
from app.kernel.ids import new_id
from app.notifications.channels import Channel as Channel

DeliveryId = NewType("DeliveryId", UUID)


class SubjectKind(StrEnum):
    DEADLINE = "deadline"  # occurrence: the clock's due_revision
    SUGGESTION = "suggestion"  # occurrence: the event's place in the feed
    ALERT = "alert"  # any other line: the alert itself, whose own key holds the occurrence


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"  # a worker is at it until `available_at`
    DELIVERED = "delivered"
    REJECTED = "rejected"  # the channel will never take it for this person
    UNKNOWN = "unknown"  # sent twice, no answer: it may have arrived
    SUPERSEDED = "superseded"  # no longer true when its moment came
    MERGED = "merged"  # told by another push, with others of the person: `merged_into` names it
    PARKED = "parked"  # five attempts came to nothing; for a person to look at


WAITING = text("state IN ('pending', 'leased')")
STUCK = text("state IN ('parked', 'unknown')")


class Delivery(TenantTable, table=True):
    """How one person is told one thing by one channel.

    Business time: `created_at`, `send_after`, `delivered_at`. Machine time: `available_at`, when the
    next attempt may begin (of a leased row: when its lease ends). `in_doubt`: sends begun whose
    answer nobody has, a killed worker's too. `fell_back`: this channel did not reach the person; the
    next one's row names it in `instead_of`, and if there is none, the inbox item is all they have.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        one_of("subject_kind", SubjectKind),
        one_of("channel", Channel),
        one_of("state", DeliveryState),
        UniqueConstraint("subject_kind", "subject_id", "line", "occurrence", "account_id", "channel"),
        Index("ix_deliveries_waiting", "available_at", "id", postgresql_where=WAITING),
        Index("ix_deliveries_person", "account_id", "channel", "state"),
        Index("ix_deliveries_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_deliveries_stuck", "available_at", "id", postgresql_where=STUCK),
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
    sent_as: str | None = None  # the page it led to: a provider's receipt repeats it
    reason: str | None = None
    fell_back: bool = False
    merged_into: UUID | None = Field(default=None, foreign_key="deliveries.id", sa_type=Uuid)
    instead_of: UUID | None = Field(default=None, foreign_key="deliveries.id", sa_type=Uuid)
    stands_in_for: UUID | None = Field(default=None, foreign_key="accounts.id", sa_type=Uuid)


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


class Circuit(TenantTable, table=True):
    """How a channel as a whole is doing; every worker reads this row before it sends. Machine time."""

    __tablename__ = "channel_circuits"
    __table_args__ = (one_of("channel", Channel),)

    channel: str = Field(primary_key=True)
    failures: int = 0
    open_until: datetime | None = None
    reason: str | None = None
    changed_at: datetime


class Address(TenantTable, table=True):
    """Where one channel finds one person. `sealed` None: known elsewhere (roster, WeChat binding).

    `disabled_at` (machine time): the channel says that this address leads nowhere; setting a new one
    clears it.
    """

    __tablename__ = "channel_addresses"
    __table_args__ = (one_of("channel", Channel),)

    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id", sa_type=Uuid)
    channel: str = Field(primary_key=True)
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    changed_at: datetime
    disabled_at: datetime | None = None
    disabled_reason: str | None = None


class Preference(TenantTable, table=True):
    """How a person wants to be told. `channels` None: the county's order; `quiet_*` local time."""

    __tablename__ = "notification_preferences"

    account_id: UUID = Field(primary_key=True, foreign_key="accounts.id", sa_type=Uuid)
    channels: list[str] | None = Field(default=None, sa_column=json_column(nullable=True))
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_only: bool = False
    changed_at: datetime


class Absence(TenantTable, table=True):
    """请假、出差: local days, both included. The newest row of a person holds."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_person", "account_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    away_from: date
    away_until: date
    stand_in_id: UUID | None = Field(default=None, foreign_key="accounts.id", sa_type=Uuid)
    entered_at: datetime


class StandIn(TenantTable, table=True):
    """替岗: who hears in somebody's place while that person is away. Local days, both included."""

    __tablename__ = "stand_ins"
    __table_args__ = (Index("ix_stand_ins_person", "account_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    stand_in_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    valid_from: date
    valid_until: date | None = None
    entered_by: UUID = Field(sa_type=Uuid)
    entered_at: datetime


class CallItem(TenantTable, table=True):
    """待电话告知: a delegate whom a message did not reach, till the office has phoned. Business time."""

    __tablename__ = "call_items"
    __table_args__ = (Index("ix_call_items_region", "region_id", "since", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    inbox_item_id: UUID = Field(unique=True, foreign_key="inbox_items.id", sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    since: datetime
    done_at: datetime | None = None
    done_by: UUID | None = Field(default=None, sa_type=Uuid)
    result: str | None = None


class RoutingChoice(TenantTable, table=True):
    """What this county changed of the shipped routing; the newest row holds."""

    __tablename__ = "routing_choices"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    changes: dict[str, Any] = Field(sa_column=json_column())
    chosen_at: datetime
    chosen_by: str
