"""Roles, database and extension that must exist before the first migration (design.md 3.9).

Works on the embedded server and on any PostgreSQL >= 15 an operator names; safe to repeat.
"""

from typing import Any

import asyncpg

DATABASE = "lianluo"
OWNER = "lianluo_owner"
APP = "lianluo_app"
OLDEST = 15
BUILTIN_LOCALES_SINCE = 17
ADVISORY_KEY = 0x6C69616E6C756F  # "lianluo": two provisioners take turns


class ProvisioningRefused(RuntimeError):
    """The server or the database will not do; the message is a sentence for the operator."""


async def provision(
    admin_dsn: str,
    *,
    database: str = DATABASE,
    owner_password: str | None = None,
    app_password: str | None = None,
) -> None:
    """Make the roles, the database and its schema `ext`, or bring existing ones into line.

    `admin_dsn` names a superuser and a maintenance database other than `database`, usually
    `postgres`. A password left out stays as it is. Raises ProvisioningRefused.
    """
    try:
        await _provision(admin_dsn, database, {OWNER: owner_password, APP: app_password})
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ProvisioningRefused(f"provisioning {database} failed: {error}") from error


async def _provision(admin_dsn: str, database: str, passwords: dict[str, str | None]) -> None:
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"SELECT pg_advisory_lock({ADVISORY_KEY})")
        await _refuse_unfit_server(admin)
        await _refuse_unfit_database(admin, database)
        await _make_roles(admin, passwords)
        await _make_database(admin, database)
        inside = await asyncpg.connect(admin_dsn, database=database)
        try:
            await _furnish(inside)
        finally:
            await inside.close()
    finally:
        await admin.close()


async def _refuse_unfit_server(admin: Any) -> None:
    found = admin.get_server_version().major
    if found < OLDEST:
        raise ProvisioningRefused(f"PostgreSQL {found} is too old: {OLDEST} or newer is needed")
    powerful = await admin.fetchval(
        "SELECT rolname FROM pg_roles WHERE rolname = any($1) AND (rolsuper OR rolbypassrls)",
        [OWNER, APP],
    )
    if powerful:
        raise ProvisioningRefused(
            f"the role {powerful} may bypass every permission: ALTER ROLE … NOSUPERUSER NOBYPASSRLS"
        )


async def _refuse_unfit_database(admin: Any, database: str) -> None:
    """pg_trgm looks at LC_CTYPE alone: under C every similarity of Chinese is 0, and nobody notices."""
    found = await admin.fetchrow(
        "SELECT datctype, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = $1",
        database,
    )
    if found and (found["datctype"] in ("C", "POSIX") or found["encoding"] != "UTF8"):
        raise ProvisioningRefused(
            f"the database {database} has LC_CTYPE {found['datctype']} and encoding"
            f" {found['encoding']}: search in Chinese needs UTF8 and an LC_CTYPE such as C.UTF-8;"
            " drop it and let this command create it"
        )


async def _make_roles(admin: Any, passwords: dict[str, str | None]) -> None:
    async with admin.transaction():
        await admin.execute("SET LOCAL log_statement = 'none'")  # passwords stand in the statements
        await admin.execute("SET LOCAL log_min_duration_statement = -1")
        for role, password in passwords.items():
            if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await _execute(admin, "CREATE ROLE %I", role)
            if password is not None:
                await _execute(admin, "ALTER ROLE %I PASSWORD %L", role, password)
        await _execute(admin, "ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE", OWNER)
        await _execute(admin, "ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE NOINHERIT", APP)
        # Whoever forgets to bind a tenant finds no table at all, not another county's.
        await _execute(admin, "ALTER ROLE %I SET search_path = 'no_tenant_bound'", APP)
        # A request that waits longer for somebody else's row is told to try again (409).
        await _execute(admin, "ALTER ROLE %I SET lock_timeout = '2s'", APP)
        await _execute(admin, "ALTER ROLE %I SET idle_in_transaction_session_timeout = '60s'", APP)


async def _make_database(admin: Any, database: str) -> None:
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        create = "CREATE DATABASE %I TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        if admin.get_server_version().major >= BUILTIN_LOCALES_SINCE:
            create += " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        else:
            create += " LOCALE_PROVIDER libc"
        await _execute(admin, create, database)
    await _execute(admin, "ALTER DATABASE %I OWNER TO %I", database, OWNER)
    await _execute(admin, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database)
    await _execute(admin, "GRANT CONNECT ON DATABASE %I TO %I", database, APP)


async def _furnish(inside: Any) -> None:
    """`ext` holds pg_trgm, for every role; `public` is closed even to the database's owner."""
    async with inside.transaction():
        await inside.execute("CREATE SCHEMA IF NOT EXISTS ext")
        await inside.execute("GRANT USAGE ON SCHEMA ext TO PUBLIC")
        await inside.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext")
        await inside.execute("ALTER EXTENSION pg_trgm SET SCHEMA ext")
        if await inside.fetchval("SELECT to_regnamespace('public') IS NOT NULL"):
            await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC, pg_database_owner")


async def _execute(connection: Any, template: str, *names: str) -> None:
    """Run a statement that takes no parameters; %I and %L are quoted by the server itself."""
    statement = await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, list(names))
    await connection.execute(statement)


async def bind_role(admin_dsn: str, schema: str, *, slug: str, password: str | None = None) -> str:
    """A role of one county: the application's rights, and that county's schema as its search_path.

    For installations with a single county: no statement then needs a SET, and the hot paths are one
    round trip. Returns the role's name.
    """
    role = f"{APP}_{slug}"
    admin = await asyncpg.connect(admin_dsn)
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await _execute(admin, "CREATE ROLE %I", role)
        if password is not None:
            await _execute(admin, "ALTER ROLE %I PASSWORD %L", role, password)
        await _execute(admin, "ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE INHERIT", role)
        await _execute(admin, "GRANT %I TO %I", APP, role)
        path = f'"{schema}", ext'
        await _execute(admin, f"ALTER ROLE %I SET search_path = {path}", role)
        await _execute(admin, "ALTER ROLE %I SET lock_timeout = '2s'", role)
        await _execute(admin, "ALTER ROLE %I SET idle_in_transaction_session_timeout = '60s'", role)
    finally:
        await admin.close()
    return role
