"""Runs Alembic on the registry's schema and on each tenant's, as the owner role."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import alembic.command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.infra.db import sqlalchemy_url
from app.infra.tenants import PLATFORM, schema_for
from app.kernel.clock import machine_now

ROOT = Path(__file__).resolve().parents[2] / "alembic"
APP_ROLE = "lianluo_app"


def owner_engine(dsn: str) -> AsyncEngine:
    return create_async_engine(sqlalchemy_url(dsn), poolclass=NullPool)


def config_for(schema: str, connection: Connection | None = None) -> Config:
    config = Config(attributes={"schema": schema, "connection": connection})
    config.set_main_option("script_location", str(ROOT))
    folder = "platform" if schema == PLATFORM else "versions"
    config.set_main_option("version_locations", str(ROOT / folder))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


async def on_schema(dsn: str, schema: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Run one Alembic command (`alembic.command.upgrade`, …) on one schema."""
    engine = owner_engine(dsn)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(lambda c: command(config_for(schema, c), *args, **kwargs))
    finally:
        await engine.dispose()


# What the application's role may do: everything to rows, except to the audit, which only grows.
GRANTS = """
GRANT USAGE ON SCHEMA "{schema}" TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO {role};
REVOKE INSERT, UPDATE, DELETE ON "{schema}".alembic_version FROM {role};
"""
APPEND_ONLY = ("audit", "audit_seal")


async def grant(dsn: str, schema: str, role: str = APP_ROLE) -> None:
    statements = GRANTS.format(schema=schema, role=role)
    if schema != PLATFORM:
        for table in APPEND_ONLY:
            statements += f'REVOKE UPDATE, DELETE ON "{schema}".{table} FROM {role};\n'
    await _execute(dsn, statements)


async def _execute(dsn: str, script: str) -> None:
    engine = owner_engine(dsn)
    try:
        async with engine.begin() as connection:
            for statement in filter(str.strip, script.split(";\n")):
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def migrate_schema(dsn: str, schema: str) -> None:
    """Create the schema if absent, bring it to the newest revision, renew the grants."""
    await _execute(dsn, f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await on_schema(dsn, schema, alembic.command.upgrade, "head")
    await grant(dsn, schema)


async def migrate_all(dsn: str) -> list[str]:
    """Migrate the registry, then every county in it, wherever it lives; returns the schemas.

    A county moved away for good is left alone. The first that fails ends the run; it is safe to repeat.
    """
    await migrate_schema(dsn, PLATFORM)
    homes = await _homes(dsn)
    for schema, home in homes.items():
        await migrate_schema(owner_of(home, dsn) if home else dsn, schema)
    return [PLATFORM, *homes]


async def _homes(dsn: str) -> dict[str, str | None]:
    """schema → the application's DSN of the database it lives in, None for this one."""
    engine = owner_engine(dsn)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT schema_name, dsn FROM platform.tenants WHERE state <> 'moved' ORDER BY slug")
            )
            return {row.schema_name: row.dsn for row in rows}
    finally:
        await engine.dispose()


def owner_of(home: str, owner: str) -> str:
    """The owner's way into another county's database: that place, with the name and password of `owner`.

    The registry keeps only the application's DSN; the owner's password is the same in every cluster of an
    installation, and stands in one setting (DATABASE_OWNER_URL).
    """
    place, credentials = urlsplit(home), urlsplit(owner).netloc.rpartition("@")[0]
    host = place.netloc.rpartition("@")[2]
    return urlunsplit(place._replace(netloc=f"{credentials}@{host}"))


REGISTER = text("""
    INSERT INTO platform.tenants (slug, schema_name, name, state, hosts, salt, created_at)
    VALUES (:slug, :schema, :name, 'live', :hosts, :salt, :at)
    ON CONFLICT (slug) DO NOTHING""")


async def add_tenant(dsn: str, slug: str, *, name: str, hosts: tuple[str, ...] = ()) -> None:
    """A new county: its schema, its tables, its row in the registry. Safe to repeat."""
    schema = schema_for(slug)
    await migrate_schema(dsn, PLATFORM)
    await migrate_schema(dsn, schema)
    engine = owner_engine(dsn)
    facts = {
        "slug": slug,
        "schema": schema,
        "name": name,
        "hosts": [host.lower() for host in hosts],
        "salt": secrets.token_bytes(32),
        "at": machine_now(),
    }
    try:
        async with engine.begin() as connection:
            await connection.execute(REGISTER, facts)
    finally:
        await engine.dispose()


def newest(folder: str) -> str:
    """The head revision of `versions` or `platform`."""
    head = ScriptDirectory.from_config(
        config_for(PLATFORM if folder == "platform" else "tenant")
    ).get_current_head()
    return head or ""


async def revision_of(dsn: str, schema: str) -> str | None:
    engine = owner_engine(dsn)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda c: MigrationContext.configure(
                    c, opts={"version_table_schema": schema}
                ).get_current_revision()
            )
    finally:
        await engine.dispose()
