"""Sharing, crashes, repairs: real servers, really killed."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.infra.embedded import EmbeddedFailed, EmbeddedPostgres
from tests.infra.servers import (
    Starter,
    ask,
    end_hard,
    is_alive,
    open_directory,
    postmaster,
    root_of,
)

REPOSITORY = Path(__file__).resolve().parents[2]
Process = subprocess.Popen[str]
Join = Callable[[], Process]


@pytest.fixture
def start() -> Iterator[Starter]:
    with open_directory() as directory:
        starter = Starter(directory / "pg")
        yield starter
        starter.release_all()


@pytest.fixture
def join(start: Starter) -> Iterator[Join]:
    """Another process that uses the same home; killed in the end if it still runs."""
    processes: list[Process] = []

    def begin() -> Process:
        command = [sys.executable, "-m", "tests.infra.embedded_user", str(start.home)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def pid_said_by(process: Process) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


async def test_it_starts_from_nothing_in_a_path_with_spaces_for_both_drivers(start: Starter) -> None:
    server = start()
    engine = create_async_engine(server.dsn().replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.connect() as alchemy:
        one = await alchemy.scalar(text("SELECT current_user || '@' || current_database()"))
    await engine.dispose()
    plain = await asyncpg.connect(server.dsn())
    two = await plain.fetchval("SELECT current_user || '@' || current_database()")
    await plain.close()

    assert (one, two) == ("lianluo_app@lianluo", "lianluo_app@lianluo")


def test_it_fsyncs_listens_on_no_port_and_takes_the_settings_it_is_given(start: Starter) -> None:
    server = start(settings=["work_mem = '5MB'", "max_connections = 50"])

    names = "fsync synchronous_commit listen_addresses TimeZone shared_buffers work_mem max_connections"
    found = [ask(server, f"SELECT current_setting('{name}')") for name in names.split()]
    assert found == ["on", "on", "", "UTC", "128MB", "5MB", "50"]


def test_the_server_sees_nothing_of_our_environment(start: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_KEYS", "a-secret")
    monkeypatch.setenv("PGPORT", "6543")
    server = start()

    assert ask(server, "SELECT 1") == 1
    assert b"a-secret" not in Path(f"/proc/{postmaster(server)}/environ").read_bytes()


def test_the_log_names_no_person(start: Starter) -> None:
    server = start()
    ask(server, "CREATE TABLE ext.people (phone text UNIQUE)")
    ask(server, "INSERT INTO ext.people VALUES ('13800000000')")
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(server, "INSERT INTO ext.people VALUES ('13800000000')")

    log = (root_of(server) / "log").read_text()
    assert ("duplicate key" in log, "13800000000" in log) == (True, False)


def test_rows_outlive_a_clean_stop(start: Starter) -> None:
    first = start()
    ask(first, "CREATE TABLE ext.kept AS SELECT 7 AS n")
    first.release()
    assert not is_alive(first)

    assert ask(start(), "SELECT n FROM ext.kept") == 7


def test_the_server_stops_with_its_last_user(start: Starter) -> None:
    first, second = start(), start()

    first.release()
    assert ask(second, "SELECT 1") == 1
    second.release()
    assert not is_alive(second)


def test_a_living_user_keeps_the_server_up_and_a_killed_one_does_not(start: Starter, join: Join) -> None:
    polite, killed = join(), join()
    pid = pid_said_by(polite)
    assert pid_said_by(killed) == pid

    start().release()
    assert postmaster(start.begun[0]) == pid
    killed.kill()
    killed.wait()
    polite.communicate("done\n")
    assert (polite.returncode, is_alive(start.begun[0])) == (0, False)


def test_four_processes_racing_on_an_empty_directory_get_one_server(join: Join) -> None:
    racers = [join() for _ in range(4)]
    assert len({pid_said_by(racer) for racer in racers}) == 1

    for racer in racers:
        racer.communicate("done\n")
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]


async def insert_until_killed(server: EmbeddedPostgres) -> list[int]:
    """Insert numbered rows; the postmaster is killed meanwhile. Returns those acknowledged."""
    acknowledged: list[int] = []
    writer = await asyncpg.connect(server.dsn(role="postgres"))
    await writer.execute("CREATE TABLE ext.kept (n int)")
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        while True:
            n = len(acknowledged)
            await writer.execute("INSERT INTO ext.kept VALUES ($1)", n)
            acknowledged.append(n)
            if n == 300:
                end_hard(server)
    writer.terminate()
    return acknowledged


def test_every_acknowledged_row_is_there_after_the_server_was_killed(start: Starter) -> None:
    server = start()
    acknowledged = asyncio.run(insert_until_killed(server))
    assert len(acknowledged) >= 301

    assert server.ensure_up() is True
    assert server.ensure_up() is False
    found = ask(server, "SELECT array_agg(n ORDER BY n) FROM ext.kept")
    assert found[: len(acknowledged)] == acknowledged


def test_many_watchdogs_at_once_launch_one_server(start: Starter) -> None:
    servers = [start() for _ in range(4)]
    end_hard(servers[0])

    with ThreadPoolExecutor(4) as pool:
        launched = list(pool.map(EmbeddedPostgres.ensure_up, servers))
    assert sorted(launched) == [False, False, False, True]
    assert ask(servers[3], "SELECT 1") == 1


def test_a_paused_server_is_waited_for_and_not_launched_twice(start: Starter) -> None:
    server = start()
    pid = postmaster(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as pool:
            watchdog = pool.submit(server.ensure_up)
            assert is_alive(server)
            os.kill(pid, signal.SIGCONT)
            assert watchdog.result() is False
    finally:
        os.kill(pid, signal.SIGCONT)
    assert postmaster(server) == pid


def test_the_server_itself_holds_the_lock_that_says_it_lives(start: Starter) -> None:
    server = start()
    with (root_of(server) / "alive").open() as alive:
        with pytest.raises(BlockingIOError):
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.release()
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_server_launched_by_hand_counts_as_living(start: Starter) -> None:
    server = start()
    server.release()
    inside = subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd=root_of(server) / "pg")
    with inside:
        assert is_alive(server)
        inside.kill()
    assert not is_alive(server)


def test_a_start_recovers_what_a_crash_left(start: Starter) -> None:
    crashed = start()
    ask(crashed, "CREATE TABLE ext.kept AS SELECT 7 AS n")
    end_hard(crashed)
    crashed.release()

    assert ask(start(), "SELECT n FROM ext.kept") == 7


def test_a_stale_pid_file_naming_a_living_stranger_is_not_believed(start: Starter) -> None:
    first = start()
    root = root_of(first)
    first.release()
    # Of the account the server has, for PostgreSQL itself disregards the processes of others.
    account = (root / "pg").stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=account) as stranger:
        stale = f"{stranger.pid}\n{root}/pg\n1700000000\n5432\n{root}/s\n\n  1 2\nready\n"
        (root / "pg/postmaster.pid").write_text(stale)
        (root / "s/.s.PGSQL.5432.lock").write_text(stale)

        server = start()
        assert ask(server, "SELECT 1") == 1
        end_hard(server)
        (root / "pg/postmaster.pid").write_text(stale)
        server.release()
        assert stranger.poll() is None


def test_half_an_initdb_does_not_pass_for_a_database(start: Starter) -> None:
    half = start.home / "pg.init"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    assert ask(start(), "SELECT 1") == 1
    assert not half.exists()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(start: Starter) -> None:
    with pytest.raises(EmbeddedFailed, match="no_such_setting"):
        start(settings=["no_such_setting = 1"])

    [failed] = start.begun
    assert not is_alive(failed)
    assert ask(start(), "SELECT 1") == 1


def test_a_database_that_vanished_is_not_replaced_by_an_empty_one(start: Starter) -> None:
    server = start()
    end_hard(server)
    (root_of(server) / "pg").rename(root_of(server) / "away")

    with pytest.raises(EmbeddedFailed, match="is gone"):
        server.ensure_up()
    (root_of(server) / "away").rename(root_of(server) / "pg")


def test_without_a_start_there_is_nothing_to_release_or_to_repair(start: Starter) -> None:
    server = EmbeddedPostgres(start.home)

    server.release()
    with pytest.raises(EmbeddedFailed, match="has not been started"):
        server.ensure_up()
