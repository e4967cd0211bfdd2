"""The office's file in plain Python: what stands in it, which clocks run. It knows nothing of the product.

People are names, units are letters; `Matter` is a suggestion, `Duty` one unit's assignment.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.suggestions import oracle
from tests.suggestions.oracle import ONE, Calendar, level_of, over_at, today

OFFICE = {"carol", "rex"}  # rex also works at unit A: he must choose a side
CHAIR = {"chen"}
CONGRESS = OFFICE | CHAIR
DELEGATES = {"alice", "erin", "frank"}  # of the same congress
UNIT_OF = {"bob": "A", "bella": "A", "rex": "A", "bruno": "B", "bertha": "B", "carl": "C"}
HEADS = {"bella", "bertha", "carl"}
STRANGERS = {"dave", "oscar"}  # a delegate and an officer of another township
EVERYBODY = sorted({*CONGRESS, *DELEGATES, *UNIT_OF, *STRANGERS, "gina", "lena"})
INNER = "N"  # an inner office: it may not answer in its own name
GONE = {"returned", "ended"}
ENDED = {"closed", "archived", "withdrawn", "transferred", "merged"}
JUDGED = set(oracle.ANSWERED.split())
DEAD = {"archived", "withdrawn", "transferred", "merged"}  # nothing leads on, but for one taken apart again
RUNNING = set(oracle.RUNNING.split())
OWED = {"open", "denied"}
UNSETTLED = OWED | {"reported"}


class Refused(Exception):
    """The office would refuse this."""


def need(condition: object) -> None:
    if not condition:
        raise Refused


@dataclass
class Clock:
    """`amount` None: it brought its own date. `until`: the date granted; `rests`: pauses that are over."""

    kind: str
    start: date
    amount: int | None
    unit: str
    own: date | None = None
    until: date | None = None
    pausable: bool = False
    paused_on: date | None = None
    rests: list[tuple[date, date]] = field(default_factory=list)
    due: date = date.min

    def count(self, calendar: Calendar) -> date:
        granted = self.until or self.own
        if granted or self.amount is None:
            return calendar.roll(granted or date.min)
        rested = {day for since, again in self.rests for day in days(since, again)}
        return calendar.last_day(self.start, self.amount, self.unit, rested=rested)


def days(since: date, again: date) -> Iterator[date]:
    return (since + n * ONE for n in range((again - since).days))


@dataclass
class Promise:
    due_on: date
    state: str = "open"
    clocks: dict[str, Clock] = field(default_factory=dict)


@dataclass
class Extension:
    until: date
    clocks: dict[str, Clock] = field(default_factory=dict)


@dataclass
class Duty:
    """`talks`: of this round, did they happen, says the delegate? `draft`: dates of unissued promises.

    `judged_for`: the merged matters whose delegates have marked this round's reply.
    """

    unit: str
    role: str
    complex: bool
    assigned_on: date
    state: str = "pending"
    round: int = 1
    clocks: dict[str, Clock] = field(default_factory=dict)
    return_asked: bool = False
    talks: list[bool | None] = field(default_factory=list)
    asked: Extension | None = None
    draft: list[date] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    further: bool = False
    reminded_on: date | None = None
    rejections: int = 0
    judged_for: set[int] = field(default_factory=set)

    @property
    def level(self) -> str:
        return level_of(self.role)

    @property
    def main(self) -> Clock | None:
        return self.clocks.get("reply") or self.clocks.get("rehandling_reply")

    def holders(self) -> list[dict[str, Clock]]:
        asked = [self.asked.clocks] if self.asked else []
        return [self.clocks, *asked, *(promise.clocks for promise in self.promises)]


@dataclass
class Matter:
    """`waiting`: acts prepared for the chair. `sides`: who has acted on it, and from where."""

    lead: str
    proxied: bool = False
    confidential: bool = False
    state: str = "draft"
    signers: dict[str, bool | None] = field(default_factory=dict)
    received_on: date | None = None
    clocks: dict[str, Clock] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    steps: int = 0
    sides: dict[str, str] = field(default_factory=dict)
    seconders: set[str] = field(default_factory=set)
    waiting: dict[str, "Attempt"] = field(default_factory=dict)
    withdrawing: bool = False
    talked: bool = False
    consents: set[str] = field(default_factory=set)
    no_evaluator: bool = False
    merged_into: int | None = None
    urges: int = 0
    published_by: str | None = None
    gone: bool = False

    @property
    def standing(self) -> list[Duty]:
        return [duty for duty in self.duties if duty.state not in GONE]

    def holders(self) -> list[dict[str, Clock]]:
        return [self.clocks, *(holder for duty in self.duties for holder in duty.holders())]

    def seen_by(self, who: str) -> bool:
        """Who finds it at all."""
        if self.gone:
            return False
        if who == self.lead:
            return True
        if who in CONGRESS and (self.state != "draft" or self.received_on or self.proxied):
            return True
        if any(duty.unit == UNIT_OF.get(who) for duty in self.standing):
            return True
        if self.state == "draft":
            return False
        if who in self.signers and self.signers[who] is not False:
            return True
        assigned = who == "gina" and bool(self.duties)
        return not self.confidential and (who in DELEGATES or who == "lena" or assigned)


@dataclass(frozen=True)
class Attempt:
    """Somebody tries something. `duty`: which assignment; `args`: the body, in the model's words."""

    act: str
    who: str
    matter: int
    duty: int | None = None
    args: dict[str, object] = field(default_factory=dict)


@dataclass
class World:
    """Time, calendar and rules; and every matter. `authorised`: what the office may sign alone."""

    now: datetime
    calendar: Calendar = field(default_factory=Calendar)
    limits: dict[str, tuple[int, str]] = field(default_factory=lambda: dict(oracle.NATIONAL))
    pausable: Collection[str] = ()
    authorised: Collection[str] = ()
    matters: list[Matter] = field(default_factory=list)

    @property
    def today(self) -> date:
        return today(self.now)

    def over(self, clock: Clock) -> bool:
        return self.now >= over_at(clock.due)

    def recount(self) -> None:
        """The calendar has changed: every open clock is counted anew."""
        for matter in self.matters:
            for holder in matter.holders():
                for clock in holder.values():
                    clock.due = clock.count(self.calendar)


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
    def args(self) -> dict[str, object]:
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
        self.side = side

    def step(self, level: str, state: str, act: str) -> None:
        need(oracle.has(level, state, act))
        self.matter.steps += 1
        if self.who != "system":
            self.matter.sides[self.who] = self.side
        self.told.append((level, state, act, "allowed"))

    def open(self, holder: dict[str, Clock], kind: str, on: date, **own: date | None) -> None:
        amount, unit = self.world.limits.get(kind, (None, "calendar_days"))
        clock = Clock(kind, on, amount, unit, pausable=kind in self.world.pausable, **own)
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


def situations(matter: Matter) -> set[tuple[object, ...]]:
    """Where a matter and its assignments stand, as far as it decides what can come next."""
    signed = sum(bool(agreed) for agreed in matter.signers.values())
    found: set[tuple[object, ...]] = {(matter.state,), (matter.state, matter.withdrawing, min(signed, 2))}
    for duty in matter.duties:
        promised = tuple(sorted({promise.state for promise in duty.promises}))
        found.add((duty.level, duty.state))
        several = len(matter.duties) > 1
        found.add((duty.level, duty.state, promised, bool(duty.asked), bool(duty.talks), several))
    return found
