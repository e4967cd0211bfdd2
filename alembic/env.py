"""Runs migrations on one schema: `platform`, or one tenant's. The caller passes connection and schema."""

from alembic import context
from sqlalchemy import Connection

from app.infra.tenants import PLATFORM, platform_metadata
from app.tables import tenant_metadata

config = context.config
schema: str = config.attributes["schema"]
connection: Connection = config.attributes["connection"]
is_platform = schema == PLATFORM


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """The platform's tables name their schema; a tenant's do not."""
    if kind == "table" and name == "alembic_version":
        return False
    return kind != "schema" or name == (PLATFORM if is_platform else None)


def run() -> None:
    connection.exec_driver_sql(f'SET search_path TO "{schema}", ext')
    connection.exec_driver_sql("SET lock_timeout TO '2s'")
    connection.commit()
    connection.dialect.default_schema_name = None if is_platform else schema
    context.configure(
        connection=connection,
        target_metadata=platform_metadata if is_platform else tenant_metadata,
        include_schemas=is_platform,
        include_name=include_name,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(hashtext('migrate:{schema}'))")
        context.run_migrations()


run()
