"""Check values and bounds are those published for the three frames, not our own output."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.geo import (
    EARTH_RADIUS,
    EAST,
    NORTH,
    SOUTH,
    WEST,
    Coordinate,
    CoordinateInvalid,
    Point,
    System,
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    haversine,
    metres_between,
    wgs84_to_gcj02,
)

SHANGHAI = Point(31.230416, 121.473701)
SHANGHAI_GCJ02 = Point(31.22847374224698, 121.47822405739267)
SHANGHAI_BD09 = Point(31.23432658138832, 121.48478247238995)
BEIJING = Point(39.907333, 116.391305)
BEIJING_GCJ02 = Point(39.90873427128538, 116.39754616292328)

EDGE = 0.02  # degrees: more than any shift, so that a shifted point stays in the box
in_china = st.builds(Point, st.floats(SOUTH + EDGE, NORTH - EDGE), st.floats(WEST + EDGE, EAST - EDGE))
anywhere = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
systems = st.sampled_from(System)


def at(point: Point, system: System = System.WGS84) -> Coordinate:
    return Coordinate(point.lat, point.lng, 10.0, system)


@pytest.mark.parametrize(("wgs84", "gcj02"), [(SHANGHAI, SHANGHAI_GCJ02), (BEIJING, BEIJING_GCJ02)])
def test_wgs84_becomes_gcj02_as_published(wgs84: Point, gcj02: Point) -> None:
    assert wgs84_to_gcj02(wgs84) == pytest.approx(gcj02, abs=1e-12)


def test_gcj02_becomes_bd09_as_published() -> None:
    assert gcj02_to_bd09(SHANGHAI_GCJ02) == pytest.approx(SHANGHAI_BD09, abs=1e-12)


def test_gcj02_becomes_wgs84_as_published() -> None:
    assert gcj02_to_wgs84(BEIJING_GCJ02) == pytest.approx(BEIJING, abs=1e-9)


@pytest.mark.parametrize(
    "abroad",
    [
        Point(51.5, -0.12),
        Point(0.82, 100.0),
        Point(55.83, 100.0),
        Point(30.0, 72.0),
        Point(30.0, 138.0),
    ],
)
def test_outside_the_box_nothing_is_shifted(abroad: Point) -> None:
    assert (wgs84_to_gcj02(abroad), gcj02_to_wgs84(abroad)) == (abroad, abroad)


@given(in_china)
def test_gcj02_and_back_is_the_same_place_to_a_micrometre(point: Point) -> None:
    assert haversine(gcj02_to_wgs84(wgs84_to_gcj02(point)), point) < 1e-6


@given(in_china)
def test_bd09_and_back_is_within_a_quarter_of_a_metre(point: Point) -> None:
    assert haversine(bd09_to_gcj02(gcj02_to_bd09(point)), point) < 0.25


@given(in_china)
def test_the_frames_lie_as_far_apart_as_published(point: Point) -> None:
    gcj02 = wgs84_to_gcj02(point)

    assert 15 < haversine(point, gcj02) < 750
    assert 700 < haversine(gcj02, gcj02_to_bd09(gcj02)) < 1100


@given(anywhere, systems, systems)
def test_any_place_can_be_said_in_any_frame(point: Point, one: System, other: System) -> None:
    try:
        place = at(point, one).within(other)
    except CoordinateInvalid:
        assert System.BD09 in (one, other)  # its offset may step over a pole or the date line
    else:
        assert place.system is other


@given(in_china, systems)
def test_one_place_in_two_frames_is_no_distance_from_itself(point: Point, system: System) -> None:
    assert metres_between(at(point), at(point).within(system)) < 0.25


@given(in_china, in_china, systems, systems)
def test_distance_is_the_same_both_ways(one: Point, other: Point, here: System, there: System) -> None:
    assert metres_between(at(one, here), at(other, there)) == pytest.approx(
        metres_between(at(other, there), at(one, here))
    )


def test_the_same_numbers_in_two_frames_are_hundreds_of_metres_apart() -> None:
    assert metres_between(at(BEIJING), at(BEIJING, System.GCJ02)) == pytest.approx(554, abs=5)


@pytest.mark.parametrize(
    ("one", "other", "share_of_the_circle"),
    [
        (Point(0, 0), Point(0, 90), 1 / 4),
        (Point(0, 0), Point(90, 77), 1 / 4),
        (Point(90, 0), Point(-90, 0), 1 / 2),
        (Point(0, 179.5), Point(0, -179.5), 1 / 360),
        (Point(23, 111), Point(24, 111), 1 / 360),
        (Point(23, 111), Point(23, 111), 0),
    ],
)
def test_haversine_on_known_arcs(one: Point, other: Point, share_of_the_circle: float) -> None:
    assert haversine(one, other) == pytest.approx(2 * math.pi * EARTH_RADIUS * share_of_the_circle)


@given(anywhere, anywhere)
def test_no_two_places_are_farther_than_half_way_round(one: Point, other: Point) -> None:
    assert 0 <= haversine(one, other) <= math.pi * EARTH_RADIUS


@pytest.mark.parametrize(
    ("lat", "lng", "accuracy", "system", "field"),
    [
        (90.1, 0, 5, System.WGS84, "lat"),
        (math.nan, 0, 5, System.WGS84, "lat"),
        (0, -180.1, 5, System.WGS84, "lng"),
        (0, math.inf, 5, System.WGS84, "lng"),
        (0, 0, -1, System.WGS84, "accuracy"),
        (0, 0, math.nan, System.WGS84, "accuracy"),
        (0, 0, math.inf, System.WGS84, "accuracy"),
        (0, 0, 5, "mars", "system"),
    ],
)
def test_what_is_no_place_is_refused_by_field(
    lat: float, lng: float, accuracy: float, system: System, field: str
) -> None:
    with pytest.raises(CoordinateInvalid) as refusal:
        Coordinate(lat, lng, accuracy, system)

    assert refusal.value.facts == {"field": field}


def test_the_edges_of_the_earth_and_a_missing_accuracy_are_accepted() -> None:
    assert Coordinate(-90, 180, None, System.GCJ02).accuracy is None
    assert Coordinate(90, -180, 0, System.GCJ02).accuracy == 0
