"""The real server on a free port, on a county of the test database, for a real browser.

It runs in a thread with its own event loop: the browser's driver wants the main thread for itself.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import uvicorn

from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.main import create_app
from app.settings import Settings
from app.tables import tenant_metadata
from app.uploads.storage import Stores
from tests.conftest import KEPT, KEYS, Dsns, MovableClock
from tests.people import County, found_county, get, post

Answer = TypeVar("Answer")
HOST = "alpha.test"  # the browser is told to find it on this machine


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class Site:
    """`base` is the address; `clock` moves its business time; `database` belongs to its loop: use `run`."""

    def __init__(self, dsns: Dsns, files: Path) -> None:
        self.clock = MovableClock()
        self._dsns = dsns
        self._files = files
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        self._thread.start()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.base = f"http://{HOST}:{self.port}"
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do it where the server runs, and wait for the answer."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def act(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """That person's POST, or GET without a body, to the API; the answer's JSON."""

        async def call() -> Any:
            headers = {"Host": HOST}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", headers=headers) as client:
                token = self.county[who]
                answer = await (get(client, path, token) if body is None else post(client, path, token, body))
            assert answer.is_success, answer.text
            return answer.json()

        return self.run(call())

    def stop(self) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._socket.close()

    async def _start(self) -> None:
        self.database = Database(self._dsns.app, keyring=Keyring(**KEYS), pool_size=5)
        settings = Settings(_env_file=None, var_dir=self._files, demo=True, **KEYS)  # type: ignore[call-arg,arg-type]
        app = create_app(
            settings, self.database, now=self.clock, outside={Stores: Stores(self._files / "files")}
        )
        self.tenant: Tenant = (await self.database.tenants()).choose("alpha.test", None)
        self.county: County = await found_county(self.database, self.tenant)
        self._server = _Server(uvicorn.Config(app, log_config=None, access_log=False))
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.listening.wait()

    async def _stop(self) -> None:
        self._server.should_exit = True
        await self._serving
        await self.database.close()
        connection = await asyncpg.connect(self._dsns.owner)
        tables = [f"c_alpha.{t.name}" for t in tenant_metadata.sorted_tables if t.name not in KEPT]
        await connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        await connection.close()
