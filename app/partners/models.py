"""Partner systems and how much of their quota they have used."""

from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, LargeBinary, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from app.infra.columns import TenantTable
from app.kernel.ids import new_id

PartnerId = NewType("PartnerId", UUID)

USUAL_QUOTA = 600


class PartnerClient(TenantTable, table=True):
    """One third-party system. The secret is 256 random bits, so its plain SHA-256 suffices."""

    __tablename__ = "partner_clients"
    __table_args__ = (CheckConstraint("quota > 0", name="quota"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    client_id: str = Field(unique=True)
    name: str
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    quota: int = USUAL_QUOTA  # requests a minute
    created_at: datetime
    disabled_at: datetime | None = None


class PartnerMinute(TenantTable, table=True):
    """Requests in a partner's newest minute of machine time: one row a partner."""

    __tablename__ = "partner_minutes"

    partner_id: UUID = Field(primary_key=True, foreign_key="partner_clients.id", sa_type=Uuid)
    minute: datetime
    used: int
