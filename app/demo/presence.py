"""Reception days of the past year and the next two weeks, and visits to voters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.actor import Actor
from app.demo.county import County, Station, Town
from app.demo.days import Days, local, minutes
from app.demo.history import Story
from app.demo.shape import Shape
from app.demo.texts import VISIT_SUMMARIES, matter
from app.kernel.clock import DAY
from app.stations import attending, managing
from app.stations.attending import Attendance, Report
from app.visits import recording
from app.visits.models import Wants
from app.visits.recording import Account, Issue

OPENS, CLOSES, ALL_DAY = 9, 11, 20  # o'clock
COMING_DAYS = 14
PUBLISHED_BEFORE = 4  # working days before the last one: in time for every one of them
SCANS = 0.6  # of the delegates; for the others the keeper records attendance


@dataclass(frozen=True)
class Scene:
    """Where and when the stories of presence play."""

    tx: AsyncSession
    county: County
    days: Days


def stories(scene: Scene, shape: Shape, rng: Random) -> Iterator[Story]:
    for _ in range(shape.duties):
        yield _past_duty(scene, *_somewhere(scene.county, rng), Random(rng.random()))
    for _ in range(shape.visits):
        yield _visit(scene, rng.choice(scene.county.towns), Random(rng.random()))
    yield _coming_weeks(scene, Random(rng.random()))


def _somewhere(county: County, rng: Random) -> tuple[Town, Station]:
    town = rng.choice(county.places)
    return town, rng.choice([station for station in town.stations if station.keeper])


def receivers(county: County, town: Town) -> list[Actor]:
    """Who may be on duty there; in a street, delegates of the county."""
    return town.delegates or county.delegates


def seat(delegate: Actor) -> UUID:
    """The seat a delegate was given last: the county's, if there is one."""
    found = delegate.seats[-1].delegate_id
    assert found is not None  # a delegate's post names the seat
    return found


async def _past_duty(scene: Scene, town: Town, station: Station, rng: Random) -> Story:
    """Published, then held: some delegates scan the code, the keeper records the others."""
    tx, days = scene.tx, scene.days
    day = scene.days.some_day(rng, least_ago=1)
    on_duty = rng.sample(receivers(scene.county, town), 2)
    assert station.keeper is not None  # chosen among those that have one
    yield (published := days.office(days.calendar.shift(day, -rng.choice((2, 4, 5, 6))), rng))
    for delegate in on_duty:
        await _publish(scene, station, delegate, day, published)
    yield (came := local(day, OPENS) + minutes(rng.randrange(1, 20)))
    scanned = [delegate for delegate in on_duty if rng.random() < SCANS]
    for delegate in scanned:
        report = Report(client_id=f"demo-{day}-{station.row.id}", code=station.row.code)
        await attending.check_in(tx, station.row.id, seat(delegate), report, actor=delegate, now=came)
    others = [seat(delegate) for delegate in on_duty if delegate not in scanned]
    if others:
        yield (left := local(day, CLOSES) + minutes(10))
        seen = Attendance(day, others)
        await attending.record_attendance(tx, station.row, seen, actor=station.keeper, now=left)


async def _publish(
    scene: Scene, station: Station, delegate: Actor, day: date, at: datetime, closes: int = CLOSES
) -> None:
    assert station.keeper is not None  # points keep no rota
    await managing.publish_shift(
        scene.tx,
        station.row,
        seat(delegate),
        starts_at=local(day, OPENS),
        ends_at=local(day, closes),
        actor=station.keeper,
        now=at,
    )


async def _coming_weeks(scene: Scene, rng: Random) -> Story:
    """One reception day a week at every station with a keeper.

    At the demo keeper's the demo delegate is on duty each time, and all day today: its page is never
    without a name.
    """
    days, town = scene.days, scene.county.showcase
    yield (published := days.office(days.back(PUBLISHED_BEFORE), rng))
    await _publish(scene, town.stations[0], town.delegates[0], days.today, published, ALL_DAY)
    for place in scene.county.places:
        pool = receivers(scene.county, place)
        for station in (one for one in place.stations if one.keeper):
            in_days = [week + rng.randint(1, 5) for week in range(0, COMING_DAYS, 7)]
            # A long holiday may bring both weeks' days together.
            for day in sorted({days.calendar.on_or_after(days.today + n * DAY) for n in in_days}):
                delegate = pool[0] if station is place.stations[0] else rng.choice(pool)
                await _publish(scene, station, delegate, day, published)


async def _visit(scene: Scene, town: Town, rng: Random) -> Story:
    """A delegate goes to voters and notes what was said."""
    day = scene.days.some_day(rng, least_ago=1)
    delegate = rng.choice(town.delegates)
    raised = [matter(rng, town.villages) for _ in range(rng.randint(0, 2))]
    village = raised[0].place if raised else rng.choice(town.villages)
    households = rng.randint(3, 12)
    account = Account(
        client_id=f"demo-visit-{rng.getrandbits(64):016x}",
        visited_on=day,
        place=village,
        summary=rng.choice(VISIT_SUMMARIES).format(village=village, k=households),
        households=households,
        people_met=households + rng.randint(2, 20),
        issues=[Issue(one.heard(rng), Wants.NOTE, one.topic.category) for one in raised],
    )
    yield (written := local(day, 20, rng.randrange(60)))
    await recording.record(scene.tx, account, seat(delegate), actor=delegate, now=written)
