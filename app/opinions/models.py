"""What residents say, and what came of it. The words belong to the resident."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, Uuid, text
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


class TransferredTo(StrEnum):
    PETITION = "petition"  # 信访
    HOTLINE = "hotline"  # 12345
    DISCIPLINE = "discipline"  # 纪检监察
    OTHER = "other"


class Opinion(TenantTable, table=True):
    """社情民意. `audience` is the lowest desk that may read it; `receipt_index` a keyed digest.

    `contact_sealed` opens to JSON {name, phone}; a unit gets it only with `share_with_unit`. `accusing`: it
    may accuse somebody, so it reaches no unit, partner or public page. `unit_id`: the unit of the latest
    referral. `source_name` and `external_id` are the sender's own names for what was pushed or imported.
    """

    __tablename__ = "opinions"
    __table_args__ = (
        one_of("state", State),
        one_of("source", Source),
        one_of("audience", Route),
        one_of("category", Category),
        one_of("rating", Satisfaction),
        one_of("told_how", ToldHow),
        one_of("transferred_to", TransferredTo),
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
            "ix_opinions_orphaned",
            "id",
            postgresql_where=text("state = 'adopted' AND suggestion_id IS NULL"),
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
    accusing: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    contact_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    share_with_unit: bool = False
    source: str
    source_name: str = ""
    external_id: str | None = None
    receipt_index: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, unique=True, nullable=True)
    )
    state: str = State.RECEIVED
    suggestion_id: UUID | None = Field(
        default=None, foreign_key="suggestions.id", ondelete="SET NULL", index=True, sa_type=Uuid
    )
    unit_id: UUID | None = Field(default=None, foreign_key="organisations.id", index=True, sa_type=Uuid)
    merged_into_id: UUID | None = Field(default=None, foreign_key="opinions.id", index=True, sa_type=Uuid)
    transferred_to: str | None = None
    transfer_reference: str | None = None
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


class Referral(TenantTable, table=True):
    """微实事: handed to one unit, accepted or returned, then answered. Each handing over is a row."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index(
            "uq_referrals_one_standing",
            "opinion_id",
            unique=True,
            postgresql_where=text("returned_at IS NULL AND replied_at IS NULL"),
        ),
        Index("ix_referrals_unit", "unit_id", "referred_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    opinion_id: UUID = Field(foreign_key="opinions.id", index=True, sa_type=Uuid)
    unit_id: UUID = Field(foreign_key="organisations.id", sa_type=Uuid)
    unit_name: str
    referred_at: datetime
    accepted_at: datetime | None = None
    returned_at: datetime | None = None
    return_reason: str | None = None
    replied_at: datetime | None = None


class ReferralExtension(TenantTable, table=True):
    """A unit asks for more time (延期): asked before the due date, decided by the office. Local `until`."""

    __tablename__ = "referral_extensions"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (agreed IS NULL)", name="decision_whole"),
        Index(
            "uq_referral_extensions_open",
            "referral_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    referral_id: UUID = Field(foreign_key="referrals.id", sa_type=Uuid)
    until: date
    reason: str
    asked_at: datetime
    decided_at: datetime | None = None
    agreed: bool | None = None
    decision_reason: str | None = None


class Publication(TenantTable, table=True):
    """What everybody may read of an opinion and its answer, by the office's decision; withdrawn, kept.

    The words are the office's: the township only, no place, no person (domain.md 7).
    """

    __tablename__ = "opinion_publications"
    __table_args__ = (Index("ix_opinion_publications_region", "region_id", "published_at"),)

    opinion_id: UUID = Field(primary_key=True, foreign_key="opinions.id", sa_type=Uuid)
    region_id: UUID = Field(foreign_key="regions.id", sa_type=Uuid)
    category: str | None = None
    content: str
    result: str
    published_at: datetime
    withdrawn_at: datetime | None = None


class CommitmentWord(TenantTable, table=True):
    """What a resident behind a suggestion says of a promise: evidence, each word kept."""

    __tablename__ = "commitment_words"
    __table_args__ = (Index("ix_commitment_words_opinion", "opinion_id", "commitment_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    opinion_id: UUID = Field(foreign_key="opinions.id", sa_type=Uuid)
    commitment_id: UUID = Field(foreign_key="commitments.id", index=True, sa_type=Uuid)
    kept: bool
    note: str | None = None
    at: datetime


class OpinionPhoto(TenantTable, table=True):
    __tablename__ = "opinion_photos"

    opinion_id: UUID = Field(primary_key=True, foreign_key="opinions.id", sa_type=Uuid)
    upload_id: UUID = Field(primary_key=True, foreign_key="uploads.id", sa_type=Uuid)
    position: int
