"""Two at once, and a process that dies before its commit."""

import asyncio
from random import Random
from typing import TYPE_CHECKING

from tests.suggestions import acting, choosing
from tests.suggestions.expected import foresee
from tests.suggestions.expecting import Doing
from tests.suggestions.matching import facts_of
from tests.suggestions.model import Attempt

if TYPE_CHECKING:
    from tests.suggestions.machine import Machine


class Died(Exception):
    """The process ended before the commit."""


async def two_act_at_once(machine: "Machine", rng: Random) -> bool:
    """Whoever comes first wins; the other meets the state that this has left."""
    first, foreseen = machine.seeker.promising(rng)
    rival = first
    if rng.random() < 0.5:
        others = [choosing.attempt(rng, machine.world) for _ in range(30)]
        same = [a for a in others if a.matter == first.matter and a.act not in acting.STATEFUL]
        rival = next((a for a in same if foresee(machine.world, a)), first)
    if first.act in acting.STATEFUL:
        return await one_acts(machine, first, foreseen)
    known = await machine.file(first.matter)
    asked = [(attempt, known, await machine.asked(attempt, known)) for attempt in (first, rival)]
    answers = await asyncio.gather(*(machine.directly(*one) for one in asked))
    went = [answer is None for answer in answers]
    await in_some_order(machine, (first, rival), went)
    return any(went)


async def one_acts(machine: "Machine", attempt: Attempt, foreseen: Doing | None) -> bool:
    refusal = await machine.directly(attempt, await machine.file(attempt.matter))
    assert (refusal is None) == (foreseen is not None), machine.quarrel(attempt, foreseen, refusal)
    machine.remember(attempt, foreseen)
    await machine.agrees(attempt.matter, attempt)
    return refusal is None


async def in_some_order(machine: "Machine", both: tuple[Attempt, Attempt], went: list[bool]) -> None:
    """What the database holds must be what one after the other gives, in one order or the other."""
    place = both[0].matter
    before, found = machine.world.matters[place], await machine.stored(place)
    for order in ((0, 1), (1, 0)):
        machine.world.matters[place] = before
        foreseen = []
        for n in order:
            foreseen.append(foresee(machine.world, both[n]))
            machine.world.matters[place] = (
                foreseen[-1].matter if foreseen[-1] else machine.world.matters[place]
            )
        expected = [foreseen[order.index(n)] is not None for n in (0, 1)]
        if expected == went and facts_of(machine.world.matters[place]) == found:
            for done in filter(None, foreseen):
                machine.coverage.note(done.told)
                machine.seeker.coverage.note(done.told)
            return
    raise AssertionError(f"raced: {both} went {went}; no order leads to {found}")


async def it_dies_before_the_commit(machine: "Machine", rng: Random) -> bool:
    attempt, foreseen = machine.seeker.promising(rng)
    before, known = await machine.counts(), await machine.file(attempt.matter)
    try:
        async with machine.database.unit(machine.tenant) as tx:
            asked, id = await machine.asked(attempt, known), machine.ids[attempt.matter]
            refusal = await acting.in_unit(tx, machine.cast, attempt, asked, id, machine.clock.now)
            assert (refusal is None) == (foreseen is not None), machine.quarrel(attempt, foreseen, refusal)
            await tx.flush()
            raise Died
    except Died:
        pass
    assert await machine.counts() == before, f"{attempt} left rows behind although it never committed"
    await machine.agrees(attempt.matter, attempt)
    return False
