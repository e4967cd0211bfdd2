"""WeChat's access token, shared by all processes of the installation and renewed by one at a time.

Whoever renews holds a lease in the row, not a lock: no database connection is held while WeChat is
asked. A process that dies meanwhile blocks the others until its lease ends. Machine time only.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, RowMapping, text
from sqlmodel import Field

from app.adapters.wechat.errors import STABLE_TOKEN, busy
from app.adapters.wechat.tokens import Ask, Token, renew
from app.infra.crypto import Unopenable
from app.infra.db import Database, sql
from app.infra.tenants import PlatformTable
from app.kernel.clock import Clock, machine_now

LEASE = timedelta(seconds=15)  # longer than the 10 s a call to WeChat may take in all
POLL_SECONDS = 0.1
POLLS = 100


class WechatTokenRow(PlatformTable, table=True):
    """One mini-program's token, sealed. `lease_until` is also the mark of whoever renews it now."""

    __tablename__ = "wechat_tokens"

    appid: str = Field(primary_key=True)
    value: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    expires_at: datetime | None = None
    forced_at: datetime | None = None
    forces: int = 0
    lease_until: datetime | None = None


HELD = text("SELECT value, expires_at, forced_at, forces FROM wechat_tokens WHERE appid = :appid")
TAKE = text("""
    INSERT INTO wechat_tokens AS t (appid, forces, lease_until) VALUES (:appid, 0, :until)
    ON CONFLICT (appid) DO UPDATE SET lease_until = EXCLUDED.lease_until
     WHERE t.lease_until IS NULL OR t.lease_until < :now
    RETURNING value, expires_at, forced_at, forces""")
# Only for whoever still holds the lease: a slow process must not overwrite a newer token.
KEEP = text("""
    UPDATE wechat_tokens
       SET value = :value, expires_at = :expires_at, forced_at = :forced_at, forces = :forces
     WHERE appid = :appid AND lease_until = :lease""")
GIVE_BACK = text("UPDATE wechat_tokens SET lease_until = NULL WHERE appid = :appid AND lease_until = :lease")


class PgTokenStore:
    """A `TokenStore` of the WeChat adapter. One per process and mini-program."""

    def __init__(
        self,
        database: Database,
        appid: str,
        *,
        clock: Clock = machine_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._appid = appid
        self._clock = clock
        self._sleep = sleep
        self._vault = database.keyring.platform_vault()
        self._here = asyncio.Lock()  # of this process's callers one contends, the others wait for it

    async def current(self) -> Token | None:
        async with self._database.platform() as tx:
            row = (await sql(tx, HELD, {"appid": self._appid})).mappings().first()
        return self._token_of(row)

    async def replace(self, bad: str | None, ask: Ask) -> Token:
        """A live token that is not `bad`. Raises WeChatError if others are at it for 10 s."""
        async with self._here:
            for _ in range(POLLS):
                held = await self.current()
                if held and held.value != bad and held.is_live(self._clock()):
                    return held
                lease = self._clock() + LEASE
                taken = await self._take(lease)
                if taken is not None:
                    return await self._renewed(self._token_of(taken), bad, ask, lease)
                await self._sleep(POLL_SECONDS)
        raise busy("another process has been renewing the token too long", STABLE_TOKEN, arrived=False)

    async def _take(self, until: datetime) -> RowMapping | None:
        facts = {"appid": self._appid, "now": self._clock(), "until": until}
        async with self._database.platform() as tx:
            return (await sql(tx, TAKE, facts)).mappings().first()

    async def _renewed(self, held: Token | None, bad: str | None, ask: Ask, lease: datetime) -> Token:
        async def keep(token: Token) -> None:
            await self._write(KEEP, self._facts_of(token), lease)

        try:
            fresh = await renew(held, bad, ask, now=self._clock(), note=keep)
            await keep(fresh)
            return fresh
        finally:
            await self._write(GIVE_BACK, {}, lease)

    async def _write(self, statement: Any, facts: dict[str, Any], lease: datetime) -> None:
        """In a transaction of its own: what is noted stays, whatever fails after."""
        async with self._database.platform() as tx:
            await sql(tx, statement, {**facts, "appid": self._appid, "lease": lease})

    @property
    def _where(self) -> str:
        return f"wechat_tokens.value.{self._appid}"

    def _facts_of(self, token: Token) -> dict[str, Any]:
        return {
            "value": self._vault.seal(token.value, where=self._where),
            "expires_at": token.expires_at,
            "forced_at": token.forced_at,
            "forces": token.forces,
        }

    def _token_of(self, row: RowMapping | None) -> Token | None:
        """What a key no longer in use has sealed counts as over; its use of force still counts."""
        if row is None or row["value"] is None:
            return None
        try:
            value, expires_at = self._vault.open(row["value"], where=self._where), row["expires_at"]
        except Unopenable:
            value, expires_at = "", self._clock()
        return Token(value, expires_at, row["forced_at"], row["forces"])
