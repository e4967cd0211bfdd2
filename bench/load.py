"""Load by wrk (Debian's package) and pgbench (from the wheel); CPU from /proc."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
SECONDS = 3
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """`rate`: answers 2xx a second; `p50`, `p99`: milliseconds."""

    rate: float
    p50: float
    p99: float
    refused: int


LUA = """
local n = 0
local thread_id = 0
local count = 0
function setup(thread) thread:set("thread_id", count); count = count + 1 end
wrk.method = "{method}"
{headers}
request = function()
  n = n + 1
  local key = string.format("{seed}%02x%014x", thread_id, n)
  {body}
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status))
end
"""
POST_BODY = """
  wrk.headers["Idempotency-Key"] = key
  return wrk.format(nil, nil, nil, string.format('{body}', key))
"""


def wrk(url: str, *, folder: Path, seed: str, token: str | None = None, body: str | None = None) -> Load:
    """`body` is a JSON template with one %s for what makes each request its own."""
    headers = ['wrk.headers["Content-Type"] = "application/json"']
    if token:
        headers.append(f'wrk.headers["Authorization"] = "Bearer {token}"')
    act = POST_BODY.replace("{body}", body) if body else "  return wrk.format(nil, nil)"
    script = LUA.format(method="POST" if body else "GET", headers="\n".join(headers), seed=seed, body=act)
    lua = folder / "load.lua"
    lua.write_text(script)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(lua), url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", out)
    if found is None:
        raise RuntimeError(out)
    requests, micros, p50, p99, refused = map(int, found.groups())
    return Load((requests - refused) / (micros / 1e6), p50 / 1000, p99 / 1000, refused)


def pgbench(binaries: Path, socket: Path, role: str, script: Path, **variables: str) -> Load:
    """The same rows by prepared statements, 16 clients, one thread."""
    text = script.read_text()
    for name, value in variables.items():
        text = text.replace(f":{name}", value)
    filled = script.parent / f".{script.stem}.filled.sql"
    filled.write_text(text)
    command = [str(binaries / "pgbench"), "-h", str(socket), "-U", role, "-n", "-M", "prepared"]
    command += ["-c16", "-j1", f"-T{SECONDS}", "-f", str(filled), "lianluo"]
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    finally:
        filled.unlink()
    rate = re.search(r"tps = ([\d.]+)", out)
    latency = re.search(r"latency average = ([\d.]+)", out)
    if rate is None or latency is None:
        raise RuntimeError(out)
    return Load(float(rate[1]), float(latency[1]), float("nan"), 0)


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes and what they have reaped."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def postgres_pids(postmaster: int) -> list[int]:
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]
