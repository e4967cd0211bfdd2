"""What the tests of the embedded PostgreSQL share: a place, questions, a hard end."""

import asyncio
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from app.infra.embedded import EmbeddedPostgres


@contextmanager
def open_directory() -> Iterator[Path]:
    """A directory any account may enter (pytest's own is closed), with a space in its path."""
    path = Path(tempfile.mkdtemp(prefix="lianluo test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


class Starter:
    """Starts servers, and releases them in the end, whatever happened to them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.begun: list[EmbeddedPostgres] = []

    def __call__(self, home: Path | None = None, **options: Any) -> EmbeddedPostgres:
        server = EmbeddedPostgres(home or self.home, **options)
        self.begun.append(server)
        server.start()
        return server

    def release_all(self) -> None:
        for server in self.begun:
            server.release()


def ask(server: EmbeddedPostgres, question: str, *, role: str = "postgres") -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(server.dsn(role=role))
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def root_of(server: EmbeddedPostgres) -> Path:
    return server._server.place.root


def is_alive(server: EmbeddedPostgres) -> bool:
    return server._server.alive()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((root_of(server) / "pg/postmaster.pid").read_text().split()[0])


def end_hard(server: EmbeddedPostgres) -> None:
    """kill -9 the postmaster, and wait for its end; its orphans may live a moment longer."""
    watched = os.pidfd_open(postmaster(server))
    signal.pidfd_send_signal(watched, signal.SIGKILL)
    select.select([watched], [], [])
    os.close(watched)
