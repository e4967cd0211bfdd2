"""Places on the earth in the frames that Chinese phones speak, and the metres between them.

WGS-84 is what satellites give, GCJ-02 what Tencent and Amap maps draw, BD-09 what Baidu draws.
GCJ-02 lies 23-698 m from WGS-84, BD-09 about 900 m from GCJ-02: a number without its frame is
no place, and metres are measured in WGS-84 only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import asin, atan2, cos, hypot, isfinite, pi, radians, sin, sqrt
from typing import NamedTuple

from app.kernel.errors import Invalid

EARTH_RADIUS = 6_371_008.8  # metres, mean (IUGG R1)

# Krasovsky 1940, on which GCJ-02 is built.
SEMI_MAJOR = 6_378_245.0  # metres
ECCENTRICITY_SQUARED = 0.00669342162296594323

# GCJ-02 shifts only here. The box is crude: it also covers neighbouring countries.
SOUTH, NORTH = 0.8293, 55.8271
WEST, EAST = 72.004, 137.8347

CLOSE_ENOUGH = 1e-9  # degrees, about 0.1 mm
MOST_ROUNDS = 10  # five are enough away from the edge of the box

BAIDU_WAVE = pi * 3000 / 180


class System(StrEnum):
    """The frame a latitude and a longitude are meant in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class CoordinateInvalid(Invalid):
    code = "coordinate-invalid"


class Point(NamedTuple):
    """Degrees, in a frame the caller knows."""

    lat: float
    lng: float


@dataclass(frozen=True)
class Coordinate:
    """One reported position. Degrees; `accuracy` in metres, None where the phone gave none.

    Raises CoordinateInvalid for what cannot be a place on the earth.
    """

    lat: float
    lng: float
    accuracy: float | None
    system: System

    def __post_init__(self) -> None:
        if not -90 <= self.lat <= 90:  # NaN is refused too
            raise CoordinateInvalid("纬度应在 -90 到 90 之间，请重新定位", field="lat")
        if not -180 <= self.lng <= 180:
            raise CoordinateInvalid("经度应在 -180 到 180 之间，请重新定位", field="lng")
        if self.accuracy is not None and not (isfinite(self.accuracy) and self.accuracy >= 0):
            raise CoordinateInvalid("定位精度应是不小于 0 的米数，手机没有给出时请留空", field="accuracy")
        if self.system not in set(System):
            raise CoordinateInvalid("请注明坐标系：wgs84 或 gcj02", field="system")

    def within(self, system: System) -> "Coordinate":
        """The same place, its numbers in another frame."""
        if system == self.system:
            return self
        wgs84 = TO_WGS84[self.system](Point(self.lat, self.lng))
        there = FROM_WGS84[system](wgs84)
        return replace(self, lat=there.lat, lng=there.lng, system=system)


def metres_between(one: Coordinate, other: Coordinate) -> float:
    """Great-circle metres, whatever frames the two came in."""
    a, b = one.within(System.WGS84), other.within(System.WGS84)
    return haversine(Point(a.lat, a.lng), Point(b.lat, b.lng))


def haversine(one: Point, other: Point) -> float:
    """Great-circle metres between two points of one frame, on a sphere of the mean radius."""
    lat_1, lat_2 = radians(one.lat), radians(other.lat)
    half_lat = sin((lat_2 - lat_1) / 2)
    half_lng = sin(radians(other.lng - one.lng) / 2)
    share = half_lat**2 + cos(lat_1) * cos(lat_2) * half_lng**2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(share)))


def wgs84_to_gcj02(point: Point) -> Point:
    """The published shift; outside the box the point itself."""
    if not _in_the_box(point):
        return point
    x, y = point.lng - 105, point.lat - 35
    phi = radians(point.lat)
    m = 1 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    per_degree_lat = SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED) / (m * sqrt(m)) * pi / 180
    per_degree_lng = SEMI_MAJOR / sqrt(m) * cos(phi) * pi / 180
    return Point(
        point.lat + _metres_north(x, y) / per_degree_lat,
        point.lng + _metres_east(x, y) / per_degree_lng,
    )


def gcj02_to_wgs84(point: Point) -> Point:
    """The inverse by iteration, within 1e-6 m; the shift has no closed inverse.

    One step alone would be up to 4.5 m off. Within 700 m of the edge of the box, where the shift
    stops abruptly, the answer may be off by the whole shift: no station stands there.
    """
    guess = point
    for _ in range(MOST_ROUNDS):
        shifted = wgs84_to_gcj02(guess)
        too_far_north, too_far_east = shifted.lat - point.lat, shifted.lng - point.lng
        guess = Point(guess.lat - too_far_north, guess.lng - too_far_east)
        if max(abs(too_far_north), abs(too_far_east)) < CLOSE_ENOUGH:
            break
    return guess


def gcj02_to_bd09(point: Point) -> Point:
    lat, lng = point
    z = hypot(lng, lat) + 2e-5 * sin(lat * BAIDU_WAVE)
    theta = atan2(lat, lng) + 3e-6 * cos(lng * BAIDU_WAVE)
    return Point(z * sin(theta) + 0.006, z * cos(theta) + 0.0065)


def bd09_to_gcj02(point: Point) -> Point:
    """The customary approximate inverse: a round trip is at most 0.21 m off."""
    lat, lng = point.lat - 0.006, point.lng - 0.0065
    z = hypot(lng, lat) - 2e-5 * sin(lat * BAIDU_WAVE)
    theta = atan2(lat, lng) - 3e-6 * cos(lng * BAIDU_WAVE)
    return Point(z * sin(theta), z * cos(theta))


def _in_the_box(point: Point) -> bool:
    return SOUTH <= point.lat <= NORTH and WEST <= point.lng <= EAST


def _metres_north(x: float, y: float) -> float:
    """`x`, `y`: degrees east of 105 E and north of 35 N."""
    smooth = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    ripple = 20 * sin(y * pi) + 40 * sin(y * pi / 3)
    swell = 160 * sin(y * pi / 12) + 320 * sin(y * pi / 30)
    return smooth + (_shared_ripple(x) + ripple + swell) * 2 / 3


def _metres_east(x: float, y: float) -> float:
    """`x`, `y`: degrees east of 105 E and north of 35 N."""
    smooth = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    ripple = 20 * sin(x * pi) + 40 * sin(x * pi / 3)
    swell = 150 * sin(x * pi / 12) + 300 * sin(x * pi / 30)
    return smooth + (_shared_ripple(x) + ripple + swell) * 2 / 3


def _shared_ripple(x: float) -> float:
    return 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)


def _unchanged(point: Point) -> Point:
    return point


def _bd09_to_wgs84(point: Point) -> Point:
    return gcj02_to_wgs84(bd09_to_gcj02(point))


def _wgs84_to_bd09(point: Point) -> Point:
    return gcj02_to_bd09(wgs84_to_gcj02(point))


Conversion = Callable[[Point], Point]

TO_WGS84: dict[System, Conversion] = {
    System.WGS84: _unchanged,
    System.GCJ02: gcj02_to_wgs84,
    System.BD09: _bd09_to_wgs84,
}
FROM_WGS84: dict[System, Conversion] = {
    System.WGS84: _unchanged,
    System.GCJ02: wgs84_to_gcj02,
    System.BD09: _wgs84_to_bd09,
}
