"""A county of its own for the machine: one loop, one application, everything as found afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import httpx

from app.infra.crypto import Keyring
from app.infra.db import Database
from app.settings import Settings
from tests.conftest import EMPTY, KEYS, Dsns, MovableClock, app_with
from tests.suggestions.coverage import Coverage
from tests.suggestions.machine import Machine

VERIFIED_EVERY = 50
# Announced years are the machine's alone: the next test finds the calendar as it was seeded.
SEEDED = """
    DELETE FROM calendar_days WHERE day >= '2027-01-01';
    DELETE FROM calendar_years WHERE year >= 2027;
    DELETE FROM calendar_versions WHERE version > 1"""


@asynccontextmanager
async def machine(dsns: Dsns, var: Path, coverage: Coverage) -> AsyncIterator[Machine]:
    database = Database(dsns.app, keyring=Keyring(**KEYS), pool_size=5)
    tenant = (await database.tenants()).choose("alpha.test", None)
    rows = await asyncpg.connect(dsns.admin)
    await rows.execute("SET search_path TO c_alpha, ext")
    clock = MovableClock()
    settings = Settings(_env_file=None, var_dir=var, **KEYS)  # type: ignore[call-arg,arg-type]
    transport = httpx.ASGITransport(app_with(settings, database, now=clock))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://alpha.test") as client:
            yield Machine(database, tenant, rows, client, clock, coverage)
    finally:
        await rows.execute(EMPTY)
        await rows.execute(SEEDED)
        await rows.close()
        await database.close()


class Walk:
    """The machine driven from outside a loop, a step at a time."""

    def __init__(self, dsns: Dsns, var: Path, coverage: Coverage | None = None) -> None:
        self._runner = asyncio.Runner()
        self._context = machine(dsns, var, coverage or Coverage())
        self.machine = self._runner.run(self._context.__aenter__())
        self._taken = 0

    def begin(self, seed: object, known: Coverage | None = None, *, wanted: str | None = None) -> None:
        self._runner.run(self.machine.begin(Random(f"{seed}"), known, wanted=wanted))

    def step(self, seed: int) -> None:
        """`seed` decides together with the number of the step: equal seeds are not equal steps."""
        self._taken += 1
        self._runner.run(self.machine.step(Random(f"{seed}/{self._taken}")))
        if self._taken % VERIFIED_EVERY == 0:
            self.verify()

    def verify(self) -> None:
        self._runner.run(self.machine.verify())

    def run(self, act: Callable[[Machine], Any]) -> Any:
        return self._runner.run(act(self.machine))

    def close(self) -> None:
        try:
            self._runner.run(self._context.__aexit__(None, None, None))
        finally:
            self._runner.close()


@contextmanager
def walking(dsns: Dsns, var: Path, coverage: Coverage | None = None) -> Iterator[Walk]:
    walk = Walk(dsns, var, coverage)
    try:
        yield walk
    finally:
        walk.close()
