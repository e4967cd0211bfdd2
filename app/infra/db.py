"""The only place that begins, commits and rolls back, and that binds a transaction to its tenant.

Binding is `SET LOCAL search_path`, sent in the same round trip as BEGIN (docs/decisions/0003). It
leans on asyncpg's Transaction calling `connection.execute`; tests/infra/test_db.py guards that.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy import TextClause, event
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.infra.crypto import Keyring
from app.infra.tenants import PLATFORM, Registry, Tenant, TenantReadOnly, all_tenants

PLATFORM_PATH = f"{PLATFORM}, ext"


class Unbound(RuntimeError):
    """A transaction without a tenant: a fault of ours, never of a user."""


class _BoundTransaction(Transaction):  # type: ignore[misc]
    async def start(self) -> None:
        connection = self._connection
        path = connection.take_path()
        if path is None or connection.is_in_transaction():
            await super().start()
            return
        connection.prefix = f"SET LOCAL search_path TO {path};"
        try:
            await super().start()
        finally:
            connection.prefix = ""


class _BoundConnection(asyncpg.Connection):  # type: ignore[misc]
    __slots__ = ("path", "prefix")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.path: str | None = None
        self.prefix = ""
        super().__init__(*args, **kwargs)

    def take_path(self) -> str | None:
        path, self.path = self.path, None
        return path

    def transaction(self, **options: Any) -> _BoundTransaction:
        defaults = {"isolation": None, "readonly": False, "deferrable": False}
        return _BoundTransaction(self, **{**defaults, **options})

    async def execute(self, query: str, *args: Any, **kwargs: Any) -> str:
        return str(await super().execute(query + self.prefix, *args, **kwargs))


def _bind(connection: Connection) -> None:
    options = connection.get_execution_options()
    path = options.get("search_path")
    if path is None:
        raise Unbound("a transaction needs a tenant")
    if options.get("isolation_level") == "AUTOCOMMIT":
        raise Unbound("SET LOCAL does nothing outside a transaction")
    driver: Any = connection.connection.driver_connection
    driver.path = path


def _forget(dbapi: Any, _record: Any) -> None:
    """BEGIN is lazy: a unit without SQL must not leave its path to the next user."""
    if dbapi is not None:
        dbapi.driver_connection.path = None


def sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


class Database:
    """Pools by DSN, units of work by tenant."""

    def __init__(self, dsn: str, *, keyring: Keyring, pool_size: int = 8) -> None:
        self.dsn = dsn
        self.keyring = keyring
        self.registry = Registry()
        self._pool_size = pool_size
        self._engines: dict[str, AsyncEngine] = {}

    @asynccontextmanager
    async def unit(self, tenant: Tenant, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """One request, one item of a batch or one batch of a job: one transaction."""
        if write and tenant.state != "live":
            raise TenantReadOnly
        async with self._begin(tenant.dsn or self.dsn, tenant.search_path) as tx:
            tx.info["vault"] = self.keyring.vault(tenant.slug, tenant.salt)
            yield tx

    @asynccontextmanager
    async def trace(self, tenant: Tenant) -> AsyncIterator[AsyncSession]:
        """A short unit of its own for what a refusal must leave behind (a failed log-in)."""
        async with self.unit(tenant) as tx:
            yield tx

    @asynccontextmanager
    async def platform(self) -> AsyncIterator[AsyncSession]:
        """A transaction on the registry and the job slots; no tenant's table is in reach."""
        async with self._begin(self.dsn, PLATFORM_PATH) as tx:
            yield tx

    async def tenants(self) -> Registry:
        """The registry, read again when stale."""
        if self.registry.stale:
            async with self.platform() as tx:
                self.registry.fill(await all_tenants(tx))
        return self.registry

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()

    @asynccontextmanager
    async def _begin(self, dsn: str, search_path: str) -> AsyncIterator[AsyncSession]:
        bound = self._engine(dsn).execution_options(search_path=search_path)
        async with AsyncSession(bound, expire_on_commit=False) as session, session.begin():
            yield session

    def _engine(self, dsn: str) -> AsyncEngine:
        if dsn not in self._engines:
            self._engines[dsn] = engine = create_async_engine(
                sqlalchemy_url(dsn),
                pool_size=self._pool_size,
                max_overflow=0,
                pool_timeout=5,
                pool_recycle=1800,
                hide_parameters=True,  # an error's text must not carry what a resident wrote
                connect_args={"connection_class": _BoundConnection, "timeout": 5},
            )
            event.listen(engine.sync_engine, "begin", _bind)
            event.listen(engine.sync_engine, "checkin", _forget)
        return self._engines[dsn]


async def sql(
    tx: AsyncSession,
    statement: TextClause,
    params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> CursorResult[Any]:
    """A statement of our own inside this transaction, after what the session still holds back."""
    await tx.flush()
    return await (await tx.connection()).execute(statement, params)


async def raw(tx: AsyncSession) -> asyncpg.Connection:
    """The driver's connection inside this transaction, for the few one-statement hot paths."""
    connection = await tx.connection()
    await connection.exec_driver_sql("SELECT 1")  # BEGIN is lazy: without it nothing is bound
    proxied = await connection.get_raw_connection()
    return proxied.driver_connection
