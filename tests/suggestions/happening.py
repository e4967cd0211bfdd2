"""What happens by itself: time passes, silence is noted, a year is announced, the county's rules change."""

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from app.deadlines import announcing
from app.deadlines import api as deadlines_api
from app.deadlines import choosing as rules
from app.deadlines.announcements import Announcement
from app.deadlines.arithmetic import DayException
from app.deadlines.overriding import Override
from app.deadlines.schemas import PauseIn
from app.kernel.errors import DomainError
from app.suggestions.jobs import lapse_evaluations
from tests.suggestions.expected import foresee
from tests.suggestions.model import Attempt, Clock

if TYPE_CHECKING:
    from tests.suggestions.machine import Machine

JUMPS = (0.3, 1, 1, 2, 3, 5, 8, 20, 40)  # days
RESTS = {  # invented, to be announced: rest days, and a weekend day worked for them
    2027: ("02-05 02-08 02-09 02-26 05-03 06-09 10-04", "02-14"),
    2028: ("01-03 01-26 01-27 03-15 05-04 10-06", "01-22"),
}
FIXED = "01-01 05-01 05-02 10-01 10-02 10-03"


async def time_passes(machine: "Machine", rng: Random) -> bool:
    machine.world.now = machine.clock.now = machine.clock.now + timedelta(days=rng.choice(JUMPS))
    return True


async def silence_is_noted(machine: "Machine", rng: Random) -> bool:
    """The sweep over every reply that waits for its delegate's mark."""
    async with machine.database.unit(machine.tenant) as tx:
        done = await lapse_evaluations(tx, machine.clock.now)
    for place in range(len(machine.ids)):
        attempt = Attempt("lapse", "system", place)
        foreseen = foresee(machine.world, attempt)
        assert foreseen is not None
        machine.remember(attempt, foreseen)
        if any(told[-1] == "allowed" for told in foreseen.told):
            await machine.agrees(place, attempt)
    return done > 0


async def rules_change(machine: "Machine", rng: Random) -> bool:
    """A year is announced, or the county chooses rules of its own for what begins from now on."""
    open_years = sorted(RESTS.keys() - machine.world.calendar.announced.keys())
    if open_years and rng.random() < 0.6:
        await announce(machine, open_years[0])
    else:
        await choose(machine, amount=rng.choice([10, 20, 30]))
    return True


async def announce(machine: "Machine", year: int) -> None:
    rests, worked = RESTS[year]
    days = dict.fromkeys(_days(year, f"{rests} {FIXED}"), False)
    days |= dict.fromkeys(_days(year, worked), True)
    told = {day: DayException(working, "某节") for day, working in days.items()}
    async with machine.database.unit(machine.tenant) as tx:
        await announcing.announce(tx, Announcement(year, told), by="carol", now=machine.clock.now)
    machine.world.calendar.announced[year] = days
    await machine.jobs()
    machine.world.recount()
    for place in range(len(machine.ids)):
        await machine.agrees(place)


async def choose(machine: "Machine", *, amount: int) -> None:
    facts = {"kind": "first_contact", "amount": amount, "unit": "working_days", "article": "某条例第八条"}
    own = Override.model_validate({**facts, "pause_article": "某条例第九条", "reviewed_by": "某法制委"})
    async with machine.database.unit(machine.tenant) as tx:
        await rules.choose_pack(tx, "national", by="carol", now=machine.clock.now, overrides=[own])
    machine.world.limits["first_contact"] = (amount, "working_days")
    machine.world.pausable = ("first_contact",)


def _days(year: int, written: str) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for day in written.split()]


async def a_clock_is_paused(machine: "Machine", rng: Random) -> bool:
    """中止 and 恢复 of a first contact, which only the county's own rules allow; never of a reply."""
    kind = rng.choice(["first_contact", "first_contact", "reply"])
    held = [
        (place, n, clock)
        for place, matter in enumerate(machine.world.matters)
        for n, duty in enumerate(matter.duties)
        if (clock := duty.clocks.get(kind)) and clock.start < machine.world.today
    ]
    if not held:
        return False
    place, n, clock = rng.choice(held)
    known = await machine.file(place)
    [id] = [row.id for row in known.clocks if row.of == known.duty_id(n) and row.facts["kind"] == kind]
    who = rng.choice(["carol", "carol", "chen", "bob"])
    went = await _pause_or_resume(machine, clock, id, who)
    assert went == _pausing(machine, clock, who), f"{clock} by {who}"
    await machine.agrees(place)
    return went


async def _pause_or_resume(machine: "Machine", clock: Clock, id: UUID, who: str) -> bool:
    turn = deadlines_api.resume if clock.paused_on else deadlines_api.pause
    try:
        async with machine.database.unit(machine.tenant) as tx:
            await turn(id, PauseIn(reason="等待鉴定"), machine.cast.actors[who], tx, machine.clock.now)
    except DomainError:
        return False
    return True


def _pausing(machine: "Machine", clock: Clock, who: str) -> bool:
    """The same on the model's clock: by the office, where an article allows it, before it has run out."""
    today = machine.world.today
    if who != "carol" or not clock.pausable:
        return False
    if clock.paused_on:
        clock.rests.append((clock.paused_on, today))
        clock.paused_on = None
        clock.due = clock.count(machine.world.calendar)
        return True
    if today > clock.due:
        return False
    clock.paused_on = today
    return True
