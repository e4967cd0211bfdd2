"""`python -m app demo`: everything on one machine, till Ctrl-C.

This process holds the embedded PostgreSQL; the fakes, web and worker are its children and are
started again when they die. When this process dies itself, they notice and end.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import Process as Child
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from app.demo.fakes import environment_of
from app.demo.greeting import greet
from app.demo.keys import demo_keys
from app.demo.start import seed_once
from app.demo.wechat import APPID, SECRET, TEMPLATES
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.embedded import EmbeddedPostgres
from app.infra.logs import configure
from app.infra.migrations import add_tenant, migrate_all
from app.infra.provisioning import OWNER

TENANT = "demo"
COUNTY = "示例县"
READY_SECONDS = 90
PORT_SECONDS = 5
GRACE_SECONDS = 30

console = Console()


async def run(var: Path, host: str, port: int) -> int:
    """Start, wait, supervise, stop. Returns the exit code."""
    configure("WARNING", pretty=True)
    if not await _port_is_free(host, port):
        console.print(f"[bold]端口 {port} 已被占用[/]，请换一个，例如：PORT={port + 1} make run")
        console.print(f"Port {port} is taken; choose another: PORT={port + 1} make run")
        return 1
    server = EmbeddedPostgres(var / "postgres")
    console.print("启动内嵌 PostgreSQL …")
    await asyncio.to_thread(server.start)
    try:
        keys = demo_keys(var)
        base = f"http://{host}:{port}"
        if not (var / "demo.json").exists():
            await _furnish(server, var, keys, base)
        supervisor = Supervisor(_environment(var, host, port, keys), base, var)
        # On later starts the web process loads while we migrate: it needs longer than that.
        _, code = await asyncio.gather(_furnish(server, var, keys, base), supervisor.run())
        return code
    finally:
        await asyncio.to_thread(server.release)


async def _port_is_free(host: str, port: int) -> bool:
    """Waits a little: children of a killed demo need a second to notice and leave."""
    for _ in range(PORT_SECONDS * 5):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                await asyncio.sleep(0.2)
            else:
                return True
    return False


async def _furnish(server: EmbeddedPostgres, var: Path, keys: dict[str, str], base: str) -> None:
    """Migrate, and fill the county on the first start; later starts only renew the addresses."""
    owner = server.dsn(role=OWNER)
    if f"c_{TENANT}" not in await migrate_all(owner):
        await add_tenant(owner, TENANT, name=COUNTY)
    database = Database(server.dsn(), keyring=Keyring(**{k.lower(): v for k, v in keys.items()}))
    try:
        tenant = (await database.tenants()).choose("", None)
        await seed_once(database, tenant, var, base)
    finally:
        await database.close()


def _environment(var: Path, host: str, port: int, keys: dict[str, str]) -> dict[str, str]:
    wechat_port, mail_port = _free_ports(2)
    wechat = f"http://127.0.0.1:{wechat_port}"
    return {
        **os.environ,
        **keys,
        **environment_of(wechat, mail_port),
        "DEMO": "true",
        "HOST": host,
        "PORT": str(port),
        "VAR_DIR": str(var),
        "WECHAT_API_BASE": wechat,
        "WECHAT_APPID": APPID,
        "WECHAT_SECRET": SECRET,
        "WECHAT_TEMPLATE_DUE_SOON": TEMPLATES["due_soon"],
        "WECHAT_TEMPLATE_OVERDUE": TEMPLATES["overdue"],
        "WECHAT_LONG_TERM": "true",
        "WEBHOOK_ALLOW_PRIVATE": "true",  # a receiver on this machine is the only one a demo has
        "LIANLUO_PARENT": str(os.getpid()),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as open_:
        probes = [open_.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@dataclass
class Supervisor:
    """The children of one demo, kept alive till a signal."""

    environment: dict[str, str]
    base: str
    var: Path
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, self.stopping.set)
        keepers = [self._keeper("app.demo.fakes"), self._keeper("app", "serve")]
        ready = await self._ready()
        if ready:
            keepers.append(self._keeper("app", "work"))
            self._greet()
            await self.stopping.wait()
            console.print("正在停止 …")
        self.stopping.set()
        await asyncio.gather(*keepers)
        return 0 if ready else 1

    def _keeper(self, *command: str) -> asyncio.Task[None]:
        return asyncio.create_task(self._keep(command))

    async def _keep(self, command: tuple[str, ...]) -> None:
        """Run `python -m <command>`; start it again if it dies, end it when we stop."""
        while not self.stopping.is_set():
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *command, env=self.environment, start_new_session=True
            )
            ended = asyncio.create_task(child.wait())
            stopped = asyncio.create_task(self.stopping.wait())
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if self.stopping.is_set():
                await _end(child)
            else:
                console.print(f"{command[-1]} 意外退出（{child.returncode}），重新启动 …")
                await asyncio.sleep(0.5)

    async def _ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(READY_SECONDS * 5):
                if self.stopping.is_set():
                    return False
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.get(f"{self.base}/health/ready")
                    if answer.status_code == 200:
                        return True
                await asyncio.sleep(0.2)
        console.print("启动超时，请查看上面的日志")
        return False

    def _greet(self) -> None:
        greet(self.var / "demo.json")


async def _end(child: Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), GRACE_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
