"""The demo county as founded: log-ins, idempotence, invariants, and who is told of what."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import passwords as door
from app.accounts import queries as accounts
from app.accounts.models import Membership, WechatBinding
from app.alerts import jobs as alert_jobs
from app.alerts.models import Alert
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.demo.facts import DemoCounty
from app.demo.seed import AUTHORISED_ACTS, seed
from app.demo.shape import CLOSED_FATES, Shape
from app.directory.models import Congress, Delegate, Organisation, OrganisationKind, Person, Region
from app.infra import outbox
from app.infra.db import Database, sql
from app.infra.outbox import OutboxRow
from app.infra.tenants import Tenant
from app.kernel.clock import local_date
from app.notifications import jobs as notification_jobs
from app.notifications.models import Channel, Delivery
from app.opinions import workflow as opinion_flow
from app.opinions.models import Opinion, OpinionStep
from app.stations.models import DutyShift, LiaisonStation
from app.suggestions import queries as suggestions
from app.suggestions.models import Step, Suggestion
from app.suggestions.reply_models import CommitmentState
from app.suggestions.state_clocks import KEEPS, OPENS, keeps, opens
from app.suggestions.states import AssignmentState, Role, State
from app.tables import tenant_metadata
from tests.conftest import NOW, MovableClock
from tests.demo.conftest import APPID, SMALL, passwords

EVERY_ROLE = [
    "delegate",
    "station_keeper",
    "congress_office",
    "congress_office",
    "presidium_chair",
    "government_office",
    "unit_officer",
    "unit_head",
    "leader",
    "sysadmin",
    "secadmin",
    "auditor",
]
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


async def test_one_log_in_of_each_role_bound_to_its_wechat(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    assert [user.role for user in demo.users] == EVERY_ROLE
    async with database.unit(tenant) as tx:
        for user in demo.users:
            account = await accounts.by_username(tx, user.username)
            assert account is not None
            assert account.name == user.name
            assert await door.matches(user.password, account.password_hash)
            bound = await accounts.by_wechat(tx, appid=APPID, openid=user.openid)
            assert bound is not None
            assert bound.id == account.id


async def test_the_demo_users_share_one_township_its_first_unit_and_its_station(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        held = {}
        for user in demo.users:
            account = await accounts.by_username(tx, user.username)
            assert account is not None
            held[user.username] = (
                await tx.exec(select(Membership).where(Membership.account_id == account.id))
            ).one()
        town = held["office"].scope_id
        assert {held["chair"].scope_id, held["government"].scope_id} == {town}
        congress = (await tx.exec(select(Congress).where(Congress.region_id == town))).one()
        assert held["delegate"].scope_id == congress.id
        assert held["keeper"].scope_id == demo.stations[0].id
        assert (await tx.get_one(LiaisonStation, demo.stations[0].id)).region_id == town
        assert {held["officer"].scope_id, held["head"].scope_id} == {demo.units[0].id}
        for act in AUTHORISED_ACTS:
            assert await suggestions.authorised(tx, congress.id, act, on=local_date(NOW))
            in_a_year = local_date(NOW) + timedelta(days=365)
            assert await suggestions.authorised(tx, congress.id, act, on=in_a_year)


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


async def test_states_steps_and_clocks_agree(demo: DemoCounty, database: Database, tenant: Tenant) -> None:
    """Invariant I5 over everything that was invented; every state the year should show is there."""
    async with database.unit(tenant) as tx:
        running: dict[object, set[Kind]] = {}
        for clock in (await tx.exec(select(Deadline).where(col(Deadline.stopped_at).is_(None)))).all():
            running.setdefault(clock.subject_id, set()).add(Kind(clock.kind))
        for suggestion in (found := (await tx.exec(select(Suggestion))).all()):
            whole = State(suggestion.state)
            open_now = running.pop(suggestion.id, set())
            must: frozenset[Kind] = OPENS.get(whole, frozenset())
            assert must <= open_now <= must | KEEPS.get(whole, frozenset())
            await _agrees_with_its_units(tx, suggestion, running)
        for opinion in (await tx.exec(select(Opinion))).all():
            state = opinion_flow.State(opinion.state)
            assert running.pop(opinion.id, set()) == opinion_flow.OPENS.get(state, set())
        assert running == {}
        assert {s.state for s in found} == set(Shape.scaled(SMALL).suggestions)


async def _agrees_with_its_units(
    tx: AsyncSession, suggestion: Suggestion, running: dict[object, set[Kind]]
) -> None:
    for assignment in await suggestions.assignments(tx, suggestion.id):
        state = AssignmentState(assignment.state)
        role = Role(assignment.role)
        must = opens(role, state, assignment.round)
        assert must <= running.pop(assignment.id, set()) <= must | keeps(role, state)
        for promise in await suggestions.commitments(tx, [assignment.id]):
            followed = assignment.replied_at is not None and promise.state == CommitmentState.OPEN
            assert running.pop(promise.id, set()) == ({Kind.COMMITMENT} if followed else set())


async def test_the_year_lies_in_the_past_and_nobody_is_told_of_it(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    await run(database, tenant, MovableClock())
    async with database.unit(tenant) as tx:
        for at in (Step.at, OpinionStep.at, OutboxRow.occurred_at, Alert.crossed_at):
            assert (await tx.exec(select(func.max(at)))).one() <= NOW
            assert (await tx.exec(select(func.min(at)))).one() > NOW - timedelta(days=400)
        assert set((await tx.exec(select(OutboxRow.relayed))).all()) == {True}
        assert set((await tx.exec(select(Alert.historic))).all()) == {True}
        assert (await tx.exec(select(func.count()).select_from(Delivery))).one() == 0
        numbered = (await tx.exec(select(OutboxRow.occurred_at).order_by(col(OutboxRow.seq)))).all()
        assert len(numbered) > 100


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


async def test_moving_the_clock_past_the_live_deadline_rings_the_officers_phone_once(
    demo: DemoCounty, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    live = await live_reply(database, tenant, demo)
    assert timedelta(days=5) <= live.due_at - NOW <= timedelta(days=16)
    clock.now = live.due_at + timedelta(hours=3)
    await run(database, tenant, clock)
    assert await rung(database, tenant, "officer") == [("overdue", live.id)]


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


async def test_opinions_end_as_planned(demo: DemoCounty, database: Database, tenant: Tenant) -> None:
    planned = Shape.scaled(SMALL).opinions
    async with database.unit(tenant) as tx:
        states = Counter((await tx.exec(select(Opinion.state))).all())
        late = await tx.exec(
            select(func.count())
            .select_from(Deadline)
            .where(col(Deadline.stopped_at).is_(None), Deadline.nature == "duty", Deadline.due_at <= NOW)
        )
        assert late.one() >= 1
    assert states["closed"] == sum(planned[fate] for fate in CLOSED_FATES)
    assert sum(states.values()) == sum(planned.values())


async def test_stations_have_their_reception_days_of_the_next_two_weeks(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        coming = (
            await tx.exec(
                select(DutyShift).where(
                    DutyShift.station_id == demo.stations[0].id, col(DutyShift.starts_at) > NOW
                )
            )
        ).all()
    assert {(shift.starts_at - NOW) // timedelta(days=7) for shift in coming} >= {0, 1}


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
