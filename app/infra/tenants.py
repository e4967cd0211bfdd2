"""One county = one tenant = one schema. Domain code never sees a tenant; requests and jobs are bound.

The registry lives in schema `platform` and names each tenant's schema and database.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from sqlalchemy import CheckConstraint, Column, LargeBinary, MetaData, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kernel.errors import Invalid, Unavailable
from app.kernel.ids import TenantSlug

PLATFORM = "platform"
SLUG = re.compile(r"[a-z][a-z0-9_]{1,30}")
platform_metadata = MetaData(
    schema=PLATFORM,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


class PlatformTable(SQLModel):
    """Base of the few tables that are not a tenant's."""

    metadata = platform_metadata


class TenantRow(PlatformTable, table=True):
    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'read_only', 'moved')", name="state"),
        CheckConstraint("schema_name ~ '^c_[a-z][a-z0-9_]{1,30}$'", name="schema_name"),
    )

    slug: str = Field(primary_key=True, max_length=31)
    schema_name: str = Field(unique=True, max_length=33)
    name: str
    dsn: str | None = None
    state: str = "live"
    hosts: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}"),
    )
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime


@dataclass(frozen=True)
class Tenant:
    """`dsn` None means the installation's own database; `salt` enters every key of the tenant."""

    slug: TenantSlug
    schema: str
    name: str
    dsn: str | None
    state: str
    hosts: tuple[str, ...]
    salt: bytes

    @property
    def search_path(self) -> str:
        return f'"{self.schema}", ext'


class TenantNameUnfit(Invalid):
    code = "tenant-name-unfit"

    def __init__(self, slug: str) -> None:
        super().__init__(f"租户代号 {slug!r} 不合规：小写字母开头，只含小写字母、数字、下划线，2-31 位")


class UnknownHost(Invalid):
    """Answered with 421: this installation serves several counties and none has that host."""

    code = "unknown-host"

    def __init__(self) -> None:
        super().__init__("这个网址没有对应的县，请检查地址是否正确")


class TenantReadOnly(Unavailable):
    code = "tenant-read-only"

    def __init__(self) -> None:
        super().__init__("本县数据正在迁移，暂时只能查看，请稍后再试", retry_after=30)


def schema_for(slug: str) -> str:
    """Schema names cannot be bound as parameters: only this pattern ever reaches SQL."""
    if not SLUG.fullmatch(slug):
        raise TenantNameUnfit(slug)
    return f"c_{slug}"


def tenant_of(row: TenantRow) -> Tenant:
    return Tenant(
        slug=TenantSlug(row.slug),
        schema=row.schema_name,
        name=row.name,
        dsn=row.dsn,
        state=row.state,
        hosts=tuple(row.hosts),
        salt=row.salt,
    )


async def all_tenants(tx: AsyncSession) -> Sequence[Tenant]:
    """Every registered tenant by slug; moved ones are left out, another installation serves them."""
    rows = await tx.exec(select(TenantRow).where(text("state <> 'moved'")).order_by(TenantRow.slug))
    return [tenant_of(row) for row in rows]


def host_of(headers: dict[bytes, bytes]) -> str:
    """The Host header without its port, lower case."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return re.sub(r":\d+$", "", host)


def claimed_slug(headers: dict[bytes, bytes]) -> str | None:
    """The bearer token's unverified `tenant` claim: it only selects; accounts verifies after."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims: dict[str, Any] = jwt.decode(token.strip(), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    slug = claims.get("tenant")
    return slug if isinstance(slug, str) else None


class Registry:
    """The tenants as last read. Refreshed after `stale_after` seconds of monotonic time."""

    stale_after = 10.0

    def __init__(self) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._hosts: dict[str, Tenant] = {}
        self._read_at = float("-inf")

    @property
    def stale(self) -> bool:
        return time.monotonic() - self._read_at > self.stale_after

    def fill(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = {tenant.slug: tenant for tenant in tenants}
        self._hosts = {host: tenant for tenant in tenants for host in tenant.hosts}
        self._read_at = time.monotonic()

    def expire(self) -> None:
        self._read_at = float("-inf")

    def all(self) -> Sequence[Tenant]:
        return list(self._tenants.values())

    def choose(self, host: str, claim: str | None) -> Tenant:
        """By host; else by the token's claim; else the only one there is. Else 421."""
        if host in self._hosts:
            return self._hosts[host]
        if claim in self._tenants:
            return self._tenants[claim]
        if len(self._tenants) == 1:
            return next(iter(self._tenants.values()))
        raise UnknownHost
