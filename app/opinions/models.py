"""What residents say, and what came of it. The words belong to the resident."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.kernel.clock import SHANGHAI
from app.kernel.ids import new_id
from app.opinions.rules import Category, Route
from app.opinions.workflow import State

OpinionId = NewType("OpinionId", UUID)


class Source(StrEnum):
    RESIDENT = "resident"  # scanned a code
    WALK_IN = "walk_in"  # typed in at a station
    PARTNER = "partner"
    IMPORT = "import"


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"
    BASICALLY = "basically"
    UNSATISFIED = "unsatisfied"


class ToldHow(StrEnum):
    READ = "read"  # set only by the receipt page itself
    PHONE = "phone"
    VISIT = "visit"
    POSTED = "posted"  # 站内公示


class Opinion(TenantTable, table=True):
    """社情民意. `audience` is the lowest desk that may read it; `receipt_index` a keyed digest.

    `contact_sealed` opens to JSON {name, phone}; a unit gets it only with `share_with_unit`.
    """

    __tablename__ = "opinions"
    __table_args__ = (
        one_of("state", State),
        one_of("source", Source),
        one_of("audience", Route),
        one_of("category", Category),
        one_of("rating", Satisfaction),
        one_of("told_how", ToldHow),
        Index("ix_opinions_recent", "created_at", "id"),
        Index("ix_opinions_region", "region_id", "created_at", "id"),
        Index("ix_opinions_station", "station_id", "created_at", "id"),
        Index(
            "uq_opinions_external",
            "source_name",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index(
            "ix_opinions_to_close",
            "told_at",
            postgresql_where=text("state IN ('answered', 'told')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    serial: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False)
    )
    station_id: UUID | None = Field(default=None, foreign_key="stations.id", sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    content: str
    category: str | None = None
    place: str | None = None
    audience: str
    confidential: bool = False
    contact_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    share_with_unit: bool = False
    source: str
    source_name: str = ""
    external_id: str | None = None
    receipt_index: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, unique=True, nullable=True)
    )
    state: str = State.RECEIVED
    suggestion_id: UUID | None = Field(default=None, foreign_key="suggestions.id", index=True, sa_type=Uuid)
    result: str | None = None
    result_by: str | None = None
    result_at: datetime | None = None
    told_at: datetime | None = None
    told_how: str | None = None
    rating: str | None = None
    rating_comment: str | None = None
    rated_at: datetime | None = None
    reopened_at: datetime | None = None
    round: int = 1
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def number(self) -> str:
        """What is printed on the receipt: local year and serial, gaps allowed."""
        return f"{self.created_at.astimezone(SHANGHAI).year}-{self.serial:06d}"


class OpinionStep(TenantTable, table=True):
    """One act, appended. `public` steps make the resident's timeline."""

    __tablename__ = "opinion_steps"
    __table_args__ = (Index("ix_opinion_steps_opinion", "opinion_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    opinion_id: UUID = Field(foreign_key="opinions.id", sa_type=Uuid)
    act: str
    left: str
    entered: str
    actor: str
    actor_name: str
    at: datetime
    written_at: datetime
    public: bool
    words: str | None = None


class OpinionMessage(TenantTable, table=True):
    """Question and answer between office and resident, on the receipt's page."""

    __tablename__ = "opinion_messages"
    __table_args__ = (
        one_of("by", ("office", "resident")),
        Index("ix_opinion_messages_opinion", "opinion_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    opinion_id: UUID = Field(foreign_key="opinions.id", sa_type=Uuid)
    by: str
    content: str
    at: datetime


class OpinionPhoto(TenantTable, table=True):
    __tablename__ = "opinion_photos"

    opinion_id: UUID = Field(primary_key=True, foreign_key="opinions.id", sa_type=Uuid)
    upload_id: UUID = Field(primary_key=True, foreign_key="uploads.id", sa_type=Uuid)
    position: int
