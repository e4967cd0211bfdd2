"""Where a tenant's files are: one store a tenant, below one directory that all hosts share.

Several hosts with a directory each would lose photos one by one: what one host stored, the other does not
find. Nobody can tell a shared mount from a local directory by looking at it, so the directory is marked:
a random mark lies in it, and the same mark is in the registry. The first process of the installation sets
both; whoever finds another mark, or none, in its directory refuses to start (design.md 3.15).
"""

import asyncio
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from app.adapters.files import FileStore, LocalFiles
from app.infra.db import Database, sql
from app.kernel.clock import machine_now

MARK = "lianluo-files.mark"
KNOWN = text("SELECT mark, claimed_by FROM platform.file_directory")
CLAIM = text("""
    INSERT INTO platform.file_directory (id, mark, claimed_by, claimed_at) VALUES (1, :mark, :host, :at)
    ON CONFLICT (id) DO NOTHING""")


class DirectoryNotShared(RuntimeError):
    """This host's directory is not the installation's; the message tells the operator what to do."""


@dataclass
class Stores:
    """`root` is one directory all processes share; each county has its own below it."""

    root: Path
    shared: bool = False
    _open: dict[str, FileStore] = field(default_factory=dict)

    def of(self, slug: str) -> FileStore:
        if slug not in self._open:
            self._open[slug] = LocalFiles(self.root / slug, shared=self.shared)
        return self._open[slug]

    async def confirm(self, database: Database) -> None:
        """See that this is the installation's directory, or make it so. Raises DirectoryNotShared."""
        async with database.platform() as tx:
            known = (await sql(tx, KNOWN)).first()
            if known is None:
                facts = {"host": socket.gethostname(), "at": machine_now()}
                mark = await asyncio.to_thread(_marked, self.root / MARK)
                await sql(tx, CLAIM, {**facts, "mark": mark})
                known = (await sql(tx, KNOWN)).one()
        if await asyncio.to_thread(_read, self.root / MARK) != known.mark:
            raise DirectoryNotShared(
                f"{self.root} 不是本系统存放照片的目录（首次由 {known.claimed_by} 登记）。"
                f"多台主机须共用一个目录：请把 FILES_DIR 指向它。"
                f"目录确已搬迁的，把 {known.mark} 写入 {self.root / MARK}。"
                f" {self.root} is not this installation's FILES_DIR; all hosts must mount the same one."
            )
        self.shared = True
        self._open.clear()


def _marked(path: Path) -> UUID:
    """The mark that lies there, or a new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(path) or _rewritten(path)
    with os.fdopen(descriptor, "w") as file:
        return _write(file.fileno())


def _rewritten(path: Path) -> UUID:
    """A mark cut short by a power failure, before anything was claimed with it."""
    with path.open("w") as file:
        return _write(file.fileno())


def _write(descriptor: int) -> UUID:
    mark = uuid4()
    os.write(descriptor, f"{mark}\n".encode())
    os.fsync(descriptor)
    return mark


def _read(path: Path) -> UUID | None:
    try:
        return UUID(path.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
