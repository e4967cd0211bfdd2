"""Which act is expected to do what: the register, how an attempt is foreseen, and what several acts share."""

import pickle
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.suggestions import oracle
from tests.suggestions.model import (
    GONE,
    OFFICE,
    UNIT_OF,
    UNSETTLED,
    Attempt,
    Clock,
    Duty,
    Matter,
    Refused,
    World,
    need,
)


@dataclass
class Doing:
    """One attempt carried out on a copy of its matter; `told` collects edges and clocks for the coverage."""

    world: World
    matter: Matter
    attempt: Attempt
    told: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def who(self) -> str:
        return self.attempt.who

    @property
    def args(self) -> Mapping[str, object]:
        return self.attempt.args

    @property
    def legal_on(self) -> date:
        given = self.args.get("legal_date")
        return given if isinstance(given, date) else self.world.today

    @property
    def duty(self) -> Duty:
        need(self.attempt.duty is not None and self.attempt.duty < len(self.matter.duties))
        assert self.attempt.duty is not None
        return self.matter.duties[self.attempt.duty]

    def own_duty(self) -> Duty:
        """The standing assignment of the actor's unit."""
        need(self.duty.unit == UNIT_OF.get(self.who) and self.duty.state not in GONE)
        return self.duty

    def by(self, people: Collection[str], side: str) -> None:
        need(self.who in people and self.matter.seen_by(self.who))
        need(self.matter.sides.get(self.who, side) == side)
        answers = any(duty.unit == UNIT_OF.get(self.who) for duty in self.matter.standing)
        need(not (side == "congress" and answers))  # whose unit answers it is not of the congress here
        self.side = side

    def step(self, level: str, state: str, act: str) -> None:
        need(oracle.has(level, state, act))
        self.matter.steps += 1
        if self.who != "system":
            self.matter.sides[self.who] = self.side
        self.told.append((level, state, act, "allowed"))

    def open(self, holder: dict[str, Clock], kind: str, on: date, *, own: date | None = None) -> None:
        amount, unit = self.world.limits.get(kind, (None, "calendar_days"))
        clock = Clock(kind, on, amount, unit, own, pausable=kind in self.world.pausable)
        clock.due = clock.count(self.world.calendar)
        holder[kind] = clock
        self.told.append(("clock", kind, "opened"))

    def close(self, holder: dict[str, Clock], kind: str, act: str) -> None:
        clock = holder.pop(kind, None)
        if clock is None:
            return
        met = kind in oracle.FULFILS.get(act, "").split()
        late = self.world.over(clock) and (met or kind in oracle.WINDOWS)
        self.told.append(("clock", kind, "late" if late else "met" if met else "cancelled"))

    def settle(self, duty: Duty | None, act: str, *, on: date, plan: date | None = None) -> None:
        """Open and stop what the state says."""
        holder = duty.clocks if duty else self.matter.clocks
        level, state = (duty.level, duty.state) if duty else ("suggestion", self.matter.state)
        opens, keeps = oracle.clocks(level, state, duty.round if duty else 1)
        for kind in sorted(holder.keys() - opens - keeps):
            self.close(holder, kind, act)
        for kind in sorted(opens - holder.keys()):
            self.open(holder, kind, on, own=plan)
            if kind == "reply" and duty and duty.complex:
                clock = holder[kind]
                clock.amount, clock.unit = oracle.COMPLEX
                clock.due = clock.count(self.world.calendar)

    def move(self, duty: Duty, act: str, state: str, *, plan: date | None = None) -> None:
        """One unit's step; the suggestion follows."""
        self.step(duty.level, duty.state, act)
        if state != duty.state:
            duty.state = state
            self.settle(duty, act, on=self.legal_on, plan=plan)
        self.mirror(act)

    def mirror(self, act: str) -> None:
        before = self.matter.state
        self.matter.state = oracle.state_of((d.role, d.state) for d in self.matter.duties)
        if self.matter.state == "accepted" != before:
            self.settle(None, act, on=self.legal_on)

    def turn(self, act: str, state: str, *, on: date | None = None) -> None:
        """A step of the suggestion itself."""
        self.step("suggestion", self.matter.state, act)
        self.matter.state = state
        self.settle(None, act, on=on or self.legal_on)

    def stay(self, act: str) -> None:
        self.step("suggestion", self.matter.state, act)

    def end(self, duty: Duty, act: str) -> None:
        duty.state = "ended"
        for holder in duty.holders():
            for kind in list(holder):
                self.close(holder, kind, act)
        duty.asked = None

    def lapse_extension(self, duty: Duty, act: str) -> None:
        if duty.asked:
            self.close(duty.asked.clocks, "extension_decision", act)
            duty.asked = None


