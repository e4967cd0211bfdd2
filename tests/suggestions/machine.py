"""The whole workflow walked at random against its model: one step at a time, checked after each.

A step is somebody's attempt (or two at once, or time passing, or a year announced). The model says
beforehand whether it succeeds and what stands in the file after; the database must agree. What is
refused, and what dies before its commit, leaves no row behind.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from app.alerts.jobs import cross_lines
from app.deadlines.jobs import recount
from app.infra.audit import seal
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.kernel.errors import DomainError, NotFound
from app.kernel.ids import new_id
from app.operations.verification import CHECKS
from app.suggestions import queries
from tests.conftest import NOW, MovableClock
from tests.people import post
from tests.suggestions import acting, file, happening, racing, writing
from tests.suggestions.cast import Cast, assemble
from tests.suggestions.coverage import Coverage
from tests.suggestions.desk import DRAFT
from tests.suggestions.expected import home_of
from tests.suggestions.expecting import Doing
from tests.suggestions.explaining import explained
from tests.suggestions.file import File
from tests.suggestions.matching import facts_of, stored
from tests.suggestions.model import DEAD, EVERYBODY, Attempt, Matter, World
from tests.suggestions.projecting import read_by_units
from tests.suggestions.seeking import Seeker

ALIVE = 7
HIDDEN = {
    "evaluation",
    "rejection-decision.stand",
    "rejection-decision.conference",
    "conference-record.closed",
    "closure",
    "publication",
    "withdrawal",
    "withdrawal-consent",
    "withdrawal-talk",
}
SCAN = """
    INSERT INTO uploads (id, owner, source_sha256, sha256, thumbnail_sha256, media_type, width, height, state,
                         created_at)
    VALUES ($1, $2, $3, $4, $4, 'image/jpeg', 1, 1, 'pending', $5)"""
NO_FILE = File("gone", UUID(int=0), 0, [], [], [], [], [], [], {}, [])


@dataclass
class Machine:
    database: Database
    tenant: Tenant
    rows: asyncpg.Connection
    client: httpx.AsyncClient
    clock: MovableClock
    coverage: Coverage
    cast: Cast = field(init=False)
    world: World = field(init=False)
    ids: list[UUID] = field(default_factory=list)
    seeker: Seeker = field(init=False)
    racing: float = 0.04  # how often two act at once

    async def begin(self, rng: Random, known: Coverage | None = None, *, wanted: str | None = None) -> None:
        """`known`: what need not be sought again; `wanted`: an act to try again and again."""
        self.cast = await assemble(self.database, self.tenant)
        self.clock.now = NOW
        self.world = World(NOW, authorised=("extension",))
        seen = Coverage(Counter(known.seen), set(known.by_http)) if known else Coverage()
        self.seeker = Seeker(self.world, seen, wanted=wanted)
        await self.authorise()
        await self.create(rng)

    async def authorise(self) -> None:
        """主席团授权: the office decides on extensions alone."""
        span = {"valid_from": "2026-01-01", "valid_until": "2039-12-31", "minutes_no": "纪要〔2026〕1号"}
        body = {"congress_id": str(self.cast.county.congress_id), "act": "extension", **span}
        granted = await post(self.client, "/api/v1/standing-authorisations", self.cast.county["chen"], body)
        assert granted.status_code == 201, granted.text

    # One step

    async def step(self, rng: Random) -> None:
        kinds: list[tuple[float, str, Callable[[Random], Awaitable[bool]]]] = [
            (0.74, "act", self.somebody_acts),
            (0.5 if self.alive() < ALIVE else 0.01, "create", self.create),
            (0.07, "time", partial(happening.time_passes, self)),
            (0.05, "sweep", partial(happening.silence_is_noted, self)),
            (self.racing, "race", partial(racing.two_act_at_once, self)),
            (0.02, "crash", partial(racing.it_dies_before_the_commit, self)),
            (0.01, "rules", partial(happening.rules_change, self)),
            (0.01, "pause", partial(happening.a_clock_is_paused, self)),
        ]
        weights = [weight for weight, _, _ in kinds]
        [(_, name, take)] = rng.choices(kinds, weights)
        succeeded = await take(rng)
        self.coverage.tried(name, succeeded=succeeded)
        await self.only_those_who_may_find_it(rng)

    def alive(self) -> int:
        return sum(not matter.gone and matter.state not in DEAD for matter in self.world.matters)

    async def create(self, rng: Random) -> bool:
        """A draft, by the delegate or entered for her."""
        signers = rng.choice([[], ["erin", "frank"], ["frank", "erin"]])
        proxied = rng.random() < 0.15
        body: dict[str, Any] = {**DRAFT, "cosigner_ids": [str(self.cast.county.seats[n]) for n in signers]}
        matter = Matter("alice", proxied=proxied, confidential=rng.random() < 0.15)
        body["confidential"] = matter.confidential
        matter.signers = dict.fromkeys(signers)
        if proxied:
            alice = str(self.cast.county.seats["alice"])
            body |= {"on_behalf_of": alice, "proxy": {"basis": "signed_paper", "witness": "李四"}}
        who = self.cast.county["carol" if proxied else "alice"]
        made = await post(self.client, "/api/v1/suggestions", who, body)
        assert made.status_code == 201, made.text
        self.world.matters.append(matter)
        self.ids.append(UUID(made.json()["id"]))
        self.coverage.by_http.add("draft")
        self.seeker.coverage.by_http.add("draft")
        await self.agrees(len(self.ids) - 1)
        return True

    async def somebody_acts(self, rng: Random) -> bool:
        attempt, foreseen = self.seeker.promising(rng)
        http = rng.random() < 0.02 or self.seeker.new_by_http(foreseen)
        repeat = rng.random() < 0.4
        units = await self.units_read(attempt) if foreseen and attempt.act in HIDDEN else None
        before = await self.counts()
        refusal: object
        if http:
            refusal = await self.by_http(attempt, foreseen, repeat=repeat)
        else:
            refusal = await self.directly(attempt, await self.file(attempt.matter))
        assert (refusal is None) == (foreseen is not None), self.quarrel(attempt, foreseen, refusal)
        self.remember(attempt, foreseen)
        await self.agrees(attempt.matter, attempt)
        if refusal is not None:
            assert await self.counts() == before, f"a refused {attempt} left rows behind"
        if units is not None and self.world.matters[attempt.matter].state != "withdrawn":
            assert await self.units_read(attempt) == units, f"a unit can tell of {attempt}"
        return refusal is None

    def remember(self, attempt: Attempt, foreseen: Doing | None) -> None:
        told = self.seeker.told(attempt, foreseen)
        self.coverage.note(told)
        self.seeker.note(attempt, foreseen)
        if foreseen is None:
            return
        self.world.matters[attempt.matter] = foreseen.matter
        for kind, *place in told:
            if kind == "mark":
                home = home_of(self.world, foreseen.matter)
                home.duties[int(place[0])].judged_for.add(attempt.matter)

    # Ways of asking

    async def directly(
        self, attempt: Attempt, known: File, asked: writing.Asked | None = None
    ) -> DomainError | None:
        asked = asked or await self.asked(attempt, known)
        return await acting.directly(
            self.database, self.tenant, self.cast, attempt, asked, self.ids[attempt.matter], self.clock.now
        )

    async def asked(self, attempt: Attempt, known: File) -> writing.Asked:
        scan = await self.scanned(attempt.who) if attempt.args.get("consent") else writing.NOBODY
        by = writing.Writing(self.cast, attempt, known, self.ids, self.clock, scan)
        return writing.WRITTEN[attempt.act](by)

    async def scanned(self, who: str) -> UUID:
        """A scan that this person has just sent: the row of it, the picture is nobody's business here."""
        owner, id = self.cast.actors[who].label, new_id()
        await self.rows.execute(SCAN, id, owner, id.bytes, id.hex, machine_now())
        return id

    async def by_http(self, attempt: Attempt, foreseen: Doing | None, *, repeat: bool) -> str | None:
        """The refusal's code. A repeated request gets the same answer and does nothing more."""
        asked, key = await self.asked(attempt, await self.file(attempt.matter)), str(uuid4())
        id = self.ids[attempt.matter]
        answer = await acting.by_http(self.client, self.cast, attempt, asked, id, key=key)
        if answer.is_error:
            assert 400 <= answer.status_code < 500, answer.text
            assert answer.json()["detail"]
            return f"{answer.status_code} {answer.json()['code']}"
        reached = {edge[2] for edge in self.seeker.told(attempt, foreseen) if len(edge) == 4}
        reached |= {foreseen.matter.state} if foreseen else set()
        self.coverage.by_http |= reached
        self.seeker.coverage.by_http |= reached
        if repeat and asked.method == "POST":
            before = await self.counts()
            again = await acting.by_http(self.client, self.cast, attempt, asked, id, key=key)
            assert (again.status_code, again.content) == (answer.status_code, answer.content)
            assert await self.counts() == before, f"a repeated {attempt} did more"
        return None

    # Agreement

    async def agrees(self, place: int, after: Attempt | None = None) -> None:
        found, expected = await self.stored(place), facts_of(self.world.matters[place])
        assert found == expected, f"after {after}:\n{found}\n{expected}"

    async def file(self, place: int) -> File:
        found = await file.read(self.rows, self.ids[place])
        return found or NO_FILE

    async def stored(self, place: int) -> dict[str, Any]:
        return stored(self.cast, await file.read(self.rows, self.ids[place]))

    async def counts(self) -> tuple[int, ...]:
        return await file.counts(self.rows)

    async def units_read(self, attempt: Attempt) -> Any:
        id = self.ids[attempt.matter]
        matter = home_of(self.world, self.world.matters[attempt.matter])
        return await read_by_units(self.database, self.tenant, self.cast, matter, id)

    async def only_those_who_may_find_it(self, rng: Random) -> None:
        place, who = rng.randrange(len(self.ids)), rng.choice(EVERYBODY)
        async with self.database.unit(self.tenant, write=False) as tx:
            try:
                await queries.seen(tx, self.ids[place], self.cast.actors[who])
                found = True
            except NotFound:
                found = False
        assert found == self.world.matters[place].seen_by(who), f"{who} and {self.world.matters[place]}"

    def quarrel(self, attempt: Attempt, foreseen: Doing | None, refusal: object) -> str:
        matter = self.world.matters[attempt.matter]
        word = "refused" if foreseen is None else "done"
        return f"{attempt} should be {word}, was {refusal or 'done'}: {matter}"

    async def jobs(self) -> None:
        for job in (recount, cross_lines, seal):
            done = 1
            while done:
                async with self.database.unit(self.tenant) as tx:
                    done = await job(tx, self.clock.now)

    async def verify(self) -> None:
        """Every invariant, and every matter against its model."""
        await self.invariants()
        for place, matter in enumerate(self.world.matters):
            await self.agrees(place)
            if not matter.gone and matter.state not in DEAD:
                await explained(self, place)

    async def invariants(self) -> None:
        """Those of `python -m app verify`, after the jobs that it presumes."""
        await self.jobs()
        paused = await self.rows.fetch("SELECT id::text FROM deadlines WHERE paused_on IS NOT NULL")
        at_rest = {("I8", row["id"]) for row in paused}  # a paused clock has no line before it
        for check in CHECKS:
            async with self.database.unit(self.tenant, write=False) as tx:
                findings = await check(tx, self.clock.now)
            found = [f for f in findings if (f.invariant, f.subject) not in at_rest]
            assert found == [], found
