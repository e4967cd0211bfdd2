"""Founding the demo county: places and people, a year of invented history, log-ins; all or nothing."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.alerts import service as alerts
from app.deadlines import calendars
from app.deadlines import service as clocks
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.deadlines.packs import Level
from app.demo import access, casting, delegates, network, phones, presence, residents
from app.demo import county as counties
from app.demo.access import Keys
from app.demo.agenda import agenda
from app.demo.casting import Stage
from app.demo.county import County
from app.demo.days import Days
from app.demo.facts import DemoCounty
from app.demo.history import play
from app.demo.names import COUNTY_CODE, Names
from app.demo.presence import Scene
from app.demo.shape import Shape
from app.directory import queries as directory
from app.infra.db import Database, sql
from app.infra.logs import log
from app.infra.tenants import Tenant
from app.kernel.clock import DAY, local_date
from app.suggestions.oversight_models import StandingAuthorisation

SEED = 20260101  # the same county at every first start
AUTHORISED_ACTS = ("review", "assignment", "return", "extension", "rejection")

# Services that know no history wrote their events as fresh ones; nobody is to be told of last year.
RELAYED = text("""
    UPDATE outbox SET relayed = true
     WHERE seq IS NULL AND NOT relayed AND xmin = pg_current_xact_id()::xid""")


async def seed(
    database: Database,
    tenant: Tenant,
    *,
    now: datetime,
    passwords: Callable[[], str],
    appid: str,
    scale: float = 1.0,
) -> DemoCounty:
    """The demo county's facts, founding it first where it is absent.

    One transaction: an interrupted first start leaves nothing behind. Called again it adds nothing,
    but passwords and the partner's secret are kept only as hashes, so they are given anew: callers
    keep what they were told and ask again only when they have lost it.

    `now`: business time. `passwords`: makes one that `accounts.passwords.check_fit` accepts.
    `appid`: of the mini-program to which the users' WeChat is bound. `scale`: 1 is the contract's
    county; tests found a smaller one. Raises PasswordUnfit.
    """
    async with database.unit(tenant) as tx:
        if await directory.region_by_code(tx, COUNTY_CODE) is None:
            await _found(tx, Shape.scaled(scale), now=now, appid=appid)
        return await access.hand_out(tx, Keys(passwords, now))


async def _found(tx: AsyncSession, shape: Shape, *, now: datetime, appid: str) -> None:
    rng = Random(SEED)
    names = Names(rng)
    await calendars.seed(tx, now=now)
    days = Days(await calendars.current(tx), now)
    founded_at = days.office(days.today - 2 * 365 * DAY, rng)
    county = await counties.found(tx, shape, names)
    await delegates.seat_all(tx, county, shape, names, rng)
    await network.build(tx, county, shape, names, rng, founded_at)
    await access.appoint(tx, county, names, appid=appid)
    await phones.connect(tx, appid=appid, now=now)
    _authorise(tx, county, now)
    log.info("demo county founded", towns=shape.towns, delegates=shape.delegates)
    acts = await _live_through(tx, county, days, shape, rng)
    log.info("demo year told", acts=acts)


def _authorise(tx: AsyncSession, county: County, now: datetime) -> None:
    """主席团授权 of the showcase's congress; the county's deputies' committee acts in its own right."""
    today = local_date(now)
    for congress in (county.showcase.congress, county.congress):
        assert congress is not None  # the showcase is a town
        for act in AUTHORISED_ACTS:
            tx.add(
                StandingAuthorisation(
                    congress_id=congress.id,
                    act=act,
                    valid_from=today - 300 * DAY,
                    valid_until=today + 730 * DAY,
                    minutes_no=f"主席团会议纪要〔{today.year - 1}〕3号",
                )
            )


async def _live_through(tx: AsyncSession, county: County, days: Days, shape: Shape, rng: Random) -> int:
    """Play the year, keep the lines its clocks have crossed as historic, and tell nobody."""
    rule = (await clocks.pack(tx)).row(Kind.REPLY, Level.TOWNSHIP)
    period = rule.period(complex_matter=False)
    assert period is not None  # every pack gives the reply a period
    stage = Stage(tx, county, days, period)
    acts = await play(
        [
            *presence.stories(Scene(tx, county, days), shape, rng),
            *residents.stories(tx, county, days, shape, rng),
            *casting.stories(stage, agenda(shape, rng), rng),
        ],
        until=days.now,
    )
    await tx.flush()
    started = (await tx.exec(select(Deadline).order_by(col(Deadline.id)))).all()
    await alerts.record_history(tx, started, now=days.now)
    await sql(tx, RELAYED)
    return acts
