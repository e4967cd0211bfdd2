"""Accounts, what they may do, how they may come in, and their sessions."""

from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlmodel import Field

from app.accounts.permissions import SEPARATED, Role, ScopeKind
from app.infra.columns import TenantTable, one_of
from app.kernel.ids import new_id

AccountId = NewType("AccountId", UUID)
SessionId = NewType("SessionId", UUID)

_SEPARATED = "role IN ({})".format(", ".join(f"'{role}'" for role in SEPARATED))


class Account(TenantTable, table=True):
    """One person's way in. Names of office-holders are public; phones are not kept here."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("id", "separated"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    name: str
    separated: bool = False
    username: str | None = Field(default=None, unique=True)
    password_hash: str | None = None
    otp_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: datetime
    disabled_at: datetime | None = None


class Membership(TenantTable, table=True):
    """One role in one scope. A delegate's row names the seat; log-in and `/me` read only these.

    三员分立 is held by the database: `separated` is computed from the role and must equal the account's,
    so an administrator holds no office, and the partial unique index allows one of the three.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        one_of("role", Role),
        one_of("scope_kind", ScopeKind),
        ForeignKeyConstraint(["account_id", "separated"], ["accounts.id", "accounts.separated"]),
        UniqueConstraint("account_id", "role", "scope_id", "delegate_id", postgresql_nulls_not_distinct=True),
        Index("uq_memberships_separated", "account_id", unique=True, postgresql_where=text(_SEPARATED)),
        Index("ix_memberships_scope", "scope_id", "role"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    account_id: UUID = Field(index=True, sa_type=Uuid)
    role: str
    separated: bool | None = Field(
        default=None, sa_column=Column(Boolean, Computed(_SEPARATED, persisted=True), nullable=False)
    )
    scope_kind: str
    scope_id: UUID | None = Field(default=None, sa_type=Uuid)
    scope_name: str = ""
    delegate_id: UUID | None = Field(default=None, sa_type=Uuid)
    level: str | None = None


class Admission(TenantTable, table=True):
    """What lets a WeChat user become an account: a roster phone (blind index) or an invite code's hash."""

    __tablename__ = "admissions"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", index=True, sa_type=Uuid)
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    invite_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    expires_at: datetime | None = None


class WechatBinding(TenantTable, table=True):
    __tablename__ = "wechat_bindings"

    appid: str = Field(primary_key=True)
    openid: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True, sa_type=Uuid)
    bound_at: datetime


class LoginSession(TenantTable, table=True):
    """One log-in on one device. Ended by logout, by reuse of a refresh token, or by disabling."""

    __tablename__ = "login_sessions"

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    account_id: UUID = Field(foreign_key="accounts.id", index=True, sa_type=Uuid)
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class RefreshToken(TenantTable, table=True):
    """SHA-256 of an opaque token. `used_at` set = spent; only its direct successor is good."""

    __tablename__ = "refresh_tokens"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    session_id: UUID = Field(foreign_key="login_sessions.id", index=True, sa_type=Uuid)
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class LoginAttempts(TenantTable, table=True):
    """Guesses by blind index of what was typed, known or not, so that lockout tells nothing.

    `failures` counts those since the last success, the one being checked included.
    """

    __tablename__ = "login_attempts"

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    failures: int = 0
    last_at: datetime
    locked_until: datetime | None = None
