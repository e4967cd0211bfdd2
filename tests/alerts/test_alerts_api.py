"""Who sees which alert."""

from datetime import datetime
from uuid import UUID

import httpx
from sqlmodel import select

from app.alerts.jobs import cross_lines
from app.alerts.models import Acknowledgement, Alert
from app.deadlines.lines import Kind
from app.deadlines.models import Deadline
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.alerts.clocks import a_clock
from tests.alerts.test_crossing import MIDNIGHT, MUCH_LATER
from tests.conftest import MovableClock
from tests.people import County, get, post


async def overdue_alert(
    database: Database, tenant: Tenant, county: County, kind: Kind, now: datetime = MIDNIGHT
) -> UUID:
    async with database.unit(tenant) as tx:
        clock = await a_clock(tx, county, kind)
        clock_id = clock.id
    async with database.unit(tenant) as tx:
        await cross_lines(tx, now)
    async with database.unit(tenant) as tx:
        found = await tx.exec(select(Alert).where(Alert.subject_id == clock_id, Alert.line == "overdue"))
        return found.one().id


async def test_a_unit_sees_its_own_alerts_and_no_other_unit_does(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    alert = await overdue_alert(database, tenant, county, Kind.ACCEPTANCE)
    clock.now = MIDNIGHT

    for name in ("bob", "carol", "chen", "lena"):
        listed = (await get(client, "/api/v1/alerts?open=true", county[name])).json()["items"]
        assert str(alert) in [item["id"] for item in listed], name
        assert (await get(client, f"/api/v1/alerts/{alert}", county[name])).status_code == 200, name
    for name in ("bruno", "dave", "alice"):
        assert (await get(client, "/api/v1/alerts", county[name])).json()["items"] == [], name
        assert (await get(client, f"/api/v1/alerts/{alert}", county[name])).status_code == 404, name
        refused = await post(client, f"/api/v1/alerts/{alert}/acknowledgement", county[name])
        assert (refused.status_code, refused.json()["code"]) == (404, "alert-unknown"), name


async def test_an_alert_says_what_is_late_and_by_how_much(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    alert = await overdue_alert(database, tenant, county, Kind.ACCEPTANCE)
    clock.now = MIDNIGHT
    clock.pass_(days=1)
    shown = (await get(client, f"/api/v1/alerts/{alert}", county["bob"])).json()
    assert (shown["line"], shown["kind"], shown["late_days"]) == ("overdue", "acceptance", 2)
    assert (shown["open"], shown["overdue"], shown["deliveries"]) == (True, True, [])
    assert shown["subject_id"] != shown["deadline_id"]


async def test_how_its_reply_was_judged_never_reaches_a_unit_as_an_alert(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alert = await overdue_alert(database, tenant, county, Kind.REJECTION_DECISION, MUCH_LATER)
    assert (await get(client, f"/api/v1/alerts/{alert}", county["bob"])).status_code == 404
    assert (await get(client, f"/api/v1/alerts/{alert}", county["carol"])).status_code == 200


async def test_what_has_been_done_is_no_longer_open(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alert = await overdue_alert(database, tenant, county, Kind.ACCEPTANCE)
    async with database.unit(tenant) as tx:
        [clock] = (await tx.exec(select(Deadline))).all()
        clock.stopped_at = MIDNIGHT
    assert (await get(client, "/api/v1/alerts?open=true", county["bob"])).json()["items"] == []
    listed = (await get(client, "/api/v1/alerts", county["bob"])).json()["items"]
    assert str(alert) in [item["id"] for item in listed]


async def test_pages_follow_one_another_without_a_gap(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    for _ in range(2):
        await overdue_alert(database, tenant, county, Kind.ACCEPTANCE)
    whole = (await get(client, "/api/v1/alerts", county["bob"])).json()["items"]
    seen, cursor = [], ""
    while cursor is not None:
        after = f"&cursor={cursor}" if cursor else ""
        page = (await get(client, f"/api/v1/alerts?limit=1{after}", county["bob"])).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert (seen, len(seen)) == (whole, 6)


async def test_acknowledging_twice_is_noted_once(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alert = await overdue_alert(database, tenant, county, Kind.ACCEPTANCE)
    for _ in range(2):
        done = await post(client, f"/api/v1/alerts/{alert}/acknowledgement", county["bob"])
        assert done.status_code == 204
    async with database.unit(tenant) as tx:
        assert len((await tx.exec(select(Acknowledgement))).all()) == 1
    trail = (await get(client, f"/api/v1/alerts/{alert}", county["carol"])).json()
    assert [seen["name"] for seen in trail["acknowledgements"]] == ["bob"]
