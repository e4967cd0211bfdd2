"""Questions about accounts and sessions."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor, Post, actor_of
from app.accounts.models import (
    Account,
    AccountId,
    Admission,
    LoginSession,
    Membership,
    RefreshToken,
    SessionId,
    WechatBinding,
)
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import sql
from app.infra.statements import numbered

# One round trip a request: is the session alive, and which posts does its account hold now?
ACTOR = text("""
    SELECT a.id, a.name, m.role, m.scope_kind, m.scope_id, m.scope_name, m.delegate_id, m.level
      FROM login_sessions s
      JOIN accounts a ON a.id = s.account_id
      LEFT JOIN memberships m ON m.account_id = a.id
     WHERE s.id = :session AND a.id = :account
       AND s.ended_at IS NULL AND s.expires_at > :at AND a.disabled_at IS NULL""")


async def acting(tx: AsyncSession, account: AccountId, session: SessionId, *, at: datetime) -> Actor | None:
    """The actor of a live session, or None. `at` is machine time."""
    rows = (await sql(tx, ACTOR, {"session": session, "account": account, "at": at})).all()
    if not rows:
        return None
    posts = [
        Post(
            role=Role(row.role),
            scope_kind=ScopeKind(row.scope_kind),
            scope_id=row.scope_id,
            scope_name=row.scope_name,
            delegate_id=row.delegate_id,
            level=row.level,
        )
        for row in rows
        if row.role
    ]
    return actor_of(rows[0].id, rows[0].name, posts, session)


ACTOR_ROW = numbered("""
    SELECT a.id, a.name,
           (SELECT json_agg(json_build_array(m.role, m.scope_kind, m.scope_id, m.scope_name,
                                             m.delegate_id, m.level))
              FROM memberships m WHERE m.account_id = a.id)::text AS posts
      FROM login_sessions s JOIN accounts a ON a.id = s.account_id
     WHERE s.id = :session AND a.id = :account
       AND s.ended_at IS NULL AND s.expires_at > :at AND a.disabled_at IS NULL""")


def actor_of_row(row: asyncpg.Record, session: SessionId) -> Actor:
    """The actor from ACTOR_ROW's single row."""
    posts = [
        Post(Role(role), ScopeKind(kind), _uuid(scope), name, _uuid(delegate), level)
        for role, kind, scope, name, delegate, level in json.loads(row["posts"] or "[]")
    ]
    return actor_of(row["id"], row["name"], posts, session)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


async def by_username(tx: AsyncSession, username: str) -> Account | None:
    return (await tx.exec(select(Account).where(Account.username == username))).first()


async def by_wechat(tx: AsyncSession, *, appid: str, openid: str) -> Account | None:
    """The account bound to this WeChat user, unless disabled."""
    found = await tx.exec(
        select(Account)
        .join(WechatBinding, col(WechatBinding.account_id) == col(Account.id))
        .where(WechatBinding.appid == appid, WechatBinding.openid == openid)
        .where(col(Account.disabled_at).is_(None))
    )
    return found.first()


async def admission(
    tx: AsyncSession, *, phone_index: bytes | None, invite_hash: bytes | None, at: datetime
) -> Admission | None:
    """The open admission that fits the phone or the invite code, locked: a code admits once. `at` is machine
    time."""
    wanted = (
        Admission.phone_index == phone_index
        if phone_index is not None
        else Admission.invite_hash == invite_hash
    )
    open_still = or_(col(Admission.expires_at).is_(None), col(Admission.expires_at) > at)
    return (await tx.exec(select(Admission).where(wanted, open_still).with_for_update())).first()


async def refresh_for_update(tx: AsyncSession, token_hash: bytes) -> tuple[RefreshToken, LoginSession] | None:
    found = await tx.exec(
        select(RefreshToken, LoginSession)
        .join(LoginSession, col(LoginSession.id) == col(RefreshToken.session_id))
        .where(RefreshToken.token_hash == token_hash)
        .with_for_update()
    )
    return found.first()


async def openids_of(tx: AsyncSession, account_ids: Sequence[UUID], *, appid: str) -> dict[UUID, str]:
    """account → openid, for those who have bound this mini-program."""
    rows = await tx.exec(
        select(WechatBinding).where(
            WechatBinding.appid == appid, col(WechatBinding.account_id).in_(account_ids)
        )
    )
    return {row.account_id: row.openid for row in rows}


async def holders(tx: AsyncSession, role: Role, scope_id: UUID) -> Sequence[Account]:
    """Active accounts with the role in exactly this scope, by id (a stable order)."""
    rows = await tx.exec(
        select(Account)
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(Membership.role == role, Membership.scope_id == scope_id)
        .where(col(Account.disabled_at).is_(None))
        .order_by(col(Account.id))
        .distinct()
    )
    return rows.all()


async def holder_of_seat(tx: AsyncSession, delegate_id: UUID) -> Account | None:
    rows = await tx.exec(
        select(Account)
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(Membership.delegate_id == delegate_id, col(Account.disabled_at).is_(None))
    )
    return rows.first()
