"""When a phone may ring, what is still true, how long a failed send waits, how long words are."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.adapters.wechat.values import units
from app.deadlines.lines import Kind, Line
from app.notifications.rules import TOLD, may_send_at, still_true, wait
from app.notifications.wording import EVENT_WORDS, KIND_NAMES, of_event, of_line, what_to_do


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026, local, as the instant in UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (shanghai(25, 0), shanghai(25, 8)),
        (shanghai(25, 7, 59), shanghai(25, 8)),
        (shanghai(25, 8), shanghai(25, 8)),
        (shanghai(25, 12, 30), shanghai(25, 12, 30)),
        (shanghai(25, 19, 59), shanghai(25, 19, 59)),
        (shanghai(25, 20), shanghai(26, 8)),
        (shanghai(25, 23, 59), shanghai(26, 8)),
    ],
)
@pytest.mark.parametrize("line", list(Line))
def test_phones_ring_from_eight_to_eight_local_time(line: Line, now: datetime, then: datetime) -> None:
    assert may_send_at(line, now) == then


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        (Line.DUE_SOON, True, False),
        (Line.LAST_DAY, True, False),
        (Line.OVERDUE, True, True),
        (Line.OVERDUE_3, True, True),
        (Line.OVERDUE_10, True, True),
    ],
)
def test_nothing_is_due_soon_that_is_overdue(line: Line, before: bool, after: bool) -> None:
    due_at = shanghai(25, 0)
    assert still_true(line, due_at=due_at, now=due_at - timedelta(seconds=1)) is before
    assert still_true(line, due_at=due_at, now=due_at) is after


@pytest.mark.parametrize(
    ("after", "attempts", "waits"),
    [
        (60, 1, 60),
        (60, 2, 240),
        (60, 3, 960),
        (60, 4, 3600),  # at most an hour
        (1, 1, 1),
        (50_000, 1, 50_000),  # a daily quota comes back at midnight
        (50_000, 4, 50_000),
    ],
)
def test_each_attempt_waits_longer(after: int, attempts: int, waits: int) -> None:
    assert wait(timedelta(seconds=after), attempts) == timedelta(seconds=waits)


def test_every_clock_and_every_told_step_has_words() -> None:
    assert set(KIND_NAMES) == set(Kind)
    assert set(EVENT_WORDS) == set(TOLD)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_to_do_is_never_cut_by_wechat(kind: Kind) -> None:
    assert max(units(what_to_do(kind, line)) for line in Line) <= 20


def test_the_words_name_the_last_day() -> None:
    words = of_line(Kind.REPLY, Line.OVERDUE, matter="关于水渠的建议", last_day=date(2026, 11, 30))
    assert words.title == "建议答复已逾期，请尽快办理"
    assert words.body == "“关于水渠的建议”的建议答复期限到2026年11月30日为止。"


def test_a_title_with_braces_is_shown_as_it_is() -> None:
    assert "{0}" in of_event("suggestion.submitted", matter="关于{0}的建议").body
