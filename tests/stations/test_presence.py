import hashlib
import hmac
from base64 import b32decode
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.geo import Coordinate, System
from app.stations.presence import (
    CODE_STEP,
    OccurredInFuture,
    Presence,
    Verdict,
    check_code,
    occurrence,
    presence,
    rotating_code,
)

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SECRET = b"of one station"
METRE = 360 / 40_030_228.88  # degrees of latitude: 2 pi x 6371008.8 m to the circle

STATION = Coordinate(22.7, 111.57, None, System.WGS84)


def phone(metres_north: float, accuracy: float | None) -> Coordinate:
    return Coordinate(STATION.lat + metres_north * METRE, STATION.lng, accuracy, System.WGS84)


@pytest.mark.parametrize(
    ("metres", "accuracy", "verdict"),
    [
        (0, 0, Verdict.INSIDE),
        (199.9, 0, Verdict.INSIDE),
        (200.1, 0, Verdict.OUTSIDE),
        (229.9, 30, Verdict.INSIDE),
        (230.1, 30, Verdict.OUTSIDE),
        (299.9, 100, Verdict.INSIDE),
        (299.9, 200, Verdict.INSIDE),
        (300.1, 200, Verdict.OUTSIDE),  # more than 100 m is never allowed for
        (0, 200.1, Verdict.UNKNOWN),
        (0, None, Verdict.UNKNOWN),
        (5000, None, Verdict.UNKNOWN),
    ],
)
def test_inside_outside_or_unknown(metres: float, accuracy: float | None, verdict: Verdict) -> None:
    assert presence(STATION, phone(metres, accuracy)) == Presence(verdict, round(metres))


@pytest.mark.parametrize(("radius", "verdict"), [(150, "outside"), (170, "inside")])
def test_the_radius_is_the_stations_own(radius: float, verdict: str) -> None:
    assert presence(STATION, phone(165, 0), radius=radius).verdict == verdict


@pytest.mark.parametrize("system", System)
def test_one_place_is_inside_in_whatever_frame_the_phone_speaks(system: System) -> None:
    assert presence(STATION, phone(150, 5).within(system)) == Presence(Verdict.INSIDE, 150)


def test_numbers_of_one_frame_taken_for_another_would_be_outside() -> None:
    mistaken = Coordinate(STATION.lat, STATION.lng, 5, System.GCJ02)

    assert presence(STATION, mistaken).verdict == Verdict.OUTSIDE


@pytest.mark.parametrize(("station", "here"), [(STATION, None), (None, phone(0, 5))])
def test_without_either_place_nothing_is_known(station: Coordinate | None, here: Coordinate | None) -> None:
    assert presence(station, here) == Presence(Verdict.UNKNOWN, None)


def test_a_verdict_holds_no_place() -> None:
    assert {field.name for field in fields(Presence)} == {"verdict", "distance"}


@given(st.floats(0, 1000), st.floats(0, 200), st.floats(0, 200))
def test_a_better_accuracy_never_brings_the_phone_nearer(metres: float, one: float, other: float) -> None:
    better, worse = sorted((one, other))
    if presence(STATION, phone(metres, better)).verdict == Verdict.INSIDE:
        assert presence(STATION, phone(metres, worse)).verdict == Verdict.INSIDE


def test_the_code_is_fifty_bits_of_a_keyed_hash_of_place_and_window() -> None:
    at = datetime.fromtimestamp(15 * 1000, UTC)
    code = rotating_code(SECRET, "s1", at=at)

    digest = hmac.new(SECRET, b"s1:1000", hashlib.sha256).digest()
    assert len(code) == 10
    assert b32decode(code + "AAAAAA")[:6] == digest[:6]


def test_a_code_stays_the_same_for_one_step() -> None:
    start = datetime.fromtimestamp(15 * 1000, UTC)
    last = start + CODE_STEP - timedelta(microseconds=1)

    assert rotating_code(SECRET, "s1", at=start) == rotating_code(SECRET, "s1", at=last)
    assert rotating_code(SECRET, "s1", at=start) != rotating_code(SECRET, "s1", at=start + CODE_STEP)


@pytest.mark.parametrize(
    ("steps_later", "window", "accepted"),
    [(0, 1, True), (1, 1, True), (2, 1, False), (2, 2, True), (0, 0, True), (1, 0, False)],
)
def test_a_code_is_accepted_until_its_window_has_passed(
    steps_later: int, window: int, accepted: bool
) -> None:
    code = rotating_code(SECRET, "s1", at=NOW)
    then = NOW + steps_later * CODE_STEP

    assert check_code(SECRET, "s1", code, at=then, window=window) is accepted


@given(st.integers(1, 10_000), st.integers(0, 5))
def test_a_code_of_the_future_is_never_accepted(steps_ahead: int, window: int) -> None:
    code = rotating_code(SECRET, "s1", at=NOW + steps_ahead * CODE_STEP)

    assert not check_code(SECRET, "s1", code, at=NOW, window=window)


@pytest.mark.parametrize(("secret", "place"), [(b"of another", "s1"), (SECRET, "s2")])
def test_a_code_of_another_station_is_not_accepted(secret: bytes, place: str) -> None:
    assert not check_code(SECRET, "s1", rotating_code(secret, place, at=NOW), at=NOW)


def test_a_code_may_be_typed_in_small_letters() -> None:
    code = f" {rotating_code(SECRET, 's1', at=NOW).lower()}\n"

    assert check_code(SECRET, "s1", code, at=NOW)


@given(st.text() | st.just("\ud800"))
def test_whatever_people_type_is_answered(code: str) -> None:
    assert not check_code(SECRET, "s1", code, at=NOW)


def test_no_secret_no_code() -> None:
    with pytest.raises(ValueError, match="secret"):
        rotating_code(b"", "s1", at=NOW)


@pytest.mark.parametrize(
    ("age", "late"),
    [
        (timedelta(minutes=-2), False),
        (timedelta(0), False),
        (timedelta(days=7), False),
        (timedelta(days=7, microseconds=1), True),
        (timedelta(days=400), True),
    ],
)
def test_an_offline_report_keeps_both_times_and_is_late_after_a_week(age: timedelta, late: bool) -> None:
    kept = occurrence(NOW - age, now=NOW)

    assert (kept.occurred_at, kept.received_at, kept.late) == (NOW - age, NOW, late)


def test_more_than_two_minutes_in_the_future_is_refused() -> None:
    with pytest.raises(OccurredInFuture) as refusal:
        occurrence(NOW + timedelta(minutes=2, microseconds=1), now=NOW)

    assert refusal.value.facts == {"field": "occurred_at"}


def test_without_the_phones_time_it_happened_when_it_came() -> None:
    assert occurrence(None, now=NOW).occurred_at == NOW


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-14))])))
def test_any_clock_a_phone_may_have_is_judged(occurred_at: datetime) -> None:
    try:
        assert occurrence(occurred_at, now=NOW).occurred_at == occurred_at
    except OccurredInFuture:
        assert occurred_at > NOW
