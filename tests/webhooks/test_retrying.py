from datetime import timedelta

import pytest

from app.webhooks.retrying import ATTEMPTS, Answer, Verdict, retry_after, verdict, wait

FAILED = Answer(status=500)
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_ten_attempts_at_the_standards_offsets() -> None:
    waits = [wait(FAILED, attempt, 0) for attempt in range(1, ATTEMPTS)]

    assert waits == [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H]
    assert sum(waits, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)


def test_jitter_only_ever_adds_at_most_a_tenth() -> None:
    assert wait(FAILED, 4, 1) == timedelta(hours=2, minutes=12)


@pytest.mark.parametrize(
    ("answer", "attempt", "expected"),
    [
        (Answer(status=200), 1, Verdict.DELIVERED),
        (Answer(status=204), 10, Verdict.DELIVERED),
        (Answer(status=301), 1, Verdict.AGAIN),
        (Answer(status=302), 10, Verdict.PARKED),
        (Answer(status=404), 1, Verdict.AGAIN),
        (Answer(status=410), 1, Verdict.GONE),
        (Answer(status=500), 9, Verdict.AGAIN),
        (Answer(status=500), 10, Verdict.PARKED),
        (Answer(error="timeout"), 1, Verdict.AGAIN),
    ],
)
def test_only_two_hundreds_are_success(answer: Answer, attempt: int, expected: Verdict) -> None:
    assert verdict(answer, attempt) is expected


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_patience_gets_it(status: int) -> None:
    asked = Answer(status=status, retry_after=timedelta(hours=1))

    assert wait(asked, 1, 0) == timedelta(hours=1)
    assert asked.pause == timedelta(hours=1)
    assert wait(asked, 5, 0) == timedelta(hours=5)  # never sooner than planned either


def test_retry_after_of_a_plain_failure_is_not_an_excuse_to_wait() -> None:
    assert wait(Answer(status=500, retry_after=timedelta(hours=9)), 1, 0) == 5 * S


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("999999999999", timedelta(hours=24)),
        ("-5", None),
        ("²", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_at_most_a_day(
    header: str | None, expected: timedelta | None
) -> None:
    assert retry_after(header) == expected
