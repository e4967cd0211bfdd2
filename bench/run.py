"""`make bench`: HTTP beside pgbench on the same server, alternating; medians of five rounds and more.

Writes bench/results.md. A figure means something only beside its baseline of the same run.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import jwt

from bench.county import Bench, benched, environment, seed_of_run
from bench.load import SECONDS, Load, cpu_seconds, pgbench, postgres_pids, wrk

ROUNDS = int(os.environ.get("ROUNDS", "5"))
BASELINE = Path(__file__).parent / "baseline"
RESULTS = Path(__file__).parent / "results.md"
ROLE = "lianluo_app_bench"
EMPTY = "POST ÷ empty POST"
# HTTP ÷ baseline to reach with auth, visibility and audit on, one web process.
TARGETS = {"POST": 0.15, "detail": 0.06, "list": 0.08, EMPTY: 0.30}


@dataclass(frozen=True)
class Item:
    """One request and the statements that do the same."""

    url: str
    script: str
    token: str | None = None
    body: str | None = None


@dataclass
class Series:
    """One item's rounds; `app_us`, `pg_us`: CPU microseconds a request."""

    http: list[Load] = field(default_factory=list)
    base: list[Load] = field(default_factory=list)
    app_us: list[float] = field(default_factory=list)
    pg_us: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        pairs = zip(self.http, self.base, strict=True)
        return statistics.median(http.rate / base.rate for http, base in pairs)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], env: dict[str, str], url: str) -> Iterator[int]:
    """A server process till the block ends; its pid."""
    process = subprocess.Popen(command, env=env)
    try:
        _wait_for(url)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


class Rounds:
    """Every item in turn, HTTP then baseline, so that both see the same neighbours."""

    def __init__(self, bench: Bench, base: str, web: int, empty: str) -> None:
        session = jwt.decode(bench.token, options={"verify_signature": False})["sid"]
        self.bench, self.web, self.empty = bench, web, empty
        self.known = {
            "code": bench.station_code,
            "opinion": bench.opinion_id,
            "region": bench.region_id,
            "session": session,
        }
        words = "村口的水管漏水一个多月了，路面结冰，老人出行不便。%s"
        self.body = f'{{"station_code": "{bench.station_code}", "content": "{words}"}}'
        staff = f"{base}/api/v1/opinions"
        self.items = {
            "POST": Item(f"{base}/api/public/v1/opinions", "opinion_post.sql", body=self.body),
            "detail": Item(f"{staff}/{bench.opinion_id}", "opinion_detail.sql", token=bench.token),
            "list": Item(f"{staff}?limit=20", "opinion_list.sql", token=bench.token),
        }
        pid_file = bench.server.socket.parent / "pg" / "postmaster.pid"
        self.postmaster = int(pid_file.read_text().split()[0])
        self.found = {name: Series() for name in [*self.items, EMPTY]}

    def run(self) -> dict[str, Series]:
        for number in range(1, ROUNDS + 1):
            for name, item in self.items.items():
                self._measure(self.found[name], item)
                one = self.found[name]
                print(
                    f"round {number} {name}: {one.http[-1].rate:.0f}/s, refused {one.http[-1].refused}, "
                    f"baseline {one.base[-1].rate:.0f}/s",
                    flush=True,
                )
            last = self.found[EMPTY]
            last.http.append(self.found["POST"].http[-1])
            last.base.append(self._wrk(Item(self.empty, "", body=self.body)))
            print(f"round {number} empty POST: {last.base[-1].rate:.0f}/s", flush=True)
        return self.found

    def _measure(self, one: Series, item: Item) -> None:
        app, servers = cpu_seconds([self.web]), self._postgres_seconds()
        load = self._wrk(item)
        requests = max(1.0, load.rate * SECONDS)
        one.http.append(load)
        one.app_us.append((cpu_seconds([self.web]) - app) * 1e6 / requests)
        one.pg_us.append((self._postgres_seconds() - servers) * 1e6 / requests)
        server = self.bench.server
        script = BASELINE / item.script
        one.base.append(pgbench(server.binaries, server.socket, ROLE, script, **self.known))

    def _postgres_seconds(self) -> float:
        return cpu_seconds(postgres_pids(self.postmaster))

    def _wrk(self, item: Item) -> Load:
        folder = Path(tempfile.gettempdir())
        return wrk(item.url, folder=folder, seed=seed_of_run(), token=item.token, body=item.body)


def report(found: dict[str, Series]) -> str:
    lines = [
        f"# Measured {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, medians of {ROUNDS} rounds",
        "",
        "One web process, wrk -t1 -c32; pgbench -M prepared -c16 -j1 on the same embedded server, fsync on.",
        "",
        "| item | HTTP/s | baseline/s | ratio | target | p50 ms | p99 ms | app CPU µs | PostgreSQL CPU µs |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(name, one) for name, one in found.items()),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, one: Series) -> str:
    http = statistics.median(load.rate for load in one.http)
    base = statistics.median(load.rate for load in one.base)
    p50 = statistics.median(load.p50 for load in one.http)
    p99 = statistics.median(load.p99 for load in one.http)
    app = f"{statistics.median(one.app_us):.0f}" if one.app_us else "-"
    pg = f"{statistics.median(one.pg_us):.0f}" if one.pg_us else "-"
    verdict = "reached" if one.ratio >= TARGETS[name] else "**missed**"
    return (
        f"| {name} | {http:.0f} | {base:.0f} | {one.ratio:.3f} | ≥ {TARGETS[name]} {verdict} "
        f"| {p50:.1f} | {p99:.1f} | {app} | {pg} |"
    )


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lianluo-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        async with benched(Path(folder) / "pg") as bench:
            text = report(_measured(bench))
    RESULTS.write_text(text)
    print(text)


def _measured(bench: Bench) -> dict[str, Series]:
    port, empty_port = free_port(), free_port()
    base, empty = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{empty_port}"
    serve = [sys.executable, "-m", "app", "serve"]
    bare = [sys.executable, "-m", "uvicorn", "bench.empty:app", "--port", str(empty_port)]
    bare += ["--no-access-log", "--log-level", "warning"]
    env = environment(bench, port)
    with running(serve, env, f"{base}/health/ready") as web, running(bare, env, f"{empty}/docs"):
        return Rounds(bench, base, web, f"{empty}/opinions").run()


if __name__ == "__main__":
    asyncio.run(main())
