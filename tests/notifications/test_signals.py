"""Lines that no clock draws: silence, urges, slips, a calendar's end, a unit without a sign of life."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlmodel import col, select

from app.alerts import detecting
from app.alerts import jobs as alert_jobs
from app.alerts.detecting import line_at
from app.alerts.models import Alert
from app.alerts.signals import Signal
from app.deadlines.calendar_seed import seed_calendar
from app.infra import outbox
from app.infra.db import sql
from app.kernel.events import Event
from app.suggestions.models import Assignment
from tests.conftest import NOW
from tests.notifications.rig import EIGHT, Rig, id_of
from tests.notifications.settings import administrator

# Assigned on Wednesday 25 November, silent for ten working days: till Wednesday 9 December.
STALLED_AT = datetime(2026, 12, 9, 16, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Urged(Event):
    name: ClassVar[str] = "suggestion.urged"
    suggestion_id: UUID
    region_id: UUID
    unit_id: UUID
    supervision_id: UUID


@dataclass(frozen=True, kw_only=True)
class RunningOut(Event):
    name: ClassVar[str] = "calendar.running_out"
    year: int


async def look(rig: Rig, at: datetime) -> int:
    async with rig.database.unit(rig.tenant) as tx:
        return await detecting.stalled(tx, now=at, limit=200)


async def alerts(rig: Rig, line: str) -> list[Alert]:
    async with rig.database.unit(rig.tenant) as tx:
        rows = await tx.exec(select(Alert).where(Alert.line == line).order_by(col(Alert.noticed_at)))
        return list(rows.all())


async def hear(rig: Rig) -> None:
    """Other domains' events become alerts, and alerts become messages."""
    await rig.number()
    async with rig.database.unit(rig.tenant) as tx:
        await alert_jobs.read_feed(tx, rig.clock.now)
    await rig.read_feed()


async def set_line(rig: Rig, line: str, body: dict[str, object]) -> httpx.Response:
    who = await administrator(rig, "secadmin")
    return await rig.client.put(f"/api/v1/alert-lines/{line}", json=body, headers=who.headers)


def test_the_line_of_a_silent_spell_is_the_midnight_after_its_last_working_day() -> None:
    assert line_at(date(2026, 11, 25), 10, seed_calendar()) == STALLED_AT


async def test_silence_is_noticed_once_for_each_spell_and_ends_with_an_act(rig: Rig) -> None:
    path = await rig.assigned()
    assert await look(rig, STALLED_AT - timedelta(seconds=1)) == 0
    assert await look(rig, STALLED_AT) == 1
    assert await look(rig, STALLED_AT + timedelta(days=30)) == 0
    [alert] = await alerts(rig, Signal.STALLED)
    assert (alert.crossed_at, alert.occurrence, alert.historic) == (STALLED_AT, 20261125, False)

    rig.clock.now = STALLED_AT + timedelta(hours=8, minutes=29)
    await rig.read_feed()
    await rig.deliver()
    assert len(rig.pushed("bob", "stalled")) == 1
    shown = (await rig.get(f"/api/v1/alerts/{alert.id}", "bob"))["open"]
    await rig.act(f"{path}/acceptance", "bob")
    assert (shown, (await rig.get(f"/api/v1/alerts/{alert.id}", "bob"))["open"]) == (True, False)
    assert await look(rig, STALLED_AT + timedelta(days=30)) == 1  # a new spell from the acceptance on


