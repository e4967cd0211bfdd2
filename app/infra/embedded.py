"""A real PostgreSQL without configuration, shared by all processes that name the same home (Linux).

Two flocks of the server's place (embedded_places.py) rule the sharing; the kernel frees the lock of a
killed process, so neither goes stale:

- `lock`, exclusive: held while the server is started, repaired or stopped;
- `holders`, shared: held by every process that uses the server; who gets it exclusively is the last.

Why it is as it is: docs/decisions/0001-embedded-postgresql.md.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from app.infra.embedded_places import EmbeddedFailed, binaries, settle, socket_directory
from app.infra.embedded_server import PORT, Server
from app.infra.provisioning import APP, DATABASE, ProvisioningRefused, provision

__all__ = ["EmbeddedFailed", "EmbeddedPostgres"]

STATE = Path("/var/lib/lianluo")


@dataclass
class EmbeddedPostgres:
    """One server below `home`.

    `settings` are lines for postgresql.conf; they count when this process happens to launch the
    server. `state` is where root keeps a database whose home is closed to the server's account.
    The methods block, raise EmbeddedFailed and nothing else; in a coroutine call them through
    asyncio.to_thread. One object belongs to one process: after a fork make another.
    """

    home: Path
    settings: Sequence[str] = ()
    state: Path = STATE
    _started: Server | None = field(default=None, init=False, repr=False)
    _held: int | None = field(default=None, init=False, repr=False)

    @property
    def socket(self) -> Path:
        """The socket's directory; known once started."""
        return self._server.socket

    @property
    def binaries(self) -> Path:
        """The directory of psql, pg_dump, pg_basebackup and pgbench; known once started."""
        return self._server.binaries

    def dsn(self, database: str = DATABASE, role: str = APP) -> str:
        """A DSN for asyncpg; SQLAlchemy wants `postgresql+asyncpg` for its scheme."""
        host = quote(str(self.socket), safe="/")
        return f"postgresql://{quote(role)}@/{quote(database)}?host={host}&port={PORT}"

    def start(self) -> None:
        """Make sure the server answers and is provisioned, and note that this process uses it."""
        if self._held is not None:
            self.ensure_up()
            return
        with self._plainly():
            place = settle(self.home.resolve(), self.state)
            with place.locked():
                where = (binaries(place), socket_directory(place))
                self._started = Server(place, *where, self.settings)
                self._hold(place.open("holders"))
                self._begin()

    def ensure_up(self) -> bool:
        """Bring a dead server back; True if it was this call that launched it.

        For a watchdog in every process, each second or slower (an answering server costs one run of
        pg_isready). Any number may call at once: one launches, the others wait and find it up. A
        server that lives but does not answer (recovery) is waited for, up to PATIENCE.
        """
        server = self._server
        with self._plainly():
            if server.accepts():
                return False
            with server.place.locked():
                return server.bring_up()

    def release(self) -> None:
        """Use the server no more; the last user stops it. Without a start before it: nothing."""
        if self._held is not None:
            with self._plainly(), self._server.place.locked():
                self._let_go()

    @property
    def _server(self) -> Server:
        if self._started is None:
            raise EmbeddedFailed("the embedded PostgreSQL has not been started by this process")
        return self._started

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EmbeddedFailed(f"embedded PostgreSQL in {self.home}: {error}") from error

    def _hold(self, holders: int) -> None:
        self._held = holders
        fcntl.flock(holders, fcntl.LOCK_SH)

    def _let_go(self) -> None:
        held, self._held = self._held, None
        assert held is not None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._server.stop()
        except BlockingIOError:
            pass  # another process still uses it
        finally:
            os.close(held)

    def _begin(self) -> None:
        try:
            if not self._server.exists():
                self._server.initialise()
            self._server.bring_up()
            self._provision()
        except BaseException:  # Ctrl-C too: nobody would stop the server otherwise
            with suppress(EmbeddedFailed):
                self._let_go()
            raise

    def _provision(self) -> None:
        admin = self.dsn("postgres", "postgres")
        try:
            with ThreadPoolExecutor(1) as thread:  # the caller's own may be inside a running loop
                thread.submit(lambda: asyncio.run(provision(admin))).result()
        except ProvisioningRefused as error:
            raise EmbeddedFailed(str(error)) from error
