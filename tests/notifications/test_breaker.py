"""When a channel counts as down, and when it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.delivery import Ambiguous, Delivered, Outcome, Rejected, Retry, Stands
from app.notifications.breaker import LONGEST_PAUSE, MOST_FAILURES, Breaker, after

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
DOWN = Retry(60, "unreachable")


def through(*outcomes: Outcome) -> Breaker:
    state = Breaker()
    for outcome in outcomes:
        state = after(state, outcome, NOW)
    return state


def test_five_failures_in_a_row_close_a_channel_within_the_minute_and_four_do_not() -> None:
    assert not through(*[DOWN] * (MOST_FAILURES - 1)).is_open(NOW)
    shut = through(*[DOWN] * MOST_FAILURES)
    assert (shut.is_open(NOW), shut.is_half_open(NOW + timedelta(minutes=1))) == (True, True)


def test_a_success_between_failures_begins_the_count_anew() -> None:
    assert through(DOWN, DOWN, DOWN, DOWN, Delivered()) == Breaker()
    assert through(DOWN, DOWN, DOWN, DOWN, Delivered(), DOWN).failures == 1


def test_a_silence_counts_like_a_failure() -> None:
    assert through(*[Ambiguous("timeout")] * MOST_FAILURES).is_open(NOW)


def test_pauses_double_up_to_ten_minutes() -> None:
    pauses = [through(*[DOWN] * n).open_until for n in range(MOST_FAILURES, MOST_FAILURES + 7)]
    assert [at - NOW for at in pauses if at] == [
        timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 10, 10, 10)
    ]


def test_a_quota_closes_the_channel_till_it_returns() -> None:
    assert through(Retry(36_000, "daily-quota")).open_until == NOW + timedelta(hours=10)


def test_a_refusal_of_everybody_closes_the_channel_at_once() -> None:
    assert through(Rejected("banned", Stands.CHANNEL)).open_until == NOW + LONGEST_PAUSE


@pytest.mark.parametrize("stands", [Stands.PERSON, Stands.MESSAGE])
def test_a_refusal_of_one_person_or_text_says_that_the_channel_is_well(stands: Stands) -> None:
    assert through(*[DOWN] * MOST_FAILURES, Rejected("any", stands)) == Breaker()


def test_being_too_quick_for_one_person_is_no_failure() -> None:
    assert through(*[Retry(1, "rate")] * 20) == Breaker()
