"""The office's file in plain Python: what stands in it, which clocks run. It knows nothing of the product.

People are names, units are letters; `Matter` is a suggestion, `Duty` one unit's assignment.
"""

from collections.abc import Collection, Iterator, Mapping
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
    """`waiting`: acts prepared for the chair, and for which situation. `sides`: who has acted, from where."""

    lead: str
    proxied: bool = False
    confidential: bool = False
    state: str = "draft"
    signers: dict[str, bool | None] = field(default_factory=dict)
    received_at: datetime | None = None
    clocks: dict[str, Clock] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    steps: int = 0
    sides: dict[str, str] = field(default_factory=dict)
    seconders: set[str] = field(default_factory=set)
    waiting: dict[str, tuple["Attempt", object]] = field(default_factory=dict)
    withdrawing: bool = False
    asked_by: str | None = None
    talked: bool = False
    consents: set[str] = field(default_factory=set)
    no_evaluator: bool = False
    merged_into: int | None = None
    urges: int = 0
    published_by: str | None = None
    gone: bool = False

    @property
    def received_on(self) -> date | None:
        return today(self.received_at) if self.received_at else None

    @property
    def situation(self) -> object:
        """What an act is prepared for: this submission, these assignments, in these rounds."""
        return self.received_at, tuple(duty.round for duty in self.duties)

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
    args: Mapping[str, object] = field(default_factory=dict)


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
