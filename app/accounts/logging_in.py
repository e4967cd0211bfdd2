"""Log-in, refresh, binding, logout. Machine time only.

These acts open their own short units: no connection is held while a password is hashed or WeChat is
asked, and a refusal leaves its trace (failed attempts, an ended session) although it raises.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import passwords, queries, service, tokens
from app.accounts.errors import (
    LoginLocked,
    NotInRoster,
    RefreshReused,
    SessionEnded,
    TokenInvalid,
    WechatNotBound,
    WrongCredentials,
)
from app.accounts.models import AccountId, LoginAttempts, LoginSession, RefreshToken, SessionId
from app.infra import audit
from app.infra.crypto import vault_of
from app.infra.db import sql
from app.kernel.clock import machine_now

Units = Callable[[], AbstractAsyncContextManager[AsyncSession]]

ALLOWED_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=14)
SESSION_LIFE = timedelta(days=90)
# An honest client whose answer got lost repeats at once; a thief comes later (RFC 9700 §4.14.2).
GRACE = timedelta(seconds=10)


@dataclass(frozen=True)
class Tokens:
    """`expires_in`: seconds of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    account_id: UUID


async def by_password(units: Units, username: str, password: str) -> Tokens:
    """Five failures lock the name for 30 minutes, whether or not anybody has it."""
    async with units() as tx:
        key = vault_of(tx).blind_index(username.strip().lower(), purpose="login")
        await _count_attempt(tx, key)
        account = await queries.by_username(tx, username.strip())
        usable = account.password_hash if account and not account.disabled_at else None
    if not await passwords.matches(password, usable) or account is None:
        async with units() as tx:
            _note(tx, "login.password", None, outcome="refused")
        raise WrongCredentials
    async with units() as tx:
        await sql(tx, FORGET, {"key": key})
        return await start_session(tx, AccountId(account.id))


async def by_wechat(units: Units, *, appid: str, openid: str) -> Tokens:
    """For a WeChat user who is bound; others get a binding token with the refusal."""
    async with units() as tx:
        account = await queries.by_wechat(tx, appid=appid, openid=openid)
        if account is None:
            at = machine_now()
            raise WechatNotBound(tokens.binding_token(vault_of(tx), appid=appid, openid=openid, at=at))
        return await start_session(tx, AccountId(account.id))


async def bind(
    units: Units, *, appid: str, openid: str, phone: str | None, invite_code: str | None
) -> Tokens:
    """Bind a WeChat user to the account the roster admits; wrong guesses are counted."""
    async with units() as tx:
        key = vault_of(tx).blind_index(f"{appid}|{openid}", purpose="binding")
        await _count_attempt(tx, key)
    async with units() as tx:
        admission = await queries.admission(
            tx,
            phone_index=service.phone_index(tx, phone) if phone else None,
            invite_hash=service.invite_hash(invite_code) if invite_code else None,
            at=machine_now(),
        )
        if admission is not None:
            await service.bind_wechat(tx, admission.account_id, appid=appid, openid=openid)
            if admission.invite_hash is not None:
                await tx.delete(admission)
            await sql(tx, FORGET, {"key": key})
            _note(tx, "login.bound", admission.account_id)
            return await start_session(tx, AccountId(admission.account_id))
    async with units() as tx:
        _note(tx, "login.binding", None, outcome="refused")
    raise NotInRoster


async def start_session(tx: AsyncSession, account: AccountId) -> Tokens:
    at = machine_now()
    session = LoginSession(account_id=account, started_at=at, expires_at=at + SESSION_LIFE)
    tx.add(session)
    await tx.flush()
    _note(tx, "login.started", account)
    return _issue(tx, session, tokens.new_refresh_token(), at)


def _issue(tx: AsyncSession, session: LoginSession, refresh: str, at: datetime) -> Tokens:
    expires = min(at + REFRESH_LIFE, session.expires_at)
    hashed = tokens.refresh_hash(refresh)
    tx.add(RefreshToken(token_hash=hashed, session_id=session.id, issued_at=at, expires_at=expires))
    return _pair(tx, session, refresh, at)


def _pair(tx: AsyncSession, session: LoginSession, refresh: str, at: datetime) -> Tokens:
    account = AccountId(session.account_id)
    access = tokens.access_token(vault_of(tx), account, SessionId(session.id), at=at)
    seconds = int(tokens.ACCESS_LIFE.total_seconds())
    return Tokens(access, refresh, seconds, account)


async def refresh(units: Units, token: str) -> Tokens:
    """Spend a refresh token for its successor; a spent one seen again after 10 s ends the session."""
    at = machine_now()
    async with units() as tx:
        found = await queries.refresh_for_update(tx, tokens.refresh_hash(token))
        if found is None:
            raise TokenInvalid
        known, session = found
        if session.ended_at or session.expires_at <= at or known.expires_at <= at:
            raise SessionEnded
        following = tokens.successor(vault_of(tx), token)
        if known.used_at is None:
            known.used_at = at
            return _issue(tx, session, following, at)
        if at - known.used_at <= GRACE and await _unspent(tx, following):
            return _pair(tx, session, following, at)
        session.ended_at = at
        _note(tx, "login.refresh_reused", session.account_id, outcome="refused")
    raise RefreshReused


async def _unspent(tx: AsyncSession, token: str) -> bool:
    found = await tx.get(RefreshToken, tokens.refresh_hash(token))
    return found is not None and found.used_at is None


async def log_out(tx: AsyncSession, session_id: UUID) -> None:
    """End the session: its access tokens are dead from the next request on."""
    session = await tx.get_one(LoginSession, session_id)
    session.ended_at = session.ended_at or machine_now()
    _note(tx, "login.ended", session.account_id)


# The row is made or locked in one statement: guesses at once stand in line for it.
COUNTED = text("""
    INSERT INTO login_attempts (key, failures, last_at) VALUES (:key, 0, :at)
    ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key""")
FORGET = text("DELETE FROM login_attempts WHERE key = :key")


async def _count_attempt(tx: AsyncSession, key: bytes) -> None:
    """Count a guess before its work, so that many at once get no more of them; raises LoginLocked."""
    at = machine_now()
    await sql(tx, COUNTED, {"key": key, "at": at})
    attempts = await tx.get_one(LoginAttempts, key)
    if attempts.locked_until and attempts.locked_until > at:
        raise LoginLocked(int((attempts.locked_until - at).total_seconds()) + 1)
    stale = at - attempts.last_at > LOCKED_FOR
    attempts.failures = 1 if stale else attempts.failures + 1
    attempts.last_at = at
    if attempts.failures >= ALLOWED_FAILURES:
        attempts.locked_until, attempts.failures = at + LOCKED_FOR, 0


def _note(tx: AsyncSession, action: str, account: UUID | None, outcome: str = "done") -> None:
    audit.note(
        tx,
        action,
        actor=f"account:{account}" if account else "unknown",
        subject_kind="account",
        subject_id=account,
        now=machine_now(),
        outcome=outcome,
    )
