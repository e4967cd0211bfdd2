"""Stories are told in the order of time, and none reaches into the future."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.history import BeyondNow, Story, play

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def story(log: list[str], name: str, *on: int) -> Story:
    for day in on:
        yield START + day * DAY
        log.append(f"{name}{day}")


async def test_acts_of_all_stories_stand_in_the_order_of_their_instants() -> None:
    log: list[str] = []
    told = await play(
        [story(log, "a", 1, 4), story(log, "b", 2, 3, 9), story(log, "c")], until=START + 9 * DAY
    )
    assert (told, log) == (5, ["a1", "b2", "b3", "a4", "b9"])


async def test_two_acts_of_one_instant_keep_the_order_of_the_stories() -> None:
    log: list[str] = []
    await play([story(log, "a", 5), story(log, "b", 5)], until=START + 5 * DAY)
    assert log == ["a5", "b5"]


async def test_an_act_beyond_now_is_refused_before_it_is_done() -> None:
    log: list[str] = []
    with pytest.raises(BeyondNow):
        await play([story(log, "a", 1, 3)], until=START + 2 * DAY)
    assert log == ["a1"]
