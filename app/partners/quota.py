"""Requests a minute: a fixed window of machine time, counted atomically in PostgreSQL."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.db import sql
from app.partners.errors import QuotaSpent

WINDOW = 60  # seconds

# A process whose clock lags counts into the newer window: it must not open the older one again.
COUNT = text("""
    INSERT INTO partner_minutes AS m (partner_id, minute, used) VALUES (:id, :minute, 1)
    ON CONFLICT (partner_id) DO UPDATE
       SET used = CASE WHEN m.minute >= EXCLUDED.minute THEN m.used + 1 ELSE 1 END,
           minute = greatest(m.minute, EXCLUDED.minute)
    RETURNING used""")


@dataclass(frozen=True)
class Usage:
    """`used` includes this request; `resets_in`: whole seconds, at least 1."""

    quota: int
    used: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        left = max(0, self.quota - self.used)
        return {
            "RateLimit-Policy": f'"minute";q={self.quota};w={WINDOW}',
            "RateLimit": f'"minute";r={left};t={self.resets_in}',
        }

    def check(self) -> None:
        if self.used > self.quota:
            raise QuotaSpent(quota=self.quota, retry_after=self.resets_in, headers=self.headers)


async def count(tx: AsyncSession, partner_id: UUID, quota: int, *, at: datetime) -> Usage:
    """Count one request of the partner; `at` is machine time."""
    second = at.astimezone(UTC).second
    minute = at.replace(second=0, microsecond=0)
    used = (await sql(tx, COUNT, {"id": partner_id, "minute": minute})).scalar_one()
    return Usage(quota=quota, used=used, resets_in=WINDOW - second)
