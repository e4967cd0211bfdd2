"""The same promises for the directory and for its twin in memory."""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from app.adapters.files import (
    FileKey,
    FileMissing,
    FileStore,
    FilesUnavailable,
    LocalFiles,
    MemoryFiles,
    key_of,
)

ROOT = Path(__file__).parents[2]

NOW = datetime.now(UTC)
SOON, LONG_AGO = NOW + timedelta(hours=1), NOW - timedelta(days=1)


@pytest.fixture(params=["directory", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return LocalFiles(tmp_path / "files") if request.param == "directory" else MemoryFiles()


@pytest.fixture
def local(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


async def keys(files: FileStore, written_before: datetime = SOON) -> set[str]:
    return {key async for key in files.keys(written_before=written_before)}


@pytest.mark.parametrize("content", [b"", b"a photo", bytes(range(256)) * 4096])
async def test_what_is_put_is_there_under_its_own_sum(files: FileStore, content: bytes) -> None:
    key = await files.put(content)

    assert key == sha256(content).hexdigest()
    assert await files.open(key) == content


async def test_the_same_bytes_twice_are_one_file(files: FileStore) -> None:
    assert await files.put(b"a photo") == await files.put(b"a photo")
    assert await keys(files) == {key_of(b"a photo")}


async def test_what_is_deleted_is_missing(files: FileStore) -> None:
    key = await files.put(b"a photo")
    other = await files.put(b"another")

    assert await files.delete(key, written_before=SOON)
    assert not await files.delete(key, written_before=SOON)
    with pytest.raises(FileMissing):
        await files.open(key)
    assert await keys(files) == {other}


async def test_young_files_are_neither_listed_nor_deleted(files: FileStore) -> None:
    key = await files.put(b"a photo")

    assert await keys(files, LONG_AGO) == set()
    assert not await files.delete(key, written_before=LONG_AGO)
    assert await files.open(key) == b"a photo"


async def test_an_empty_store_has_no_keys_and_nothing_to_discard(files: FileStore) -> None:
    assert await keys(files) == set()
    assert await files.discard_unfinished(written_before=SOON) == 0
    assert not await files.delete(key_of(b"a photo"), written_before=SOON)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "/etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "a\0b"]
)
async def test_a_name_that_is_no_key_is_missing_and_never_a_path(files: FileStore, name: str) -> None:
    with pytest.raises(FileMissing):
        await files.open(FileKey(name))


async def test_a_file_put_again_is_young_again(local: LocalFiles, tmp_path: Path) -> None:
    key = await local.put(b"a photo")
    os.utime(tmp_path / "files" / key[:2] / key[2:4] / key, (0, 0))
    assert await keys(local, LONG_AGO) == {key}

    await local.put(b"a photo")

    assert await keys(local, LONG_AGO) == set()
    assert not await local.delete(key, written_before=LONG_AGO)


async def test_in_memory_too_a_file_put_again_is_young_again() -> None:
    time = LONG_AGO
    files = MemoryFiles(lambda: time)
    key = await files.put(b"a photo")
    assert await keys(files, NOW) == {key}

    time = SOON
    await files.put(b"a photo")

    assert await keys(files, NOW) == set()


async def test_a_damaged_file_is_mended_by_putting_it_again(local: LocalFiles, tmp_path: Path) -> None:
    key = await local.put(b"a photo")
    (tmp_path / "files" / key[:2] / key[2:4] / key).write_bytes(b"a ph")

    await local.put(b"a photo")

    assert await local.open(key) == b"a photo"


async def test_files_are_for_the_service_alone_two_levels_down(local: LocalFiles, tmp_path: Path) -> None:
    key = await local.put(b"a photo")
    path = tmp_path / "files" / key[:2] / key[2:4] / key

    assert path.read_bytes() == b"a photo"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


async def test_many_at_once_are_all_there(local: LocalFiles) -> None:
    contents = [b"%d" % (number % 20) for number in range(100)]
    put = await asyncio.gather(*(local.put(content) for content in contents))

    assert [await local.open(key) for key in put] == contents
    assert await keys(local) == set(put)


async def test_a_put_waits_while_a_sweeper_decides(local: LocalFiles, tmp_path: Path) -> None:
    key = await local.put(b"a photo")
    with (tmp_path / "files" / "lock").open("rb+") as sweeper:
        fcntl.flock(sweeper, fcntl.LOCK_EX)
        (tmp_path / "files" / key[:2] / key[2:4] / key).unlink()
        put = asyncio.create_task(local.put(b"a photo"))
        assert await asyncio.wait([put], timeout=0.2) == (set(), {put})

    assert await local.open(await put) == b"a photo"


def no_directory(path: Path) -> None:
    path.write_bytes(b"a file where the directory should be")


def broken_link(path: Path) -> None:
    path.symlink_to(path.parent / "unmounted" / "files")


@pytest.mark.parametrize("spoil", [no_directory, broken_link])
async def test_a_broken_disk_is_unavailable_not_an_error_of_the_sender(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / "files")

    with pytest.raises(FilesUnavailable):
        await LocalFiles(tmp_path / "files").put(b"a photo")


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from app.adapters.files import FilesUnavailable, LocalFiles

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(LocalFiles(Path(sys.argv[1])).put(b"x" * 1001))
except FilesUnavailable:
    print("unavailable")
"""


async def test_a_file_that_does_not_fit_leaves_nothing_behind(local: LocalFiles, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "files")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "unavailable\n"
    assert await keys(local) == set()
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


async def test_what_a_killed_process_left_is_no_file_and_is_discarded_once_old(
    local: LocalFiles, tmp_path: Path
) -> None:
    key = await local.put(b"a photo")
    left = tmp_path / "files" / "incoming" / "half-written"
    left.write_bytes(b"a ph")

    assert await local.discard_unfinished(written_before=LONG_AGO) == 0
    os.utime(left, (0, 0))
    assert await local.discard_unfinished(written_before=LONG_AGO) == 1
    assert not left.exists()
    assert await keys(local) == {key}


def test_a_directory_is_shared_only_when_said_so(tmp_path: Path) -> None:
    assert not LocalFiles(tmp_path).shared
    assert LocalFiles(tmp_path, shared=True).shared
    assert not MemoryFiles().shared
