"""Kill -9 during a loop of submissions, then count: acknowledged, lost, duplicated.

One county on a private server with real durability; web and worker are the real processes. Residents
submit as phones do: the same key again until there is an answer.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx

from app.deadlines import calendars
from app.directory import service as directory
from app.directory.models import RegionKind
from app.infra.crypto import Keyring, new_key_setting
from app.infra.db import Database
from app.infra.embedded import EmbeddedPostgres
from app.infra.migrations import add_tenant
from app.infra.provisioning import OWNER
from app.kernel.clock import machine_now
from app.stations.models import LiaisonStation, Tier

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 6
ENOUGH = 25  # acknowledged submissions between two kills
PATIENCE = 120  # seconds


@dataclass
class Tally:
    """`acknowledged`: text → receipt, as the residents' phones know them."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    kills: int = 0
    lost: set[str] = field(default_factory=set)
    duplicated: set[str] = field(default_factory=set)
    broken_chain: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return (
            f"{self.kills} kills: acknowledged {len(self.acknowledged)}, lost {len(self.lost)}, "
            f"duplicated {len(self.duplicated)}, audit faults {len(self.broken_chain)}"
        )


class Stage:
    """The processes of one run, and how to kill and restart each."""

    def __init__(self, home: Path, settings: tuple[str, ...] = ()) -> None:
        self.server = EmbeddedPostgres(home / "pg", settings)
        self.home = home
        self.keys = {name: new_key_setting() for name in ("TOKEN_KEYS", "FIELD_KEYS", "INDEX_KEY")}
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.station_code = ""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def found(self) -> None:
        await asyncio.to_thread(self.server.start)
        await add_tenant(self.server.dsn(role=OWNER), "fault", name="故障县")
        database = self.database()
        tenant = (await database.tenants()).choose("", None)
        async with database.unit(tenant) as tx:
            await calendars.seed(tx, now=machine_now())
            town = await directory.add_region(tx, code="990001101", name="某镇", kind=RegionKind.TOWNSHIP)
            station = LiaisonStation(name="一站", tier=Tier.STATION, region_id=town.id)
            tx.add(station)
        self.station_code = station.code
        await database.close()
        admin = await asyncpg.connect(self.server.dsn(role="postgres"))
        await admin.execute("CHECKPOINT")  # whatever the settings, the county itself is on disk
        await admin.close()

    def database(self) -> Database:
        keyring = Keyring(**{name.lower(): value for name, value in self.keys.items()})
        return Database(self.server.dsn(), keyring=keyring)

    def start(self, command: str) -> None:
        environment = {
            **os.environ,
            **self.keys,
            "DATABASE_URL": self.server.dsn(),
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
            "OPINIONS_PER_STATION_HOUR": "1000000",
            "OPINIONS_PER_DEVICE_HOUR": "1000000",
            "VAR_DIR": str(self.home),
        }
        process = subprocess.Popen([sys.executable, "-m", "app", command], env=environment, cwd=ROOT)
        self.children[command] = process

    async def kill_child(self, command: str) -> None:
        child = self.children[command]
        child.send_signal(signal.SIGKILL)
        await asyncio.to_thread(child.wait)
        self.start(command)

    async def kill_postmaster(self) -> None:
        """The postmaster and every process of it at once, as when power is cut; then up again."""
        pid = int((self.server.socket.parent / "pg" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for victim in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        await asyncio.to_thread(self.server.ensure_up)

    async def ready(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE):
            while True:
                with suppress(httpx.HTTPError):
                    if (await client.get(f"{self.base}/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.1)

    async def end(self) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            await asyncio.to_thread(child.wait)
        await asyncio.to_thread(self.server.release)


@asynccontextmanager
async def staged(home: Path, settings: tuple[str, ...] = ()) -> AsyncIterator[Stage]:
    stage = Stage(home, settings)
    await stage.found()
    try:
        for command in ("serve", "work"):
            stage.start(command)
        await stage.ready()
        yield stage
    finally:
        await stage.end()


class Residents:
    """Writers that never stop, and an event for every acknowledgement."""

    def __init__(self, stage: Stage, tally: Tally) -> None:
        self.stage = stage
        self.tally = tally
        self.heard = asyncio.Condition()

    async def speak(self) -> None:
        async with httpx.AsyncClient(base_url=self.stage.base, trust_env=False, timeout=10) as client:
            while True:
                await self._one(client, f"第 {uuid4().hex} 件：水管漏水，请修一修。")

    async def _one(self, client: httpx.AsyncClient, words: str) -> None:
        key = str(uuid4())
        self.tally.tried.add(words)
        body = {"station_code": self.stage.station_code, "content": words}
        while True:
            with suppress(httpx.HTTPError):
                answer = await client.post(
                    "/api/public/v1/opinions", json=body, headers={"Idempotency-Key": key}
                )
                if answer.status_code == 201:
                    self.tally.acknowledged[words] = answer.json()["receipt"]
                    async with self.heard:
                        self.heard.notify_all()
                    return
                if answer.status_code not in (409, 503):
                    raise AssertionError(f"{answer.status_code} {answer.text}")
            await asyncio.sleep(0.05)

    async def more(self, count: int) -> None:
        """Wait until so many more have been acknowledged."""
        wanted = len(self.tally.acknowledged) + count
        async with asyncio.timeout(PATIENCE), self.heard:
            await self.heard.wait_for(lambda: len(self.tally.acknowledged) >= wanted)


Kill = Callable[[Stage], Awaitable[None]]
KILLS: dict[str, Kill] = {
    "web": lambda stage: stage.kill_child("serve"),
    "worker": lambda stage: stage.kill_child("work"),
    "postmaster": lambda stage: stage.kill_postmaster(),
}


async def campaign(stage: Stage, kind: str, kills: int) -> Tally:
    """So many kills of one kind while residents submit; then everything is counted."""
    tally = Tally()
    residents = Residents(stage, tally)
    writers = [asyncio.create_task(residents.speak()) for _ in range(WRITERS)]
    try:
        await residents.more(ENOUGH)
        for _ in range(kills):
            await KILLS[kind](stage)
            tally.kills += 1
            await residents.more(ENOUGH)
    finally:
        for writer in writers:
            writer.cancel()
        ended = await asyncio.gather(*writers, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, AssertionError):
            raise fault
    await stage.ready()
    await count(stage, tally)
    return tally


async def count(stage: Stage, tally: Tally) -> None:
    """Compare what the phones know with what the tables hold."""
    connection = await asyncpg.connect(stage.server.dsn(role=OWNER))
    rows = await connection.fetch("SELECT content, count(*) AS n FROM c_fault.opinions GROUP BY content")
    parts = await connection.fetchrow("""
        SELECT (SELECT count(*) FROM c_fault.opinions) AS opinions,
               (SELECT count(DISTINCT opinion_id) FROM c_fault.opinion_steps) AS steps,
               (SELECT count(DISTINCT subject_id) FROM c_fault.deadlines) AS clocks,
               (SELECT count(DISTINCT body->>'opinion_id') FROM c_fault.outbox) AS events""")
    await connection.close()
    held = Counter({row["content"]: row["n"] for row in rows})
    tally.lost |= {words for words in tally.acknowledged if held[words] == 0}
    tally.duplicated |= {words for words, n in held.items() if n > 1}
    assert len(set(parts.values())) == 1, f"half-written: {dict(parts)}"
    assert set(held) <= tally.tried | set(held)
