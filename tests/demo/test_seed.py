"""The demo county as founded: log-ins, idempotence, invariants, and who is told of what."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select

from app.accounts import passwords as door
from app.accounts import queries as accounts
from app.accounts.models import WechatBinding
from app.alerts import jobs as alert_jobs
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.demo.facts import DemoCounty
from app.demo.seed import seed
from app.directory.models import Congress, Delegate, Organisation, OrganisationKind, Person, Region
from app.infra import outbox
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.notifications import jobs as notification_jobs
from app.notifications.models import Channel, Delivery
from app.opinions.models import Opinion
from app.stations.models import LiaisonStation
from app.suggestions.models import Suggestion
from app.tables import tenant_metadata
from tests.conftest import NOW, MovableClock
from tests.demo.conftest import APPID, SMALL, passwords

LOGGED = {"audit"}


async def found_again(database: Database, tenant: Tenant) -> DemoCounty:
    made = passwords()
    return await seed(
        database, tenant, now=NOW, passwords=lambda: "New-" + next(made), appid=APPID, scale=SMALL
    )


async def counts(database: Database, tenant: Tenant) -> dict[str, int]:
    async with database.unit(tenant) as tx:
        return {
            table.name: (await sql(tx, text(f"SELECT count(*) FROM {table.name}"))).scalar_one()
            for table in tenant_metadata.sorted_tables
            if table.name not in LOGGED
        }


async def run(database: Database, tenant: Tenant, clock: MovableClock) -> None:
    """The jobs from a line's crossing to its deliveries, each till it finds nothing more."""
    for body in (alert_jobs.cross_lines, outbox.number, notification_jobs.read_feed):
        done = 1
        while done:
            async with database.unit(tenant) as tx:
                done = await body(tx, clock.now)


async def test_founding_again_adds_nothing_and_gives_new_passwords_to_the_same_people(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    before = await counts(database, tenant)
    again = await found_again(database, tenant)
    assert await counts(database, tenant) == before
    assert (again.stations, again.units) == (demo.stations, demo.units)
    assert [(u.name, u.openid) for u in again.users] == [(u.name, u.openid) for u in demo.users]
    assert again.partner.client_id == demo.partner.client_id
    async with database.unit(tenant) as tx:
        account = await accounts.by_username(tx, "officer")
        assert account is not None
        given = {user.username: user.password for user in again.users}["officer"]
        assert await door.matches(given, account.password_hash)


async def test_an_interrupted_founding_leaves_nothing_behind(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(door.PasswordUnfit):
        await seed(database, tenant, now=NOW, passwords=lambda: "short", appid=APPID, scale=SMALL)
    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(func.count()).select_from(Region))).one() == 0
        assert (await tx.exec(select(func.count()).select_from(WechatBinding))).one() == 0


async def live_reply(database: Database, tenant: Tenant, demo: DemoCounty) -> Deadline:
    """The first reply that the demo officer's unit owes."""
    owed = (Deadline.kind == Kind.REPLY, Deadline.unit_id == demo.units[0].id)
    query = select(Deadline).where(*owed, col(Deadline.stopped_at).is_(None)).order_by(col(Deadline.due_at))
    async with database.unit(tenant) as tx:
        found = (await tx.exec(query)).first()
    assert found is not None
    return found


async def rung(database: Database, tenant: Tenant, username: str) -> list[tuple[str, UUID]]:
    """For what this person's phone is to ring: lines and clocks."""
    async with database.unit(tenant) as tx:
        account = await accounts.by_username(tx, username)
        assert account is not None
        phone = (Delivery.account_id == account.id, Delivery.channel == Channel.WECHAT)
        waiting = (await tx.exec(select(Delivery).where(*phone, Delivery.state == "pending"))).all()
    return [(delivery.line, delivery.subject_id) for delivery in waiting]


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 9, 29, 1, tzinfo=UTC), id="before-a-long-holiday"),
        pytest.param(datetime(2028, 2, 29, 15, 59, tzinfo=UTC), id="beyond-the-announced-calendar"),
    ],
)
async def test_it_is_founded_on_any_day_with_one_live_deadline(
    now: datetime, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    made = passwords()
    demo = await seed(database, tenant, now=now, passwords=lambda: next(made), appid=APPID, scale=SMALL)
    clock.now = now
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == []
    live = await live_reply(database, tenant, demo)
    clock.now = live.due_at + timedelta(hours=3)
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == [("overdue", live.id)]


@pytest.mark.skipif("DEMO_FULL" not in os.environ, reason="the full county takes a minute: set DEMO_FULL=1")
async def test_the_full_county_has_the_contracts_counts_and_one_live_deadline(
    database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    made = passwords()
    demo = await seed(database, tenant, now=NOW, passwords=lambda: next(made), appid=APPID)
    async with database.unit(tenant) as tx:
        tiers = Counter((await tx.exec(select(LiaisonStation.tier))).all())
        seats = Counter(
            (
                await tx.exec(
                    select(Congress.level).join(Delegate, col(Delegate.congress_id) == col(Congress.id))
                )
            ).all()
        )
        people = (await tx.exec(select(func.count()).select_from(Person))).one()
        units = select(Organisation).where(Organisation.kind == OrganisationKind.UNIT, Organisation.may_reply)
        states = Counter((await tx.exec(select(Opinion.state))).all())
        raised = (await tx.exec(select(func.count()).select_from(Suggestion))).one()
        assert len((await tx.exec(units)).all()) == len(demo.units) == 30
    assert tiers == {"center": 21, "station": 59, "point": 156}
    assert (seats["township"], seats["county"], people) == (1221, 68, 1221)
    assert (sum(states.values()), states["closed"], raised) == (392, 362, 150)
    live = await live_reply(database, tenant, demo)
    clock.now = live.due_at + timedelta(hours=3)
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == [("overdue", live.id)]
