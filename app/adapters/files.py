"""Where bytes are kept: by content, never under a name that a person gave.

A store belongs to one tenant. Two tenants may hold the same picture, and what one of them deletes
the other must keep: give each a directory, or a prefix, of its own.
"""

import asyncio
import fcntl
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NewType, ParamSpec, Protocol, TypeVar

from app.kernel.clock import Clock, machine_now
from app.kernel.errors import NotFound, Unavailable

FileKey = NewType("FileKey", str)  # SHA-256 of the content in small hex

WELL_FORMED = re.compile(r"[0-9a-f]{64}")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class FileMissing(NotFound):
    code = "file-missing"


class FilesUnavailable(Unavailable):
    code = "files-unavailable"


class FileStore(Protocol):
    """Every method raises FilesUnavailable when the disk, or the service, fails.

    A file is put before the row that names it is committed, so a sweeper must leave the young
    ones alone: `written_before` is an instant of machine time, aware.
    """

    @property
    def shared(self) -> bool:
        """Whether all hosts see the same files: several hosts need a store that is shared."""

    async def put(self, content: bytes) -> FileKey:
        """On stable storage when this returns. Putting again what is there makes it young."""

    async def open(self, key: FileKey) -> bytes:
        """The whole content. Raises FileMissing."""

    async def delete(self, key: FileKey, *, written_before: datetime) -> bool:
        """Remove what was last put before that instant; whether there was such a file."""

    def keys(self, *, written_before: datetime) -> AsyncIterator[FileKey]:
        """All that was last put before that instant, in no order."""

    async def discard_unfinished(self, *, written_before: datetime) -> int:
        """Remove what a killed process left half written; how many."""


def key_of(content: bytes) -> FileKey:
    return FileKey(sha256(content).hexdigest())


class LocalFiles:
    """A directory of this host, or one that all hosts mount (`shared`).

    `ab/cd/abcd…`: two levels, so that no directory grows large. A file appears whole or not at
    all: written to `incoming/`, synced, renamed. Making an object of this class touches no disk.
    """

    def __init__(self, directory: Path, *, shared: bool = False) -> None:
        self._directory = directory
        self._incoming = directory / "incoming"
        self._lock = directory / "lock"
        self.shared = shared

    async def put(self, content: bytes) -> FileKey:
        return await _on_disk(self._put, content)

    async def open(self, key: FileKey) -> bytes:
        return await _on_disk(_read, self._path(key))

    async def delete(self, key: FileKey, *, written_before: datetime) -> bool:
        return await _on_disk(self._delete, self._path(key), written_before)

    async def keys(self, *, written_before: datetime) -> AsyncIterator[FileKey]:
        for branch in await _on_disk(_branches, self._directory):
            for key in await _on_disk(_old_keys, branch, written_before):
                yield key

    async def discard_unfinished(self, *, written_before: datetime) -> int:
        return await _on_disk(self._discard_unfinished, written_before)

    def _path(self, key: FileKey) -> Path:
        """Raises FileMissing for what is no key: no text of a caller's becomes a path."""
        if not WELL_FORMED.fullmatch(key):
            raise FileMissing("找不到这个文件，可能已被删除")
        return self._directory / key[:2] / key[2:4] / key

    def _put(self, content: bytes) -> FileKey:
        key = key_of(content)
        path, unfinished = self._path(key), self._incoming / secrets.token_hex(16)
        for directory in (self._incoming, path.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _write_through(unfinished, content)
            with self._locked():
                unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        for directory in path.parents[:3]:  # the name, and those of directories just made
            _sync(directory)
        return key

    def _delete(self, path: Path, written_before: datetime) -> bool:
        with self._locked():
            there = _is_old(path, written_before)
            if there:
                path.unlink()
            return there

    def _discard_unfinished(self, written_before: datetime) -> int:
        if not self._incoming.is_dir():
            return 0
        old = [path for path in self._incoming.iterdir() if _is_old(path, written_before)]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Between looking at a file's age and removing it, nobody puts it again."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # unlocks


class MemoryFiles:
    """The twin for tests: same answers, gone with the process."""

    shared = False

    def __init__(self, machine: Clock = machine_now) -> None:
        self._machine = machine
        self._files: dict[FileKey, tuple[bytes, datetime]] = {}

    async def put(self, content: bytes) -> FileKey:
        key = key_of(content)
        self._files[key] = (content, self._machine())
        return key

    async def open(self, key: FileKey) -> bytes:
        if key not in self._files:
            raise FileMissing("找不到这个文件，可能已被删除")
        return self._files[key][0]

    async def delete(self, key: FileKey, *, written_before: datetime) -> bool:
        if key not in self._files or self._files[key][1] >= written_before:
            return False
        del self._files[key]
        return True

    async def keys(self, *, written_before: datetime) -> AsyncIterator[FileKey]:
        for key, (_, written_at) in list(self._files.items()):
            if written_at < written_before:
                yield key

    async def discard_unfinished(self, *, written_before: datetime) -> int:
        return 0


async def _on_disk(
    work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as error:  # full, read-only, unmounted, broken
        raise FilesUnavailable("文件暂时无法存取，请稍后再试", retry_after=30) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FileMissing("找不到这个文件，可能已被删除") from error


def _write_through(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_old(path: Path, written_before: datetime) -> bool:
    """False for what is not there."""
    try:
        return path.stat().st_mtime < written_before.timestamp()
    except FileNotFoundError:
        return False


def _branches(directory: Path) -> list[Path]:
    return list(directory.glob("[0-9a-f][0-9a-f]"))


def _old_keys(branch: Path, written_before: datetime) -> list[FileKey]:
    return [
        FileKey(path.name)
        for path in branch.glob("*/*")
        if WELL_FORMED.fullmatch(path.name) and _is_old(path, written_before)
    ]
