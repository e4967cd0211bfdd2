"""The contract's counts, and what a small county keeps of them."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from app.deadlines.arithmetic import Period, TimeLimit, Unit, due
from app.deadlines.calendar_seed import seed_calendar
from app.demo.agenda import agenda
from app.demo.casting import live_since
from app.demo.days import Days
from app.demo.names import BUREAUS, STREETS, TOWNS
from app.demo.shape import CLOSED_FATES, Fate, Shape
from app.kernel.clock import local_date
from app.suggestions.states import State

FULL = Shape.scaled(1)
MIDNIGHT = datetime(2026, 3, 1, 16, 5, tzinfo=UTC)  # 00:05 of 2 March in Shanghai
THREE_MONTHS = Period(3, Unit.MONTHS)


def test_the_full_county_has_the_contracts_counts() -> None:
    assert (FULL.towns, FULL.streets, FULL.centres, FULL.stations, FULL.points) == (17, 4, 21, 59, 156)
    assert (FULL.delegates, len(TOWNS) + len(BUREAUS)) == (1221, 30)
    assert (len(TOWNS), len(STREETS)) == (17, 4)
    opinions = FULL.opinions
    assert (sum(opinions.values()), sum(opinions[fate] for fate in CLOSED_FATES)) == (392, 362)
    assert sum(FULL.suggestions.values()) == 150


@pytest.mark.parametrize("scale", [0.001, 0.05, 0.5])
def test_in_a_small_county_everything_still_occurs(scale: float) -> None:
    shape = Shape.scaled(scale)
    assert set(shape.opinions) == set(Fate)
    assert min(shape.opinions.values()) >= 1
    assert min(shape.suggestions.values()) >= 1


@pytest.mark.parametrize("scale", [0.01, 1])
def test_every_adopted_opinion_stands_behind_a_suggestion_of_a_town(scale: float) -> None:
    shape = Shape.scaled(scale)
    plans = [plan for plan in agenda(shape, Random(1)) if plan.from_opinion]
    assert not any(plan.county for plan in plans)
    evaluated = [plan for plan in plans if plan.state in (State.CLOSED, State.COMMITTED)]
    assert len(evaluated) == shape.opinions[Fate.ADOPTED_CLOSED]
    assert len(plans) - len(evaluated) == shape.opinions[Fate.ADOPTED]


@pytest.mark.parametrize("start", range(0, 400, 7))
def test_every_suggestion_plays_in_the_year_before_today_whatever_day_it_is(start: int) -> None:
    now = MIDNIGHT + timedelta(days=start)
    days, rng = Days(seed_calendar(), now), Random(start)
    for plan in agenda(FULL, rng):
        gaps = plan.gaps(rng)
        times = days.walk(plan.ended(days, gaps, rng), gaps, rng)
        assert times == sorted(times)
        assert now - timedelta(days=366) < times[0]
        assert local_date(times[-1]) < local_date(now)


@pytest.mark.parametrize("start", range(0, 400, 3))
def test_the_live_reply_is_due_in_one_to_two_weeks(start: int) -> None:
    days = Days(seed_calendar(), MIDNIGHT + timedelta(days=start))
    since = live_since(days, THREE_MONTHS)
    last_day = due(TimeLimit(since, THREE_MONTHS), days.calendar).last_day
    assert days.calendar.is_working(since)
    assert days.calendar.shift(days.today, 5) <= last_day <= days.calendar.shift(days.today, 12)
