"""Why a date is what it is: each explanation against the oracle's own count, day by day."""

from typing import TYPE_CHECKING

from app.deadlines import calendars, queries
from app.deadlines.models import Deadline
from app.deadlines.presenting import explained as explanation
from tests.suggestions.model import Clock, days
from tests.suggestions.oracle import ONE

if TYPE_CHECKING:
    from tests.suggestions.machine import Machine


async def explained(machine: "Machine", place: int) -> None:
    """Every open clock of one matter: it ends on the model's day; its working days are the calendar's."""
    held = [clock for holder in machine.world.matters[place].holders() for clock in holder.values()]
    async with machine.database.unit(machine.tenant, write=False) as tx:
        for row in (await machine.file(place)).clocks:
            clock = await tx.get_one(Deadline, row.id)
            changes = await queries.changes_of(tx, clock.id)
            told = explanation(clock, changes, await calendars.named(tx, clock.calendar_version))
            assert (told.last_day, told.due_at) == (clock.last_day, clock.due_at)
            # A denied promise is owed again from today, with the date it always had: that may lie behind.
            assert [day.date for day in told.days] == [*days(clock.started_on, clock.last_day + ONE)]
            fit = [c for c in held if (c.kind, c.due, c.start) == (told.kind, told.last_day, told.started_on)]
            assert fit, f"nothing in the model explains {told}"
            if fit[0].unit == "working_days":
                counted = [day.date for day in told.days if day.counted]
                assert counted == _working_days(machine, fit[0])


def _working_days(machine: "Machine", clock: Clock) -> list[object]:
    rested = {day for since, again in clock.rests for day in days(since, again)}
    worked = machine.world.calendar.worked
    run = days(clock.start + ONE, clock.due + ONE)
    return [day for day in run if worked(day) and day not in rested]
