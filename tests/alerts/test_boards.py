"""Boards: open duties per light, of what the reader may see."""

from datetime import timedelta

import httpx
import pytest

from app.deadlines.lines import Kind
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.alerts.clocks import a_clock
from tests.alerts.test_crossing import MIDNIGHT
from tests.conftest import MovableClock
from tests.people import County, get


@pytest.fixture(autouse=True)
async def three_clocks(database: Database, tenant: Tenant, county: County) -> None:
    """Two duties and a right (申请退办), which is not counted."""
    async with database.unit(tenant) as tx:
        for kind in (Kind.ACCEPTANCE, Kind.REPLY, Kind.RETURN_WINDOW):
            await a_clock(tx, county, kind)


async def rows(client: httpx.AsyncClient, county: County, who: str, what: str) -> list[dict[str, object]]:
    answer = await get(client, f"/api/v1/boards/{what}", county[who])
    assert answer.is_success, answer.text
    return list(answer.json()["items"])


async def test_a_unit_with_a_late_and_a_timely_duty_shows_one_red_and_one_green(
    client: httpx.AsyncClient, county: County, clock: MovableClock
) -> None:
    clock.now = MIDNIGHT
    [unit] = await rows(client, county, "lena", "units")
    assert (unit["id"], unit["open"]) == (str(county.unit_id), 2)
    assert unit["lights"] == {"green": 1, "yellow": 0, "red": 1, "grey": 0}
    clock.now = MIDNIGHT - timedelta(hours=1)
    [unit] = await rows(client, county, "lena", "units")
    assert unit["lights"] == {"green": 1, "yellow": 1, "red": 0, "grey": 0}


async def test_a_township_counts_its_own_matters_and_others_see_nothing_of_them(
    client: httpx.AsyncClient, county: County
) -> None:
    [town] = await rows(client, county, "carol", "townships")
    assert (town["id"], town["open"]) == (str(county.town_id), 2)
    assert (await get(client, "/api/v1/boards/units", county["dave"])).status_code == 403
    assert (await get(client, "/api/v1/boards/units", county["bob"])).status_code == 403
