"""A photo or scan on its way: pending → claimed by what names it → swept if nothing ever did."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Uuid, text
from sqlmodel import Field

from app.infra.columns import TenantTable, one_of
from app.infra.tenants import PlatformTable
from app.kernel.ids import new_id


class UploadState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"


class Upload(TenantTable, table=True):
    """`owner`: `form:<id>` of a public form, `account:<id>` or `partner:<id>`. Times: machine time.

    `source_sha256` is what the sender sent: the same file sent again by the same owner is the same
    upload. `sha256` names the cleaned file in the store.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        one_of("state", UploadState),
        Index(
            "uq_uploads_resent",
            "owner",
            "source_sha256",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_uploads_pending", "created_at", postgresql_where=text("state = 'pending'")),
        Index("ix_uploads_sha256", "sha256"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    owner: str
    source_sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sha256: str
    thumbnail_sha256: str
    media_type: str
    width: int
    height: int
    state: str = UploadState.PENDING
    created_at: datetime
    claimed_at: datetime | None = None


class FileDirectory(PlatformTable, table=True):
    """The one directory of the whole installation, by the mark that lies in it; one row, or none yet."""

    __tablename__ = "file_directory"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    mark: UUID = Field(sa_type=Uuid)
    claimed_by: str
    claimed_at: datetime