Expect = Callable[[Doing], None]
EXPECTED: dict[str, Expect] = {}
SIGNED = ("review", "assignment", "elevation", "return-decision", "extension-decision", "rejection-decision")
AUTHORISED_AS = {"return-decision": "return", "extension-decision": "extension"}
AUTHORISED_AS |= {"rejection-decision": "rejection"}


def act(*names: str) -> Callable[[Expect], Expect]:
    def keep(expect: Expect) -> Expect:
        EXPECTED.update(dict.fromkeys(names, expect))
        return expect

    return keep


def copied(matter: Matter) -> Matter:
    """Ten times as fast as copy.deepcopy."""
    same: Matter = pickle.loads(pickle.dumps(matter))
    return same


def foresee(world: World, attempt: Attempt) -> Doing | None:
    """The attempt on a copy of its matter; None: refused."""
    doing = Doing(world, copied(world.matters[attempt.matter]), attempt)
    try:
        EXPECTED[attempt.act](doing)
    except Refused:
        return None
    return doing


def author(d: Doing) -> None:
    """The lead, or the office for him."""
    if d.who == d.matter.lead:
        d.by({d.who}, "delegate")
    else:
        d.by(OFFICE, "congress")


def order(d: Doing) -> list[tuple[str, str]]:
    """(role, unit), leads first."""
    named = d.args["order"]
    assert isinstance(named, dict)
    return [(role, unit) for role in ("lead", "separate", "co") for unit in named.get(role, ())]


def check_order(d: Doing, wanted: list[tuple[str, str]] | None = None, besides: Duty | None = None) -> None:
    asked = order(d) if wanted is None else wanted
    units = [unit for _, unit in asked]
    known = [duty for duty in d.matter.standing if duty is not besides]
    need(units and len(units) == len(set(units)) and not {duty.unit for duty in known} & set(units))
    need(known or any(role != "co" for role, _ in asked))
    leads = [role for role, _ in asked].count("lead") + [duty.role for duty in known].count("lead")
    need(leads <= 1)


def charge(d: Doing, role: str, unit: str, *, on: date, complex: bool = False) -> None:
    duty = Duty(unit, role, complex, d.legal_on)
    d.matter.duties.append(duty)
    d.settle(duty, "assignment", on=on)
    for kind in oracle.AT_ASSIGNMENT[duty.level].split():
        d.open(duty.clocks, kind, on)


def grantable(d: Doing, duty: Duty, until: date) -> None:
    """Within the old date and the cap; a complex matter and a re-handled one have no extension."""
    clock = duty.main
    need(clock and clock.kind == "reply" and not duty.complex and not d.world.over(clock))
    assert clock
    amount, unit = oracle.LONGEST_REPLY
    longest = d.world.calendar.last_day(clock.start, amount, unit)
    need(clock.due < d.world.calendar.roll(until) <= longest)


def again(d: Doing, duty: Duty, act: str, *, plan: date | None = None) -> None:
    """Another round: what was promised is superseded."""
    for promise in duty.promises:
        if promise.state in UNSETTLED:
            promise.state = "superseded"
            d.close(promise.clocks, "commitment", act)
    duty.round, duty.talks, duty.reminded_on = duty.round + 1, [], None
    duty.judged_for = set()
    d.move(duty, act, "handling", plan=plan)


def home_of(world: World, matter: Matter) -> Matter:
    while matter.merged_into is not None:
        matter = world.matters[matter.merged_into]
    return matter


def judge(d: Doing, duty: Duty, act: str, *, satisfied: bool = True) -> None:
    promised = any(promise.state in UNSETTLED for promise in duty.promises)
    duty.rejections += not satisfied
    d.move(duty, act, ("committed" if promised else "settled") if satisfied else "rejected")
