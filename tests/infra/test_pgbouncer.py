"""Behind PgBouncer in transaction mode: the next transaction may meet another server process."""

import asyncio
import os
import pwd
import shutil
import socket
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.infra.audit import alone
from app.infra.crypto import Keyring
from app.infra.db import Database, sql
from app.infra.jobs import Job, Work, finish_slot, take_slot
from app.infra.outbox import FeedCursor
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from tests.conftest import KEYS, NOW, Dsns

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer on this machine")
SERVERS = 3


def configuration(folder: Path, port: int, dsn: str) -> str:
    parts = urlsplit(dsn)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host, server_port = parts.hostname or query["host"], parts.port or query.get("port", "5432")
    login = f"user={unquote(parts.username or '')}"
    password = f" password={unquote(parts.password)}" if parts.password else ""
    return f"""
[databases]
* = host='{host}' port={server_port} {login}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVERS}
max_client_conn = 200
pidfile = {folder}/pgbouncer.pid
"""


def account_for(dsn: str) -> pwd.struct_passwd:
    """PgBouncer will not run as root; the server's own account may enter its socket's directory."""
    directory = parse_qs(urlsplit(dsn).query).get("host", [""])[0]
    return pwd.getpwuid(Path(directory).stat().st_uid) if directory else pwd.getpwnam("nobody")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def listening(process: Process) -> None:
    """It says so on its error stream; the pipe is read on, lest it fill."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if b"process up" in line:
            return
    raise AssertionError("pgbouncer did not start")


@pytest.fixture
async def bouncer(dsns: Dsns) -> AsyncIterator[str]:
    """The DSN of county tables through PgBouncer."""
    with TemporaryDirectory(prefix="lianluo-pgbouncer-", dir="/var/tmp") as name:
        folder, port = Path(name), free_port()
        ini = folder / "pgbouncer.ini"
        ini.write_text(configuration(folder, port, dsns.app))
        options: list[str] = []
        if os.getuid() == 0:
            account = account_for(dsns.app)
            for path in (folder, ini):
                os.chown(path, account.pw_uid, account.pw_gid)
            options = ["-u", account.pw_name]
        assert PGBOUNCER is not None
        process = await asyncio.create_subprocess_exec(PGBOUNCER, *options, str(ini), stderr=PIPE)
        try:
            await listening(process)
            yield f"postgresql://lianluo_app@127.0.0.1:{port}{urlsplit(dsns.app).path}"
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


@pytest.fixture
async def behind(bouncer: str, database: Database) -> AsyncIterator[Database]:
    made = Database(bouncer, keyring=Keyring(**KEYS), pool_size=10, pooler=True)
    yield made
    await made.close()


async def backends(database: Database, tenant: Tenant) -> int:
    async with database.unit(tenant) as tx:
        return int((await sql(tx, text("SELECT pg_backend_pid()"))).scalar_one())


async def test_units_of_two_counties_mix_on_few_servers_and_each_sees_its_own(behind: Database) -> None:
    counties = (await behind.tenants()).all()

    async def write(county: Tenant, number: int) -> int:
        async with behind.unit(county) as tx:
            tx.add(FeedCursor(consumer=f"{county.slug}:{number}", seq=number))
            await tx.flush()
            found = (await tx.exec(select(FeedCursor.consumer))).all()
            assert {line.split(":")[0] for line in found} == {county.slug}
            return int((await sql(tx, text("SELECT pg_backend_pid()"))).scalar_one())

    pids = await asyncio.gather(*(write(county, n) for n in range(60) for county in counties))
    assert 1 < len(set(pids)) <= SERVERS
    for county in counties:
        async with behind.unit(county) as tx:
            assert len((await tx.exec(select(FeedCursor))).all()) == 60


async def test_the_hot_path_works_and_is_bound(behind: Database) -> None:
    counties = (await behind.tenants()).all()
    statement = "SELECT current_schema() AS schema, $1::int AS number"

    async def ask(county: Tenant, number: int) -> None:
        row = await behind.one_statement(county, statement, number)
        assert row is not None
        assert (row["schema"], row["number"]) == (county.schema, number)

    await asyncio.gather(*(ask(county, n) for n in range(100) for county in counties))


async def test_a_slot_is_taken_once_and_a_job_is_alone(behind: Database) -> None:
    async def nothing(work: Work) -> int:
        return 0

    async def try_alone() -> bool:
        async with behind.unit(county) as tx:
            got = await alone(tx, "test.alone")
            await tried.wait() if got else tried.set()
            return got

    ringing, county = Job("test.ringing", "* * * * * *", nothing), (await behind.tenants()).all()[0]
    for second in range(20):
        slot: datetime = NOW + timedelta(seconds=second)
        took = await asyncio.gather(*(take_slot(behind, ringing, county, slot) for _ in range(8)))
        assert Counter(took) == {True: 1, False: 7}
        await finish_slot(behind, ringing, county, slot, at=machine_now(), error=None)
    tried = asyncio.Event()
    assert sorted(await asyncio.gather(try_alone(), try_alone())) == [False, True]


async def test_nothing_prepared_stays_on_the_servers(behind: Database) -> None:
    county = (await behind.tenants()).all()[0]
    await asyncio.gather(*(backends(behind, county) for _ in range(50)))
    async with behind.unit(county) as tx:
        assert (await sql(tx, text("SELECT count(*) FROM pg_prepared_statements"))).scalar_one() == 0
