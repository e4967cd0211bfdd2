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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import jwt

from bench.county import Bench, benched, environment, seed_of_run
from bench.load import Load, cpu_seconds, pgbench, postgres_pids, wrk

ROUNDS = int(os.environ.get("ROUNDS", "5"))
BASELINE = Path(__file__).parent / "baseline"
RESULTS = Path(__file__).parent / "results.md"
ROLE = "lianluo_app_bench"
# HTTP ÷ baseline to reach with auth, visibility and audit on, one web process.
TARGETS = {"POST": 0.15, "detail": 0.06, "list": 0.08, "POST ÷ empty POST": 0.30}


@dataclass
class Series:
    """One item's rounds; `app_us`, `pg_us`: CPU microseconds a request."""

    http: list[Load] = field(default_factory=list)
    base: list[Load] = field(default_factory=list)
    app_us: list[float] = field(default_factory=list)
    pg_us: list[float] = field(default_factory=list)

    def median(self, values: list[float]) -> float:
        return statistics.median(values)

    @property
    def ratio(self) -> float:
        return statistics.median(h.rate / b.rate for h, b in zip(self.http, self.base, strict=True))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], env: dict[str, str], url: str) -> Iterator[int]:
    """A server process till the block ends; its pid."""
    process = subprocess.Popen(command, env=env)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def measured(pids: Callable[[], list[int]], act: Callable[[], Load]) -> tuple[Load, float]:
    """The load and the CPU microseconds each of its requests cost these processes."""
    before = cpu_seconds(pids())
    load = act()
    spent = cpu_seconds(pids()) - before
    return load, spent * 1e6 / max(1.0, load.rate * 3)


def rounds(bench: Bench, base: str, web: int, empty: str) -> dict[str, Series]:
    code, opinion, region = bench.station_code, bench.opinion_id, bench.region_id
    session = jwt.decode(bench.token, options={"verify_signature": False})["sid"]
    body = f'{{"station_code": "{code}", "content": "村口的水管漏水一个多月了，路面结冰，老人出行不便。%s"}}'
    known = {"code": code, "opinion": opinion, "region": region, "session": session}
    items = {
        "POST": (f"{base}/api/public/v1/opinions", None, body, "opinion_post.sql"),
        "detail": (f"{base}/api/v1/opinions/{opinion}", bench.token, None, "opinion_detail.sql"),
        "list": (f"{base}/api/v1/opinions?limit=20", bench.token, None, "opinion_list.sql"),
    }
    postmaster = int((bench.server.home / "pg" / "postmaster.pid").read_text().split()[0])
    found = {name: Series() for name in [*items, "POST ÷ empty POST"]}
    for number in range(ROUNDS):
        for name, (url, token, body_, script) in items.items():
            one, seed = found[name], seed_of_run()
            folder = bench.server.home

            def http(
                url: str = url, token: str | None = token, body_: str | None = body_, seed: str = seed
            ) -> Load:
                return wrk(url, folder=folder, seed=seed, token=token, body=body_)

            before = cpu_seconds(postgres_pids(postmaster))
            load, app_us = measured(lambda: [web], http)
            pg = cpu_seconds(postgres_pids(postmaster)) - before
            one.http.append(load)
            one.app_us.append(app_us)
            one.pg_us.append(pg * 1e6 / max(1.0, load.rate * 3))
            one.base.append(
                pgbench(bench.server.binaries, bench.server.socket, ROLE, BASELINE / script, **known)
            )
            print(
                f"round {number + 1} {name}: {load.rate:.0f}/s, refused {load.refused}, baseline {one.base[-1].rate:.0f}/s",
                flush=True,
            )
        last = found["POST ÷ empty POST"]
        last.http.append(found["POST"].http[-1])
        last.base.append(wrk(empty, folder=bench.server.home, seed=seed_of_run(), body=body))
        print(f"round {number + 1} empty POST: {last.base[-1].rate:.0f}/s", flush=True)
    return found


def report(found: dict[str, Series]) -> str:
    lines = [
        f"# Measured {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, medians of {ROUNDS} rounds",
        "",
        "One web process, wrk -t1 -c32, pgbench -M prepared -c16 -j1 on the same embedded server (fsync on).",
        "",
        "| item | HTTP/s | baseline/s | ratio | target | p50 ms | p99 ms | app CPU µs | PostgreSQL CPU µs |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        http = statistics.median(load.rate for load in one.http)
        base = statistics.median(load.rate for load in one.base)
        p50 = statistics.median(load.p50 for load in one.http)
        p99 = statistics.median(load.p99 for load in one.http)
        app = f"{statistics.median(one.app_us):.0f}" if one.app_us else "-"
        pg = f"{statistics.median(one.pg_us):.0f}" if one.pg_us else "-"
        verdict = f"≥ {TARGETS[name]} {'reached' if one.ratio >= TARGETS[name] else '**missed**'}"
        lines.append(
            f"| {name} | {http:.0f} | {base:.0f} | {one.ratio:.3f} | {verdict} | {p50:.1f} | {p99:.1f} | {app} | {pg} |"
        )
    return "\n".join(lines) + "\n"


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="lianluo-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        async with benched(Path(folder) / "pg") as bench:
            port, empty_port = free_port(), free_port()
            base, empty = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{empty_port}"
            serve = [sys.executable, "-m", "app", "serve"]
            bare = [
                sys.executable,
                "-m",
                "uvicorn",
                "bench.empty:app",
                "--port",
                str(empty_port),
                "--no-access-log",
                "--log-level",
                "warning",
            ]
            env = environment(bench, port)
            with running(serve, env, f"{base}/health/ready") as web, running(bare, env, f"{empty}/docs"):
                found = rounds(bench, base, web, f"{empty}/opinions")
    text = report(found)
    RESULTS.write_text(text)
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
