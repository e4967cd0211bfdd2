"""Several hosts share one directory, or the second refuses to start."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from app.infra.db import Database
from app.settings import Settings
from app.uploads.storage import MARK, DirectoryNotShared, Stores
from tests.conftest import Dsns, MovableClock, app_with


@pytest.fixture(autouse=True)
async def unclaimed(dsns: Dsns, database: Database) -> AsyncIterator[None]:
    """No directory is known before, none after: the registry outlives a test."""

    async def forget() -> None:
        connection = await asyncpg.connect(dsns.owner)
        await connection.execute("DELETE FROM platform.file_directory")
        await connection.close()

    await forget()
    yield
    await forget()


async def test_the_first_marks_the_directory_and_all_who_see_it_may_start(
    database: Database, tmp_path: Path
) -> None:
    first, second = Stores(tmp_path / "mounted"), Stores(tmp_path / "mounted")
    await first.confirm(database)
    await second.confirm(database)

    assert (first.shared, second.shared) == (True, True)
    assert second.of("alpha").shared is True


async def test_a_host_with_a_directory_of_its_own_refuses_and_leaves_no_mark(
    database: Database, tmp_path: Path
) -> None:
    await Stores(tmp_path / "mounted").confirm(database)
    local = Stores(tmp_path / "local")

    with pytest.raises(DirectoryNotShared, match="FILES_DIR"):
        await local.confirm(database)

    assert local.shared is False
    assert not (tmp_path / "local").exists()


async def test_a_lost_mount_is_noticed_at_the_next_start(database: Database, tmp_path: Path) -> None:
    await Stores(tmp_path).confirm(database)
    (tmp_path / MARK).unlink()

    with pytest.raises(DirectoryNotShared):
        await Stores(tmp_path).confirm(database)


async def test_a_mark_of_another_installation_is_none(database: Database, tmp_path: Path) -> None:
    await Stores(tmp_path).confirm(database)
    (tmp_path / MARK).write_text(f"{uuid4()}\n")

    with pytest.raises(DirectoryNotShared):
        await Stores(tmp_path).confirm(database)


async def test_a_directory_moved_with_its_files_is_the_same(database: Database, tmp_path: Path) -> None:
    await Stores(tmp_path / "old").confirm(database)
    (tmp_path / "old").rename(tmp_path / "new")

    await Stores(tmp_path / "new").confirm(database)


async def test_a_mark_cut_short_before_it_was_claimed_is_made_anew(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / MARK).write_text("0192")
    await Stores(tmp_path).confirm(database)
    await Stores(tmp_path).confirm(database)


async def test_of_many_first_hosts_at_once_one_wins(database: Database, tmp_path: Path) -> None:
    hosts = [Stores(tmp_path / str(number)) for number in range(4)]

    ended = await asyncio.gather(*(host.confirm(database) for host in hosts), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ended) == ["DirectoryNotShared"] * 3 + ["NoneType"]


async def test_the_web_process_does_not_start_on_a_wrong_directory(
    settings: Settings, database: Database, clock: MovableClock, tmp_path: Path
) -> None:
    await Stores(tmp_path / "mounted").confirm(database)
    app: FastAPI = app_with(settings, database, now=clock, outside={Stores: Stores(tmp_path / "local")})

    with pytest.raises(DirectoryNotShared):
        async with app.router.lifespan_context(app):
            pass
