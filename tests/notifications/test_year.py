"""A year in a small county, day by day with its holidays: nothing missed, doubled or outside the window.

Clocks, lines and rows are the real ones; only the year's suggestions are clocks without the file around them.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlmodel import select

from app.alerts.models import Alert
from app.deadlines import calendars
from app.deadlines import service as clocks
from app.deadlines.lines import Kind, Line
from app.deadlines.models import Deadline, SubjectKind
from app.deadlines.packs import Level
from app.deadlines.service import Start, Subject
from app.kernel.clock import DAY, SHANGHAI, local_midnight
from app.notifications.channels import Channel, Senders
from app.notifications.models import Delivery
from app.notifications.policy import shipped
from tests.notifications.channels import Telephone
from tests.notifications.rig import Rig

YEAR = [date(2026, 1, 1) + n * DAY for n in range(365)]
MORNING, AFTERNOON = timedelta(hours=9), timedelta(hours=17, minutes=50)
EVERY = 6  # days between two new matters
LATE_FOR = 25  # days after which a unit signs at last, each second time


async def begin(rig: Rig, day: date) -> None:
    """A matter handed to bob's unit."""
    async with rig.database.unit(rig.tenant) as tx:
        subject = Subject(
            kind=SubjectKind.ASSIGNMENT,
            id=uuid4(),
            root_id=uuid4(),
            region_id=rig.county.town_id,
            level=Level.TOWNSHIP,
            unit_id=rig.county.unit_id,
        )
        at = Start(on=day, now=local_midnight(day) + MORNING)
        await clocks.start(tx, Kind.ACCEPTANCE, subject, at)


async def sign(rig: Rig, now: datetime) -> None:
    """Every second matter is signed for in time, the others late."""
    async with rig.database.unit(rig.tenant) as tx:
        open_ones = (await tx.exec(select(Deadline).where(Deadline.stopped_at == None))).all()  # noqa: E711
        for clock in open_ones:
            in_time = clock.started_on.toordinal() % (2 * EVERY) < EVERY
            if now >= clock.due_at - DAY * (1 if in_time else -LATE_FOR):
                clock.stopped_at, clock.stop_reason = now, "acceptance"


async def a_day(rig: Rig, day: date) -> None:
    rig.clock.now = local_midnight(day) + timedelta(minutes=5)
    await rig.sweep()
    await rig.read_feed()
    for hour in (MORNING, AFTERNOON):
        rig.clock.now = local_midnight(day) + hour
        while await rig.deliver():
            pass
        await rig.machine_time_passes()
    await sign(rig, local_midnight(day) + timedelta(hours=18))


async def test_a_year_misses_nothing_doubles_nothing_and_never_rings_outside_the_window(rig: Rig) -> None:
    rig.outside[Senders] = Senders({Channel.WECHAT: Telephone()})
    for n, day in enumerate(YEAR):
        if n % EVERY == 0:
            await begin(rig, day)
        await a_day(rig, day)

    async with rig.database.unit(rig.tenant) as tx:
        calendar = await calendars.current(tx)
        all_clocks = (await tx.exec(select(Deadline))).all()
        alerts = (await tx.exec(select(Alert))).all()
        deliveries = (await tx.exec(select(Delivery))).all()
    expected = Counter(
        (clock.id, crossing.line)
        for clock in all_clocks
        for crossing in clocks.planned(clock, calendar)
        if crossing.at <= min(clock.stopped_at or rig.clock.now, rig.clock.now)
    )
    assert Counter((alert.subject_id, Line(alert.line)) for alert in alerts) == expected
    assert len(all_clocks) == 61
    keys = Counter((row.subject_id, row.line, row.account_id, row.channel) for row in deliveries)
    assert set(keys.values()) == {1}
    assert {row.state for row in deliveries} <= {"delivered", "merged", "superseded", "pending"}

    hours = shipped().hours
    sent = [row.delivered_at for row in deliveries if row.channel == "wechat" and row.delivered_at]
    assert len(sent) > 100
    for at in sent:
        local = at.astimezone(SHANGHAI)
        assert calendar.is_working(local.date())
        assert hours.opens <= local.time() < hours.closes
    a_day_each = Counter(
        (row.account_id, row.delivered_at.astimezone(SHANGHAI).date())
        for row in deliveries
        if row.channel == "wechat" and row.delivered_at
    )
    assert max(a_day_each.values()) <= shipped().calm.daily_pushes
    overdue = [row for row in deliveries if row.line == "overdue" and row.channel == "wechat"]
    told = {(row.subject_id, row.account_id) for row in overdue if row.state in ("delivered", "merged")}
    assert len(told) == len(overdue) > 60
