"""What the two roles may do, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.infra.embedded import EmbeddedPostgres
from app.infra.provisioning import ProvisioningRefused, provision
from tests.infra.servers import Starter, open_directory


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with open_directory() as directory:
        starter = Starter(directory / "pg")
        yield starter()
        starter.release_all()


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def admin_dsn(server: EmbeddedPostgres, database: str = "postgres") -> str:
    return server.dsn(database, "postgres")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t (n int)",
        "CREATE TABLE public.t (n int)",
        "CREATE TABLE ext.t (n int)",
        "CREATE TEMP TABLE t (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE lianluo_owner",
    ],
)
async def test_the_application_role_may_define_nothing(server: EmbeddedPostgres, statement: str) -> None:
    async with connected(server.dsn()) as app:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidSchemaNameError)):
            await app.execute(statement)


async def test_without_a_tenant_no_table_is_seen(server: EmbeddedPostgres) -> None:
    async with connected(server.dsn(role="lianluo_owner")) as owner:
        await owner.execute("CREATE SCHEMA county")
        await owner.execute("CREATE TABLE county.opinions (n int)")
        await owner.execute("GRANT USAGE ON SCHEMA county TO lianluo_app")
        await owner.execute("GRANT SELECT ON county.opinions TO lianluo_app")

    async with connected(server.dsn()) as app:
        with pytest.raises(asyncpg.UndefinedTableError):
            await app.execute("SELECT * FROM opinions")
        async with app.transaction():
            await app.execute("SET LOCAL search_path = county, ext")
            assert await app.fetch("SELECT * FROM opinions") == []


async def test_similarity_of_chinese_is_not_nothing(server: EmbeddedPostgres) -> None:
    async with connected(server.dsn()) as app:
        assert await app.fetchval("SELECT ext.similarity('食堂排队', '食堂排队太久')") > 0


async def test_public_is_closed_even_to_the_owner(server: EmbeddedPostgres) -> None:
    async with connected(server.dsn(role="lianluo_owner")) as owner:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute("CREATE TABLE public.t (n int)")
        with pytest.raises(asyncpg.InvalidSchemaNameError):
            await owner.execute("CREATE TABLE t (n int)")


async def test_four_provisioners_at_once_agree_and_keep_what_is_there(
    server: EmbeddedPostgres,
) -> None:
    await asyncio.gather(*(provision(admin_dsn(server), database="fresh") for _ in range(4)))
    async with connected(server.dsn("fresh", "lianluo_owner")) as owner:
        await owner.execute("CREATE SCHEMA kept")

    await provision(admin_dsn(server), database="fresh")
    async with connected(server.dsn("fresh", "lianluo_owner")) as owner:
        assert await owner.fetchval("SELECT to_regnamespace('kept') IS NOT NULL")


async def test_passwords_are_set_hashed_and_stay_when_left_out(server: EmbeddedPostgres) -> None:
    word = 'it\'s \\ "quoted" %L 密'
    await provision(admin_dsn(server), app_password=word)
    await provision(admin_dsn(server))

    async with connected(admin_dsn(server)) as admin:
        kept = await admin.fetch("SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword <> ''")
    assert [(row[0], row[1].split("$")[0]) for row in kept] == [("lianluo_app", "SCRAM-SHA-256")]


async def test_a_trigram_extension_in_public_moves_to_ext(server: EmbeddedPostgres) -> None:
    async with connected(admin_dsn(server)) as admin:
        await admin.execute("CREATE DATABASE elder")
    async with connected(admin_dsn(server, "elder")) as inside:
        await inside.execute("CREATE EXTENSION pg_trgm SCHEMA public")

    await provision(admin_dsn(server), database="elder")
    async with connected(server.dsn("elder")) as app:
        assert await app.fetchval("SELECT ext.similarity('食堂', '食堂')") == 1


@pytest.mark.parametrize("options", ["LOCALE 'C'", "LOCALE 'C' ENCODING 'SQL_ASCII'"])
async def test_a_database_blind_to_chinese_is_refused(server: EmbeddedPostgres, options: str) -> None:
    async with connected(admin_dsn(server)) as admin:
        await admin.execute("DROP DATABASE IF EXISTS blind")
        await admin.execute(f"CREATE DATABASE blind TEMPLATE template0 LOCALE_PROVIDER libc {options}")

    with pytest.raises(ProvisioningRefused, match="LC_CTYPE C "):
        await provision(admin_dsn(server), database="blind")


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
async def test_an_application_role_above_the_permissions_is_refused(
    server: EmbeddedPostgres, power: str
) -> None:
    async with connected(admin_dsn(server)) as admin:
        await admin.execute(f"ALTER ROLE lianluo_app {power}")
        try:
            with pytest.raises(ProvisioningRefused, match="lianluo_app"):
                await provision(admin_dsn(server))
        finally:
            await admin.execute(f"ALTER ROLE lianluo_app NO{power}")


async def test_a_server_that_is_not_there_is_named_in_the_refusal() -> None:
    with pytest.raises(ProvisioningRefused, match="provisioning lianluo failed"):
        await provision("postgresql://postgres@/postgres?host=/nonexistent")
