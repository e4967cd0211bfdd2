"""The whole workflow walked at random against its model: one step at a time, checked after each.

A step is somebody's attempt (or two at once, or time passing, or a year announced). The model says
beforehand whether it succeeds and what stands in the file after; the database must agree. What is
refused, and what dies before its commit, leaves no row behind.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from app.alerts.jobs import cross_lines
from app.deadlines import announcing
from app.deadlines import choosing as rules
from app.deadlines.announcements import Announcement
from app.deadlines.arithmetic import DayException
from app.deadlines.jobs import recount
from app.deadlines.overriding import Override
from app.infra.audit import seal
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.errors import DomainError, NotFound
from app.operations.verification import CHECKS
from app.suggestions import queries
from app.suggestions.jobs import lapse_evaluations
from tests.conftest import NOW, MovableClock
from tests.people import post
from tests.suggestions import acting, choosing, file
from tests.suggestions.cast import Cast, assemble
from tests.suggestions.coverage import Coverage
from tests.suggestions.desk import DRAFT
from tests.suggestions.expected import foresee, home_of
from tests.suggestions.file import File
from tests.suggestions.matching import facts_of, stored
from tests.suggestions.model import DEAD, EVERYBODY, RUNNING, Attempt, Doing, Matter, World, situations
from tests.suggestions.oracle import EDGES
from tests.suggestions.projecting import read_by_units

ALIVE = 7
LOOKS = 12  # attempts looked at before the most promising is made
JUMPS = (0.3, 1, 1, 2, 3, 5, 8, 20, 40)  # days
# They lead away from an answer: gone once or twice, they are gone seldom.
DETOURS = {"delete", "review.send_back", "review.transfer", "review.merge"}
DETOURS |= {"return-request", "return-decision.agree", "reply-return", "withdrawal", "withdrawal-consent"}
DETOURS |= {"withdrawal-talk"}
DEEP = {("replied",): 0.7, ("rejected",): 1.5, ("conference",): 2.0, ("committed",): 0.7}
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
RESTS = {  # invented, to be announced: rest days, and a weekend day worked for them
    2027: ("02-05 02-08 02-09 02-26 05-03 06-09 10-04", "02-14"),
    2028: ("01-03 01-26 01-27 03-15 05-04 10-06", "01-22"),
}
FIXED = "01-01 05-01 05-02 10-01 10-02 10-03"

NO_FILE = File("gone", UUID(int=0), 0, [], [], [], [], [], [], {}, [])


class Died(Exception):
    """The process ended before the commit."""


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
    own: Coverage = field(default_factory=Coverage)  # of this walk alone: what it does next depends on it
    entered: Counter[tuple[object, ...]] = field(default_factory=Counter)
    racing: float = 0.04  # how often two act at once
    wanted: str | None = None  # an act to try again and again

    async def begin(self, rng: Random, known: Coverage | None = None) -> None:
        """`known`: what need not be sought again."""
        self.own = replace(known, seen=Counter(known.seen)) if known else Coverage()
        self.cast = await assemble(self.database, self.tenant)
        self.clock.now = NOW
        self.world = World(NOW)
        await self.create(rng)

    # One step

    async def step(self, rng: Random) -> None:
        kinds: list[tuple[float, str, Callable[[Random], Awaitable[bool]]]] = [
            (0.74, "act", self.somebody_acts),
            (0.5 if self.alive() < ALIVE else 0.01, "create", self.create),
            (0.07, "time", self.time_passes),
            (0.05, "sweep", self.silence_is_noted),
            (self.racing, "race", self.two_act_at_once),
            (0.02, "crash", self.it_dies_before_the_commit),
            (0.01, "rules", self.rules_change),
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
        signers = rng.choice([[], ["erin"], ["erin", "frank"], ["frank", "erin"]])
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
        await self.agrees(len(self.ids) - 1)
        return True

    async def somebody_acts(self, rng: Random) -> bool:
        attempt, foreseen = self.promising(rng)
        http = rng.random() < 0.02 or self.new_by_http(attempt, foreseen)
        repeat = rng.random() < 0.4
        units = await self.units_read(attempt) if foreseen and attempt.act in HIDDEN else None
        before = await self.counts()
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

    def promising(self, rng: Random) -> tuple[Attempt, Doing | None]:
        """Of a few attempts the one that reaches most that is new."""
        ending = self.to_be_cancelled()
        aims = choosing.aims(self.world, self.own.missing_acts) + ending
        looked = [choosing.attempt(rng, self.world, rng.choice(aims)) for _ in range(LOOKS) if aims]
        looked += [choosing.attempt(rng, self.world) for _ in range(LOOKS)]
        best: tuple[float, Attempt, Doing | None] | None = None
        for attempt in looked:
            foreseen = foresee(self.world, attempt)
            told = self.told(attempt, foreseen)
            worth = 14.0 * sum(map(self.own.new, told)) + 1.0 * (foreseen is not None) + 3.0 * rng.random()
            for view in self.entering(attempt, foreseen):
                worth += 6.0 / (1 + self.entered[view]) ** 0.5 + DEEP.get(view[1:2], 0.0)
            worth += 6.0 * (attempt.act == self.wanted)
            worth += 9.0 * ((attempt.act, attempt.matter, None) in ending)
            worth -= 4.0 * (attempt.act in DETOURS) + self.leaving(attempt, foreseen)
            if best is None or worth > best[0]:
                best = (worth, attempt, foreseen)
        assert best is not None
        return best[1], best[2]

    def to_be_cancelled(self) -> list[choosing.Aim]:
        """The clocks of judging are cancelled only where one of several units is judged, another not yet."""
        kinds = {k for k in ("rejection_decision", "conference") if self.own.new(("clock", k, "cancelled"))}
        places = [
            place
            for place, matter in enumerate(self.world.matters)
            if matter.state in RUNNING and any(kinds & duty.clocks.keys() for duty in matter.duties)
        ]
        acts = ("withdrawal", "withdrawal-consent", "withdrawal-talk")
        return [(act, place, None) for place in places for act in acts]

    def entering(self, attempt: Attempt, foreseen: Doing | None) -> set[tuple[object, ...]]:
        """Situations that it would bring about: the rarer, the better."""
        if foreseen is None:
            return set()
        return situations(foreseen.matter) - situations(self.world.matters[attempt.matter])

    def leaving(self, attempt: Attempt, foreseen: Doing | None) -> float:
        """A state of which something is still missing had better be stayed in."""
        if foreseen is None:
            return 0.0
        now, then = self.world.matters[attempt.matter], foreseen.matter
        left = [("suggestion", now.state)] if now.state != then.state else []
        pairs = zip(now.duties, then.duties, strict=False)
        left += [(duty.level, duty.state) for duty, after in pairs if duty.state != after.state]
        return sum(min(5.0, 0.7 * self.own.missing_in(*state)) for state in left)

    def told(self, attempt: Attempt, foreseen: Doing | None) -> list[tuple[str, ...]]:
        """The edges and fates it would reach; a refusal is one of the state it was tried in."""
        if foreseen is not None:
            return foreseen.told
        matter, act = self.world.matters[attempt.matter], attempt.act
        if act in ("assignment", "assignment.added"):
            act = "assignment" if matter.state == "accepted" else "assignment.added"
        edges = [("suggestion", matter.state, act)]
        if attempt.duty is not None and attempt.duty < len(matter.duties):
            duty = matter.duties[attempt.duty]
            edges.append((duty.level, duty.state, act))
        elif act in ("closure", "reopening", "dispatch"):
            edges += [(duty.level, duty.state, act) for duty in matter.duties]
        return [(*edge, "refused") for edge in edges if edge in EDGES]

    def remember(self, attempt: Attempt, foreseen: Doing | None) -> None:
        told = self.told(attempt, foreseen)
        self.coverage.note(told)
        self.own.note(told)
        if foreseen is None:
            return
        self.entered.update(self.entering(attempt, foreseen))
        self.world.matters[attempt.matter] = foreseen.matter
        for kind, *place in told:
            if kind == "mark":
                home = home_of(self.world, foreseen.matter)
                home.duties[int(place[0])].judged_for.add(attempt.matter)

    # Ways of asking

    async def directly(self, attempt: Attempt, known: File) -> DomainError | None:
        asked = self.asked(attempt, known)
        return await acting.directly(
            self.database, self.tenant, self.cast, attempt, asked, self.ids[attempt.matter], self.clock.now
        )

    def asked(self, attempt: Attempt, known: File) -> acting.Asked:
        return acting.WRITTEN[attempt.act](acting.Writing(self.cast, attempt, known, self.ids, self.clock))

    async def by_http(self, attempt: Attempt, foreseen: Doing | None, *, repeat: bool) -> str | None:
        """The refusal's code. A repeated request gets the same answer and does nothing more."""
        asked, key = self.asked(attempt, await self.file(attempt.matter)), str(uuid4())
        id = self.ids[attempt.matter]
        answer = await acting.by_http(self.client, self.cast, attempt, asked, id, key=key)
        if answer.is_error:
            assert 400 <= answer.status_code < 500, answer.text
            assert answer.json()["detail"]
            return f"{answer.status_code} {answer.json()['code']}"
        self.coverage.by_http |= {edge[2] for edge in self.told(attempt, foreseen) if len(edge) == 4}
        if foreseen:
            self.coverage.by_http.add(foreseen.matter.state)
        if repeat and asked.method == "POST":
            before = await self.counts()
            again = await acting.by_http(self.client, self.cast, attempt, asked, id, key=key)
            assert (again.status_code, again.content) == (answer.status_code, answer.content)
            assert await self.counts() == before, f"a repeated {attempt} did more"
        return None

    def new_by_http(self, attempt: Attempt, foreseen: Doing | None) -> bool:
        """Not seen over HTTP yet: an act that succeeds, or a state it leads to."""
        if foreseen is None:
            return False
        reached = {edge[2] for edge in foreseen.told if len(edge) == 4 and edge[3] == "allowed"}
        return not reached | {foreseen.matter.state} <= self.coverage.by_http

    async def two_act_at_once(self, rng: Random) -> bool:
        """Whoever comes first wins; the other meets the state that this has left."""
        first, foreseen = self.promising(rng)
        rival = first
        if rng.random() < 0.5:
            others = [choosing.attempt(rng, self.world) for _ in range(3 * LOOKS)]
            same = [a for a in others if a.matter == first.matter and a.act not in acting.STATEFUL]
            rival = next((a for a in same if foresee(self.world, a)), first)
        if first.act in acting.STATEFUL or first.act in ("delete", "evaluation"):
            return await self.one_acts(first, foreseen)
        known = await self.file(first.matter)
        answers = await asyncio.gather(self.directly(first, known), self.directly(rival, known))
        went = [answer is None for answer in answers]
        await self.in_some_order((first, rival), went)
        return any(went)

    async def one_acts(self, attempt: Attempt, foreseen: Doing | None) -> bool:
        refusal = await self.directly(attempt, await self.file(attempt.matter))
        assert (refusal is None) == (foreseen is not None), self.quarrel(attempt, foreseen, refusal)
        self.remember(attempt, foreseen)
        await self.agrees(attempt.matter, attempt)
        return refusal is None

    async def in_some_order(self, both: tuple[Attempt, Attempt], went: list[bool]) -> None:
        """What the database holds must be what one after the other gives, in one order or the other."""
        place = both[0].matter
        before, found = self.world.matters[place], await self.stored(place)
        for order in ((0, 1), (1, 0)):
            self.world.matters[place] = before
            foreseen = []
            for n in order:
                foreseen.append(foresee(self.world, both[n]))
                self.world.matters[place] = foreseen[-1].matter if foreseen[-1] else self.world.matters[place]
            expected = [foreseen[order.index(n)] is not None for n in (0, 1)]
            if expected == went and facts_of(self.world.matters[place]) == found:
                for done in filter(None, foreseen):
                    self.coverage.note(done.told)
                    self.own.note(done.told)
                return
        raise AssertionError(f"raced: {both} went {went}; no order leads to {found}")

    async def it_dies_before_the_commit(self, rng: Random) -> bool:
        attempt, foreseen = self.promising(rng)
        before, known = await self.counts(), await self.file(attempt.matter)
        try:
            async with self.database.unit(self.tenant) as tx:
                asked, id = self.asked(attempt, known), self.ids[attempt.matter]
                refusal = await acting.in_unit(tx, self.cast, attempt, asked, id, self.clock.now)
                assert (refusal is None) == (foreseen is not None), self.quarrel(attempt, foreseen, refusal)
                await tx.flush()
                raise Died
        except Died:
            pass
        assert await self.counts() == before, f"{attempt} left rows behind although it never committed"
        await self.agrees(attempt.matter, attempt)
        return False

    # Time, rules and the sweep

    async def time_passes(self, rng: Random) -> bool:
        self.world.now = self.clock.now = self.clock.now + timedelta(days=rng.choice(JUMPS))
        return True

    async def silence_is_noted(self, rng: Random) -> bool:
        """The sweep over every reply that waits for its delegate's mark."""
        async with self.database.unit(self.tenant) as tx:
            done = await lapse_evaluations(tx, self.clock.now)
        for place in range(len(self.ids)):
            attempt = Attempt("lapse", "system", place)
            foreseen = foresee(self.world, attempt)
            assert foreseen is not None
            self.remember(attempt, foreseen)
            if any(told[-1] == "allowed" for told in foreseen.told):
                await self.agrees(place, attempt)
        return done > 0

    async def rules_change(self, rng: Random) -> bool:
        """A year is announced, or the county chooses rules of its own for what begins from now on."""
        open_years = sorted(RESTS.keys() - self.world.calendar.announced.keys())
        if open_years and rng.random() < 0.6:
            await self.announce(open_years[0])
        else:
            await self.choose(amount=rng.choice([10, 20, 30]))
        return True

    async def announce(self, year: int) -> None:
        rests, worked = RESTS[year]
        days = dict.fromkeys(_days(year, f"{rests} {FIXED}"), False)
        days |= dict.fromkeys(_days(year, worked), True)
        told = {day: DayException(working, "某节") for day, working in days.items()}
        async with self.database.unit(self.tenant) as tx:
            await announcing.announce(tx, Announcement(year, told), by="carol", now=self.clock.now)
        self.world.calendar.announced[year] = days
        await self.jobs()
        self.world.recount()
        for place in range(len(self.ids)):
            await self.agrees(place)

    async def choose(self, *, amount: int) -> None:
        facts = {"kind": "first_contact", "amount": amount, "unit": "working_days", "article": "某条例第八条"}
        own = Override.model_validate({**facts, "pause_article": "某条例第九条", "reviewed_by": "某法制委"})
        async with self.database.unit(self.tenant) as tx:
            await rules.choose_pack(tx, "national", by="carol", now=self.clock.now, overrides=[own])
        self.world.limits["first_contact"] = (amount, "working_days")
        self.world.pausable = ("first_contact",)

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
        for place in range(len(self.ids)):
            await self.agrees(place)

    async def invariants(self) -> None:
        """Those of `python -m app verify`, after the jobs that it presumes."""
        await self.jobs()
        for check in CHECKS:
            async with self.database.unit(self.tenant, write=False) as tx:
                assert await check(tx, self.clock.now) == []


def _days(year: int, written: str) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for day in written.split()]
