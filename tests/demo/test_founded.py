"""The demo county as it stands: log-ins, invariants, a year in the past. Founded once for all of these."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import asyncpg
import pytest
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts import passwords as door
from app.accounts import queries as accounts
from app.accounts.models import Membership
from app.alerts.models import Alert
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.demo.facts import DemoCounty
from app.demo.seed import AUTHORISED_ACTS, seed
from app.demo.shape import CLOSED_FATES, Shape
from app.directory.models import Congress
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.outbox import OutboxRow
from app.infra.tenants import Tenant
from app.kernel.clock import local_date
from app.notifications.models import Delivery
from app.opinions import workflow as opinion_flow
from app.opinions.models import Opinion, OpinionStep
from app.stations.models import DutyShift, LiaisonStation
from app.suggestions import queries as suggestions
from app.suggestions.models import Step, Suggestion
from app.suggestions.reply_models import CommitmentState
from app.suggestions.state_clocks import KEEPS, OPENS, keeps, opens
from app.suggestions.states import AssignmentState, Role, State
from tests.conftest import EMPTY, KEYS, NOW, Dsns, MovableClock
from tests.demo.conftest import APPID, SMALL, passwords
from tests.demo.test_seed import live_reply, run

pytestmark = pytest.mark.xdist_group("standing demo")

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


@pytest.fixture(scope="module")
def demo(dsns: Dsns) -> Iterator[DemoCounty]:
    """Founding is the dear part: these tests only look at it, or do twice what changes nothing."""
    yield asyncio.run(_founded(dsns))
    asyncio.run(_emptied(dsns))


async def _founded(dsns: Dsns) -> DemoCounty:
    made, database = passwords(), Database(dsns.app, keyring=Keyring(**KEYS))
    tenant = (await database.tenants()).choose("alpha.test", None)
    try:
        return await seed(database, tenant, now=NOW, passwords=lambda: next(made), appid=APPID, scale=SMALL)
    finally:
        await database.close()


async def _emptied(dsns: Dsns) -> None:
    connection = await asyncpg.connect(dsns.admin)
    await connection.execute(EMPTY)
    await connection.close()


@pytest.fixture
async def database(demo: DemoCounty, dsns: Dsns) -> AsyncIterator[Database]:
    """The usual one, but for emptying it."""
    made = Database(dsns.app, keyring=Keyring(**KEYS), pool_size=5)
    yield made
    await made.close()


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


async def test_one_reply_is_due_in_one_to_two_weeks(
    demo: DemoCounty, database: Database, tenant: Tenant
) -> None:
    live = await live_reply(database, tenant, demo)
    assert timedelta(days=5) <= live.due_at - NOW <= timedelta(days=16)


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
