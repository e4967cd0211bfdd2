"""Questions about partner systems."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.partners.models import PartnerClient


async def by_client_id(tx: AsyncSession, client_id: str) -> PartnerClient | None:
    rows = await tx.exec(select(PartnerClient).where(PartnerClient.client_id == client_id))
    return rows.first()


async def active(tx: AsyncSession, id: UUID) -> PartnerClient | None:
    """The client, unless it was disabled."""
    rows = await tx.exec(
        select(PartnerClient).where(PartnerClient.id == id, col(PartnerClient.disabled_at).is_(None))
    )
    return rows.first()
