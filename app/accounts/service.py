"""Accounts are opened, given posts and admissions, and closed. Used by directory, stations and operations."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Post
from app.accounts.models import Account, Admission, LoginSession, Membership, WechatBinding
from app.accounts.permissions import SEPARATED
from app.infra.crypto import vault_of
from app.kernel.clock import machine_now
from app.kernel.ids import random_code

INVITE_LENGTH = 10


def phone_index(tx: AsyncSession, phone: str) -> bytes:
    """Blind index of a mainland mobile number, written without +86, spaces or dashes."""
    return vault_of(tx).blind_index(phone, purpose="phone")


def invite_hash(code: str) -> bytes:
    return hashlib.sha256(code.strip().upper().encode()).digest()


async def open_account(
    tx: AsyncSession,
    *,
    name: str,
    posts: list[Post],
    username: str | None = None,
    password_hash: str | None = None,
) -> Account:
    """A new account with its posts. The database refuses an administrator who holds an office."""
    account = Account(
        name=name,
        username=username,
        password_hash=password_hash,
        separated=any(post.role in SEPARATED for post in posts),
        created_at=machine_now(),
    )
    tx.add(account)
    await tx.flush()
    for post in posts:
        grant(tx, account.id, post)
    await tx.flush()
    return account


def grant(tx: AsyncSession, account_id: UUID, post: Post) -> None:
    tx.add(
        Membership(
            account_id=account_id,
            role=post.role,
            scope_kind=post.scope_kind,
            scope_id=post.scope_id,
            scope_name=post.scope_name,
            delegate_id=post.delegate_id,
            level=post.level,
        )
    )


async def admit_phone(tx: AsyncSession, account_id: UUID, phone: str) -> None:
    """Let whoever proves this phone in WeChat become the account; a second call changes nothing."""
    index = phone_index(tx, phone)
    known = await tx.exec(select(Admission).where(Admission.phone_index == index))
    if known.first() is None:
        tx.add(Admission(account_id=account_id, phone_index=index))


async def invite(tx: AsyncSession, account_id: UUID, *, expires_at: datetime) -> str:
    """A code for whoever has no phone in the roster; shown once, kept as a hash. Machine time."""
    code = random_code(INVITE_LENGTH)
    tx.add(Admission(account_id=account_id, invite_hash=invite_hash(code), expires_at=expires_at))
    return code


async def bind_wechat(tx: AsyncSession, account_id: UUID, *, appid: str, openid: str) -> None:
    """From now on this WeChat user logs in as this account, and no other."""
    await tx.merge(WechatBinding(appid=appid, openid=openid, account_id=account_id, bound_at=machine_now()))


async def disable(tx: AsyncSession, account_id: UUID) -> None:
    """Close the account and end every session of it at once."""
    now = machine_now()
    account = await tx.get_one(Account, account_id)
    account.disabled_at = account.disabled_at or now
    sessions = await tx.exec(
        select(LoginSession).where(
            LoginSession.account_id == account_id, col(LoginSession.ended_at).is_(None)
        )
    )
    for session in sessions:
        session.ended_at = now
