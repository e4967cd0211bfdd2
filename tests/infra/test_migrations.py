"""`migrate` reaches every county, also one that lives in another database."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from app.infra.migrations import migrate_all, newest, owner_of, revision_of
from app.infra.provisioning import provision
from app.kernel.clock import machine_now
from tests.conftest import Dsns, _on


@pytest.fixture
async def elsewhere(dsns: Dsns, admin_dsn: str) -> AsyncIterator[str]:
    """Another database, registered as the home of county gamma; its name."""
    name = f"{dsns.admin.rpartition('/')[2].partition('?')[0]}_elsewhere"
    await provision(admin_dsn, database=name)
    connection = await asyncpg.connect(dsns.owner)
    row = ("gamma", "c_gamma", "丙县", _on(admin_dsn, name, "lianluo_app"), uuid4().bytes * 2, machine_now())
    await connection.execute(
        "INSERT INTO platform.tenants (slug, schema_name, name, dsn, state, hosts, salt, created_at)"
        " VALUES ($1, $2, $3, $4, 'live', '{}', $5, $6)",
        *row,
    )
    yield name
    await connection.execute("DELETE FROM platform.tenants WHERE slug = 'gamma'")
    await connection.close()
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def test_a_county_in_another_database_is_migrated_there(
    dsns: Dsns, admin_dsn: str, elsewhere: str
) -> None:
    migrated = await migrate_all(dsns.owner)

    assert migrated == ["platform", "c_alpha", "c_beta", "c_gamma"]
    there = _on(admin_dsn, elsewhere, "lianluo_owner")
    assert await revision_of(there, "c_gamma") == newest("versions")
    assert await revision_of(dsns.owner, "c_gamma") is None
    application = await asyncpg.connect(_on(admin_dsn, elsewhere, "lianluo_app"))
    try:
        assert await application.fetchval("SELECT count(*) FROM c_gamma.opinions") == 0
    finally:
        await application.close()


async def test_a_county_that_moved_away_for_good_is_left_alone(dsns: Dsns, elsewhere: str) -> None:
    connection = await asyncpg.connect(dsns.owner)
    await connection.execute("UPDATE platform.tenants SET state = 'moved' WHERE slug = 'gamma'")
    await connection.close()

    assert await migrate_all(dsns.owner) == ["platform", "c_alpha", "c_beta"]


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("postgresql://lianluo_app:a@db2:5433/lianluo", "postgresql://lianluo_owner:o@db2:5433/lianluo"),
        ("postgresql://lianluo_app@/x?host=/run/pg", "postgresql://lianluo_owner:o@/x?host=/run/pg"),
    ],
)
def test_the_owner_goes_to_the_place_the_registry_names(home: str, expected: str) -> None:
    assert owner_of(home, "postgresql://lianluo_owner:o@db1/lianluo") == expected
