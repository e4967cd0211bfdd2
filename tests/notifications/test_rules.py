"""What is still true, how long a failed send waits, how long words are."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.adapters.wechat.values import units
from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.notifications.policy import shipped
from app.notifications.rules import still_true, wait
from app.notifications.wording import (
    EVENT_WORDS,
    KIND_NAMES,
    SIGNAL_WORDS,
    Words,
    of_digest,
    of_event,
    of_line,
    of_signal,
    what_to_do,
)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026, local, as the instant in UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


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


def test_every_clock_every_line_and_every_told_step_has_words_and_hearers() -> None:
    routing = shipped()
    assert set(KIND_NAMES) == set(Kind)
    assert set(EVENT_WORDS) == set(routing.steps)
    assert set(SIGNAL_WORDS) == set(routing.lines) == set(Signal)


@pytest.mark.parametrize("signal", list(Signal))
def test_a_signals_words_are_never_cut_by_wechat_and_leave_no_gap(signal: Signal) -> None:
    words = of_signal(signal, matter="关于水渠的建议", day=date(2026, 11, 30))
    assert units(words.title) <= 20
    assert "{" not in words.body


def test_an_undertaking_is_said_with_the_line() -> None:
    promised = date(2026, 12, 4)
    words = of_line(Kind.REPLY, Line.OVERDUE_3, matter="水渠", last_day=date(2026, 11, 30), promised=promised)
    assert words.body.endswith("承办方说明将于2026年12月4日前办结。")


def test_a_digest_names_the_gravest_and_says_how_many() -> None:
    what, matter, text = of_digest(
        Words("建议答复已逾期", "期限已过。"), "关于修缮甲镇东片灌溉水渠的建议", 12
    )
    assert (what, units(matter) <= 20, matter.endswith("等12件")) == ("您有12件事项待办", True, True)
    assert text == "您有12件事项待办。期限已过。"


def test_delegates_hear_of_their_own_matters_and_of_no_ranking() -> None:
    routing = shipped()
    heard = {line for line, who in {**routing.lines, **routing.steps}.items() if "delegate" in who}
    assert not [name for name in heard if "rank" in name or "board" in name or "score" in name]
    assert heard & set(Signal) == {Signal.SLIPPED}


@pytest.mark.parametrize("kind", list(Kind))
def test_what_to_do_is_never_cut_by_wechat(kind: Kind) -> None:
    assert max(units(what_to_do(kind, line)) for line in Line) <= 20


def test_the_words_name_the_last_day() -> None:
    words = of_line(Kind.REPLY, Line.OVERDUE, matter="关于水渠的建议", last_day=date(2026, 11, 30))
    assert words.title == "建议答复已逾期，请尽快办理"
    assert words.body == "“关于水渠的建议”的建议答复期限到2026年11月30日为止。"


def test_a_title_with_braces_is_shown_as_it_is() -> None:
    assert "{0}" in of_event("suggestion.submitted", matter="关于{0}的建议").body
