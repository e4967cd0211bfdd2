"""Many stories, told in the order of time.

A story is an async generator: it yields the instant of its next act and acts when it is asked for
the one after. Told together, numbers, steps and events of the year stand in their true order.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush

Story = AsyncIterator[datetime]
Waiting = tuple[datetime, int, Story]


class BeyondNow(ValueError):
    """A story wants to act in the future: a fault of the demo's planning."""


async def play(stories: Iterable[Story], *, until: datetime) -> int:
    """Let every story act, earliest instant first; returns the number of acts.

    Raises BeyondNow for an act later than `until`.
    """
    begun = [await _next(story, place) for place, story in enumerate(stories)]
    waiting = [entry for entry in begun if entry is not None]
    heapify(waiting)
    acts = 0
    while waiting:
        at, place, story = heappop(waiting)
        if at > until:
            raise BeyondNow(at)
        following = await _next(story, place)
        acts += 1
        if following is not None:
            heappush(waiting, following)
    return acts


async def _next(story: Story, place: int) -> Waiting | None:
    """Do the act that is due and learn when the next one is; None at the story's end."""
    async for at in story:
        return at, place, story
    return None
