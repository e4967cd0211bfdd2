"""A list of stations becomes stations with keepers; a second run changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from app.accounts import queries as accounts
from app.accounts import service as accounts_service
from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.geo import Coordinate, System, metres_between
from app.operations.importing import run_import
from app.operations.importing_rows import ImportReport
from app.stations.models import LiaisonStation
from tests.conftest import NOW
from tests.operations.files import a_csv
from tests.people import County

HEADINGS = (
    "站名",
    "级别",
    "所属乡镇",
    "地址",
    "接待时间",
    "电话",
    "纬度",
    "经度",
    "坐标系",
    "管理员",
    "管理员手机",
)
CENTER = (
    "甲镇中心联络站",
    "",
    "甲镇",
    "一号路",
    "每月15日",
    "0766-1234",
    22.77,
    111.57,
    "高德",
    "陈管",
    "13900000001",
)
POINT = ("东村联络点", "联络点", "甲", "", "", "", "", "", "", "陈管", "13900000001")


@pytest.fixture
def enter(database: Database, tenant: Tenant, county: County, tmp_path: Path) -> Any:
    async def run(*rows: tuple[object, ...]) -> ImportReport:
        return await run_import(
            "stations", a_csv(tmp_path / "站.csv", HEADINGS, *rows), database, tenant, NOW
        )

    return run


async def test_stations_and_their_keeper_come_in_once(
    enter: Any, database: Database, tenant: Tenant, county: County
) -> None:
    first, second = await enter(CENTER, POINT), await enter(CENTER, POINT)

    assert (first.added, first.known, first.refused) == (2, 0, ())
    assert (second.added, second.known, second.refused) == (0, 2, ())
    async with database.unit(tenant) as tx:
        center, point = (await tx.exec(select(LiaisonStation).order_by(LiaisonStation.tier))).all()
        assert (center.tier, center.hours, center.region_id) == ("center", "每月15日", county.town_id)
        assert (point.tier, point.region_id, point.lat) == ("point", county.town_id, None)
        [keeper] = await accounts.holders(tx, Role.STATION_KEEPER, center.id)
        [same] = await accounts.holders(tx, Role.STATION_KEEPER, point.id)
        assert (keeper.name, keeper.id) == ("陈管", same.id)


async def test_a_coordinate_is_kept_as_wgs84(enter: Any, database: Database, tenant: Tenant) -> None:
    await enter(CENTER)

    async with database.unit(tenant) as tx:
        station = (await tx.exec(select(LiaisonStation))).one()
    assert station.lat is not None
    assert station.lng is not None
    kept = Coordinate(station.lat, station.lng, None, System.WGS84)
    assert metres_between(kept, Coordinate(22.77, 111.57, None, System.GCJ02)) < 1
    assert metres_between(kept, Coordinate(22.77, 111.57, None, System.WGS84)) > 100


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({0: ""}, "name"),
        ({1: "四级"}, "tier"),
        ({2: "丙镇"}, "township"),
        ({2: ""}, "township"),
        ({7: ""}, "lng"),
        ({8: ""}, "system"),
        ({6: 111.57, 7: 22.77}, "lat"),
        ({9: ""}, "keeper"),
        ({10: "12345"}, "keeper_phone"),
        ({9: "别人", 10: "13800000001"}, "keeper_phone"),  # alice's phone
    ],
)
async def test_a_row_that_cannot_be_right_is_refused_by_its_field(
    enter: Any, change: dict[int, object], field: str
) -> None:
    wrong = [change.get(place, cell) for place, cell in enumerate(CENTER)]

    report = await enter(tuple(wrong), POINT)

    assert [(row.number, row.field) for row in report.refused] == [(2, field)]
    assert report.added == 1


async def test_a_row_the_database_refuses_does_not_stop_the_others(
    enter: Any, database: Database, tenant: Tenant
) -> None:
    """三员分立: whoever administers the system may hold no office, says a foreign key."""
    async with database.unit(tenant) as tx:
        admin = await accounts_service.open_account(
            tx, name="陈管", posts=[Post(Role.SYSADMIN, ScopeKind.COUNTY)]
        )
        await accounts_service.admit_phone(tx, admin.id, "13900000001")

    report = await enter(CENTER, ("西村联络点", "", "甲镇", *[""] * 8))

    assert [row.number for row in report.refused] == [2]
    async with database.unit(tenant) as tx:
        assert (await tx.exec(select(LiaisonStation.name))).all() == ["西村联络点"]


async def test_a_keeper_named_later_is_appointed_to_the_known_station(
    enter: Any, database: Database, tenant: Tenant
) -> None:
    await enter((*CENTER[:9], "", ""))
    await enter(CENTER)

    async with database.unit(tenant) as tx:
        station = (await tx.exec(select(LiaisonStation))).one()
        assert [k.name for k in await accounts.holders(tx, Role.STATION_KEEPER, station.id)] == ["陈管"]
