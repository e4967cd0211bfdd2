"""`make soak`: the suggestion machine for 200,000 steps, walk after walk, each from another seed.

    python -m tests.suggestions.soak [steps] [seed]

A walk that disagrees with its model ends the run with its seed; the same seed goes the same way again.
"""

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from app.infra.embedded import EmbeddedPostgres
from tests.conftest import ROOT, Dsns, _drop, _make, _on
from tests.suggestions.coverage import Coverage
from tests.suggestions.rig import walking

STEPS = 200_000
OF_A_WALK = 2_000
UNSYNCED = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def main() -> None:
    given = [int(word) for word in sys.argv[1:3]]
    steps = given[0] if given else STEPS
    seed = given[1] if len(given) > 1 else int(time.time())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    server = EmbeddedPostgres(ROOT / "var" / "soak-pg", UNSYNCED)
    server.start()
    try:
        soak(server.dsn("postgres", "postgres"), steps, seed)
    finally:
        server.release()


def soak(admin: str, steps: int, seed: int) -> None:
    name = f"soak_{os.getpid()}"
    asyncio.run(_make(admin, name))
    dsns = Dsns(_on(admin, name), _on(admin, name, "lianluo_owner"), _on(admin, name, "lianluo_app"))
    reached = Coverage()
    try:
        while reached.steps < steps:
            walk_on(dsns, reached, seed, min(OF_A_WALK, steps - reached.steps))
            seed += 1
    finally:
        asyncio.run(_drop(admin, name))
    say(reached.printed())
    reached.check(least=steps)


def walk_on(dsns: Dsns, reached: Coverage, seed: int, steps: int) -> None:
    say(f"{reached.steps} steps; seed {seed}")
    with TemporaryDirectory() as var, walking(dsns, Path(var), reached) as walk:
        walk.begin(seed)
        for _ in range(steps):
            walk.step(seed)
        walk.verify()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