async def test_a_line_switched_off_is_not_drawn_and_days_are_the_countys_choice(rig: Rig) -> None:
    await rig.assigned()
    assert (await set_line(rig, "stalled", {"enabled": False})).status_code == 200
    assert await look(rig, STALLED_AT) == 0
    assert (await set_line(rig, "stalled", {"enabled": True, "days": 3})).json()["days"] == 3
    assert await look(rig, datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == 1
    assert (await set_line(rig, "urged", {"enabled": True, "days": 3})).status_code == 422
    assert (await set_line(rig, "ranking", {"enabled": True})).status_code == 404


async def test_a_clocks_line_switched_off_is_kept_as_a_fact_and_told_to_nobody(rig: Rig) -> None:
    assert (await set_line(rig, "overdue", {"enabled": False})).status_code == 200
    await rig.assigned()
    await rig.notice(datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    assert len(await alerts(rig, "overdue")) >= 1
    assert await rig.deliveries("bob", line="overdue", channel="inbox") == []


async def test_an_urge_is_told_to_the_unit_once_and_another_urge_again(rig: Rig) -> None:
    path = await rig.assigned()
    for _ in range(2):
        rig.clock.pass_(minutes=5)
        async with rig.database.unit(rig.tenant) as tx:
            event = Urged(
                suggestion_id=id_of(path),
                region_id=rig.county.town_id,
                unit_id=rig.county.unit_id,
                supervision_id=uuid4(),
            )
            outbox.record(tx, event, now=rig.clock.now)
        await hear(rig)
        async with rig.database.unit(rig.tenant) as tx:
            await sql(tx, text("UPDATE feed_cursors SET seq = 0"))
        await hear(rig)
    assert len(await rig.deliveries("bob", line="urged", channel="inbox")) == 2
    assert len(await rig.deliveries("bella", line="urged", channel="wechat")) == 2
    assert await rig.deliveries("bruno", line="urged", channel="inbox") == []


async def test_an_urge_is_told_whatever_other_alerts_lie_before_the_units_acts(rig: Rig) -> None:
    other, path = await rig.assigned(), await rig.assigned()
    await rig.notice(EIGHT)
    for each in (other, path):
        rig.clock.pass_(hours=2)
        await rig.act(f"{each}/acceptance", "bob")
    rig.clock.pass_(hours=2)
    await rig.act(f"{path}/supervisions", "carol", {"kind": "urge", "note": "请抓紧办理"})
    await hear(rig)
    [urged] = await rig.deliveries("bob", line="urged", channel="inbox")
    assert urged.state == "delivered"


async def test_a_calendar_running_out_is_told_to_the_leader_once_a_year(rig: Rig) -> None:
    for _ in range(3):
        async with rig.database.unit(rig.tenant) as tx:
            outbox.record(tx, RunningOut(year=2027), now=rig.clock.now)
    await hear(rig)
    [alert] = await alerts(rig, Signal.CALENDAR)
    assert alert.occurrence == 2027
    assert len(await rig.deliveries("lena", line=Signal.CALENDAR, channel="inbox")) == 1
    assert (await rig.get(f"/api/v1/alerts/{alert.id}", "lena"))["open"] is True


async def test_a_unit_without_a_sign_of_life_is_noticed_and_a_log_in_is_a_sign(rig: Rig) -> None:
    async def silent(at: datetime) -> int:
        async with rig.database.unit(rig.tenant) as tx:
            return await detecting.silent_units(tx, now=at, limit=200)

    await rig.assigned()
    later = NOW + timedelta(days=30)
    assert await silent(later) == 0  # everybody has logged in just now, in machine time
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE login_sessions SET started_at = started_at - interval '90 days'"))
        await sql(tx, text("UPDATE refresh_tokens SET issued_at = issued_at - interval '90 days'"))
    assert await silent(NOW) == 0  # the duty is young
    assert await silent(later) == 1
    assert await silent(later + timedelta(days=30)) == 0
    [alert] = await alerts(rig, Signal.NO_SIGN_OF_LIFE)
    assert alert.unit_id == rig.county.unit_id
    rig.clock.now = later
    await rig.read_feed()
    assert len(await rig.deliveries("bella", line=Signal.NO_SIGN_OF_LIFE, channel="inbox")) == 1


async def test_what_was_silent_before_an_import_is_history(rig: Rig) -> None:
    await rig.assigned()
    async with rig.database.unit(rig.tenant) as tx:
        await sql(tx, text("UPDATE steps SET at = at - interval '60 days', written_at = :now"), {"now": NOW})
        [assignment] = (await tx.exec(select(Assignment))).all()
        assignment.assigned_on -= timedelta(days=60)
    assert await look(rig, NOW + timedelta(days=1)) == 1
    [alert] = await alerts(rig, Signal.STALLED)
    assert alert.historic
    await rig.read_feed()
    assert await rig.deliveries("bob", line="stalled", channel="inbox") == []
