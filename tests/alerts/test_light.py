"""A clock's light is computed from its facts at the moment of asking."""

from datetime import UTC, datetime, timedelta

import pytest

from app.alerts.light import ClockFacts, Light, light
from app.deadlines.lines import Nature

DUE = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
WARNED = DUE - timedelta(days=4)
DUTY = ClockFacts(Nature.DUTY, DUE - timedelta(days=1), WARNED, DUE)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "shows"),
    [
        (WARNED - TICK, Light.GREEN),
        (WARNED, Light.YELLOW),
        (DUE - TICK, Light.YELLOW),
        (DUE, Light.RED),
        (DUE + timedelta(days=100), Light.RED),
    ],
)
def test_a_duty_is_green_then_yellow_then_red(now: datetime, shows: Light) -> None:
    assert light(DUTY, now) is shows


def test_a_clock_without_a_due_soon_line_turns_yellow_on_its_last_day() -> None:
    clock = ClockFacts(Nature.DUTY, DUE - timedelta(days=1), None, DUE)
    assert light(clock, DUE - timedelta(days=1) - TICK) is Light.GREEN
    assert light(clock, DUE - timedelta(days=1)) is Light.YELLOW


def test_what_is_done_is_grey_even_if_it_was_late() -> None:
    done = ClockFacts(Nature.DUTY, DUE - timedelta(days=1), WARNED, DUE, stopped_at=DUE + timedelta(days=2))
    assert light(done, DUE + timedelta(days=1)) is Light.RED
    assert light(done, DUE + timedelta(days=2)) is Light.GREY


def test_a_right_expires_silently() -> None:
    window = ClockFacts(Nature.WINDOW, DUE - timedelta(days=1), WARNED, DUE)
    assert light(window, DUE) is Light.GREY
