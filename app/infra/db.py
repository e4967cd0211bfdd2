"""The only place that begins, commits and rolls back, and that binds a transaction to its tenant.

Binding is `SET LOCAL search_path`, sent in the same round trip as BEGIN (docs/decisions/0003). It
leans on asyncpg's Transaction calling `connection.execute`; tests/infra/test_db.py guards that.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from asyncpg.transaction import Transaction
from sqlalchemy import TextClause, event
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import DBAPIError
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


class _HotPool:
    """Plain connections of one role. `bound_to`: the role's own search_path; a role made for one
    county (lianluo_app_<slug>) has that county's schema there."""

    pool: asyncpg.Pool
    bound_to: str | None = None

    def binds(self, tenant: Tenant) -> bool:
        """PostgreSQL shows a path without the quotes it does not need."""
        return (self.bound_to or "").replace('"', "") == tenant.search_path.replace('"', "")

    async def check(self, connection: Any) -> None:
        """Every connection of the pool must be bound alike, or is refused."""
        path = await connection.fetchval("SHOW search_path")
        if self.bound_to not in (None, path):
            raise Unbound(f"the role's search_path changed from {self.bound_to} to {path}")
        self.bound_to = path


async def _undo(connection: Any) -> None:
    """Nothing but SET LOCAL is ever used, so only an open transaction can be left over."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


async def _in_bound_unit(
    connection: Any, tenant: Tenant, statement: str, values: Sequence[Any]
) -> asyncpg.Record | None:
    await connection.execute(f"BEGIN; SET LOCAL search_path TO {tenant.search_path}")
    row = await connection.fetchrow(statement, *values)  # a failure is undone when it is released
    await connection.execute("COMMIT")
    return row


def sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


# Behind PgBouncer in transaction mode the next transaction may meet another server, which has not seen
# what was prepared: statements go unnamed and are parsed each time.
UNPREPARED = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}


class Database:
    """Pools by DSN, units of work by tenant. `pooler`: a PgBouncer in transaction mode stands between."""

    def __init__(self, dsn: str, *, keyring: Keyring, pool_size: int = 8, pooler: bool = False) -> None:
        self.dsn = dsn
        self.keyring = keyring
        self.registry = Registry()
        self._pool_size = pool_size
        self._pooler = pooler
        self._engines: dict[str, AsyncEngine] = {}
        self._pools: dict[str, _HotPool] = {}
        self._opening = asyncio.Lock()

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
        """The registry, read again when stale; while the database is away, as it was last read.

        Whose request it is must be known to say kindly, on that county's page, that we cannot just now.
        """
        if self.registry.stale:
            try:
                async with self.platform() as tx:
                    self.registry.fill(await all_tenants(tx))
            except (OSError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if not self.registry.all():
                    raise
        return self.registry

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()
        for hot in self._pools.values():
            await hot.pool.close()
        self._engines.clear()
        self._pools.clear()

    async def one_statement(
        self, tenant: Tenant, statement: str, *values: Any, write: bool = True
    ) -> asyncpg.Record | None:
        """One statement that is a whole unit, for the few hot paths; its first row, or None.

        Where the connection's role is itself bound to this tenant (a single-county installation) it
        commits by itself, in one round trip; else it is bound and committed like every unit.
        """
        if write and tenant.state != "live":
            raise TenantReadOnly
        dsn = tenant.dsn or self.dsn
        hot = self._pools.get(dsn) or await self._hot_pool(dsn)
        async with hot.pool.acquire() as connection:
            if hot.binds(tenant):
                return await connection.fetchrow(statement, *values)
            return await _in_bound_unit(connection, tenant, statement, values)

    async def platform_statement(self, statement: str, *values: Any) -> asyncpg.Record | None:
        """One statement on schema `platform`, its names qualified, that commits by itself; its first row.

        The server locks, writes and commits without waiting for us in between: a process stopped at any
        moment leaves no lock behind.
        """
        hot = self._pools.get(self.dsn) or await self._hot_pool(self.dsn)
        async with hot.pool.acquire() as connection:
            return await connection.fetchrow(statement, *values)

    async def _hot_pool(self, dsn: str) -> "_HotPool":
        async with self._opening:
            if dsn not in self._pools:
                hot = _HotPool()
                hot.pool = await asyncpg.create_pool(
                    dsn,
                    min_size=1,
                    max_size=self._pool_size,
                    init=hot.check,
                    reset=_undo,
                    timeout=5,
                    statement_cache_size=0 if self._pooler else 100,
                )
                self._pools[dsn] = hot
        return self._pools[dsn]

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
                connect_args={
                    "connection_class": _BoundConnection,
                    "timeout": 5,
                    **(UNPREPARED if self._pooler else {}),
                },
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


# Serialization failure, deadlock, lock timeout, and a cached statement outdated by DDL.
PASSING = {"40001", "40P01", "55P03", "0A000"}


def passing(error: BaseException) -> bool:
    """May the same statement go right if the whole unit is simply done again?"""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in PASSING


async def raw(tx: AsyncSession) -> asyncpg.Connection:
    """The driver's connection inside this transaction, for the few one-statement hot paths."""
    connection = await tx.connection()
    await connection.exec_driver_sql("SELECT 1")  # BEGIN is lazy: without it nothing is bound
    proxied = await connection.get_raw_connection()
    return proxied.driver_connection
