"""The three tiers of liaison stations: a centre in every town and street, stations, points."""

from collections.abc import Iterator
from datetime import datetime
from itertools import cycle, islice
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.demo.county import County, Station, Town, person
from app.demo.names import Names, mobile
from app.demo.shape import Shape
from app.kernel.geo import Coordinate, System
from app.stations import managing
from app.stations.managing import Facts
from app.stations.models import Tier

# Out at sea: nobody's village.
SOUTH, NORTH, WEST, EAST = 19.6, 20.1, 113.6, 114.2
HOURS = {
    Tier.CENTER: "周一至周五 8:30-12:00，14:30-17:30；每月 15 日为代表接待日",
    Tier.STATION: "圩日 9:00-11:30；每月 15 日为代表接待日",
    Tier.POINT: "每月第一个星期六 9:00-11:00",
}
PUBLIC_NUMBERS = 9000  # from here on the invented numbers belong to stations


async def build(
    tx: AsyncSession, county: County, shape: Shape, names: Names, rng: Random, now: datetime
) -> None:
    """The showcase's centre first: it is the demo keeper's."""
    for town in county.places:
        await _found(tx, county, town, Tier.CENTER, names, rng, now)
    for tier, wanted in ((Tier.STATION, shape.stations), (Tier.POINT, shape.points)):
        for town in islice(cycle(county.places), wanted):
            await _found(tx, county, town, tier, names, rng, now)


async def _found(
    tx: AsyncSession, county: County, town: Town, tier: Tier, names: Names, rng: Random, now: datetime
) -> None:
    taken = {station.row.name for station in town.stations}
    name, address = next(place for place in _places(town, tier) if place[0] not in taken)
    facts = Facts(
        name=name,
        tier=tier,
        address=address,
        hours=HOURS[tier],
        phone=mobile(PUBLIC_NUMBERS + sum(len(place.stations) for place in county.places)),
        place=Coordinate(rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST), None, System.WGS84),
        radius=300 if tier is Tier.POINT else 200,
    )
    row = await managing.found_station(tx, facts, township_id=town.region.id, actor=county.office, now=now)
    keeper = None
    if tier is not Tier.POINT:
        keeper = await person(tx, names, Post(Role.STATION_KEEPER, ScopeKind.STATION, row.id, name))
    town.stations.append(Station(row, keeper))


def _places(town: Town, tier: Tier) -> Iterator[tuple[str, str]]:
    """Names and addresses, more than any town needs."""
    if tier is Tier.CENTER:
        yield f"{town.region.name}中心联络站", f"{town.region.name}便民服务中心一楼"
    for village in town.villages:
        if tier is Tier.STATION:
            yield f"{village}联络站", f"{village}党群服务中心"
        else:
            yield f"{village}榕树头联络点", f"{village}文化广场旁"
    for village in town.villages:
        yield f"{village}合作社联络点", f"{village}农产品合作社"
