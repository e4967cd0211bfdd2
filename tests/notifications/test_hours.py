"""When a phone may ring: office hours, working days with their holidays, quiet time, one's own minute."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.calendar_seed import seed_calendar
from app.kernel.clock import SHANGHAI
from app.notifications.calming import Person, Wishes
from app.notifications.channels import Channel
from app.notifications.hours import CROWDED, Window, may_ring_at
from app.notifications.policy import shipped

CALENDAR = seed_calendar()
ROUTING = shipped()
WINDOW = Window(ROUTING.hours, CALENDAR)
ANYBODY = UUID(int=5)  # whose own minute is the fifth


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """2026, local, as the instant in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (shanghai(11, 25, 0), shanghai(11, 25, 8, 5)),
        (shanghai(11, 25, 7, 59), shanghai(11, 25, 8, 5)),
        (shanghai(11, 25, 8), shanghai(11, 25, 8)),
        (shanghai(11, 25, 19, 59), shanghai(11, 25, 19, 59)),
        (shanghai(11, 25, 20), shanghai(11, 26, 8, 5)),
        (shanghai(11, 27, 21), shanghai(11, 30, 8, 5)),  # Friday evening: Monday
        (shanghai(11, 28, 10), shanghai(11, 30, 8, 5)),  # Saturday
        (shanghai(10, 1, 9), shanghai(10, 8, 8, 5)),  # National Day: a week
        (shanghai(10, 10, 9), shanghai(10, 10, 9)),  # a Saturday worked in exchange
    ],
)
def test_phones_ring_in_office_hours_on_working_days(now: datetime, then: datetime) -> None:
    assert may_ring_at(now, WINDOW, person=ANYBODY) == then


def test_an_urgent_line_rings_at_any_hour() -> None:
    night = shanghai(10, 1, 3)
    assert may_ring_at(night, WINDOW, person=ANYBODY, urgent=True) == night


def test_a_persons_quiet_time_is_kept_and_one_over_the_whole_day_is_not_heeded() -> None:
    noon = Window(ROUTING.hours, CALENDAR, (time(12), time(14, 30)))
    assert may_ring_at(shanghai(11, 25, 13), noon, person=ANYBODY) == shanghai(11, 25, 14, 35)
    over_midnight = Window(ROUTING.hours, CALENDAR, (time(18), time(9)))
    assert may_ring_at(shanghai(11, 25, 8), over_midnight, person=ANYBODY) == shanghai(11, 25, 9, 5)
    never = Window(ROUTING.hours, CALENDAR, (time(0), time(23, 59)))
    assert may_ring_at(shanghai(11, 25, 13), never, person=ANYBODY) == shanghai(11, 25, 13)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    st.integers(0, 2**128 - 1),
    st.one_of(st.none(), st.tuples(st.times(), st.times())),
)
def test_whatever_the_hour_the_answer_is_inside_the_window_and_off_the_crowd(
    local: datetime, person: int, quiet: tuple[time, time] | None
) -> None:
    now = local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    then = may_ring_at(now, Window(ROUTING.hours, CALENDAR, quiet), person=UUID(int=person))
    assert then >= now
    there = then.astimezone(SHANGHAI)
    assert WINDOW.is_open(there)
    assert then == now or quiet is not None or there.minute not in CROWDED


def test_the_days_last_push_is_its_digest_and_after_it_the_day_is_over() -> None:
    person = Person(ANYBODY, Wishes((Channel.WECHAT,)), CALENDAR, ROUTING)
    now, digest = shanghai(11, 25, 10), shanghai(11, 25, 17, 15)
    most = ROUTING.calm.daily_pushes
    assert person.held_until("overdue", most - 2, now) is None
    assert person.held_until("overdue", most - 1, now) == digest
    assert person.held_until("overdue", most - 1, digest) is None
    assert person.held_until("overdue", most, digest) == shanghai(11, 26, 8, 5)
    assert person.becomes_one(2, most - 1)
    assert not person.becomes_one(2, 0)
    assert person.becomes_one(ROUTING.calm.together_from, 0)


def test_who_wants_one_message_a_day_has_it_at_the_digests_hour() -> None:
    person = Person(ANYBODY, Wishes((Channel.WECHAT,), digest_only=True), CALENDAR, ROUTING)
    assert person.first_ring("overdue", shanghai(11, 25, 9)) == shanghai(11, 25, 17, 15)
    assert person.first_ring("overdue", shanghai(11, 27, 18)) == shanghai(11, 30, 17, 15)
    assert person.becomes_one(2, 0)
