"""Rules and calendar over the API: who may change them, what a client sees, who is refused and how."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.accounts import logging_in, service
from app.accounts.actor import Post
from app.accounts.models import AccountId
from app.accounts.permissions import Role, ScopeKind
from app.deadlines.jobs import recount
from app.deadlines.lines import Kind
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.conftest import NOW
from tests.deadlines.running import a_clock
from tests.deadlines.test_announcements import YAML
from tests.deadlines.test_changing import a_pausable
from tests.deadlines.test_recounting import schedule, undo
from tests.people import County, Token, get, post

CALENDAR = "/api/v1/calendar/2027"
PACKS = "/api/v1/rule-packs"


async def somebody(database: Database, tenant: Tenant, of: Post) -> Token:
    async with database.unit(tenant) as tx:
        account = (await service.open_account(tx, name="某人", posts=[of])).id
        tokens = await logging_in.start_session(tx, AccountId(account))
    return Token(account, tokens.access_token)


@pytest.fixture
async def keeper(database: Database, tenant: Tenant, county: County) -> Token:
    """代表工委: the congress office of the whole county."""
    of = Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, county.region_id, "代表工委")
    return await somebody(database, tenant, of)


@pytest.fixture
async def calendar(database: Database, tenant: Tenant) -> AsyncIterator[None]:
    """The calendar's tables are kept between tests: put back what this one changes."""
    yield
    await undo(database, tenant)


async def put(
    client: httpx.AsyncClient, path: str, who: Token, body: Any, *, match: str | None
) -> httpx.Response:
    headers = {**who.headers, **({"If-Match": match} if match else {})}
    return await client.put(path, json=body, headers=headers)


def days() -> list[dict[str, Any]]:
    return [
        {"date": day.isoformat(), "working": exception.working, "name": exception.name}
        for day, exception in schedule().days.items()
    ]


# Calendar.


async def test_a_year_not_announced_is_shown_and_never_an_error(
    client: httpx.AsyncClient, county: County
) -> None:
    answer = await get(client, CALENDAR, county["alice"])

    assert (answer.status_code, answer.headers["etag"]) == (200, '"r1"')
    assert answer.json() == {
        "year": 2027,
        "state": "provisional",
        "source": None,
        "version": 1,
        "announced_through": "2026-12-31",
        "days": [],
    }
    known = (await get(client, "/api/v1/calendar/2026", county["alice"])).json()
    assert (known["state"], len(known["days"]) > 30) == ("announced", True)


@pytest.mark.usefixtures("calendar")
async def test_an_announcement_recounts_open_clocks_by_its_job(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County, keeper: Token
) -> None:
    async with database.unit(tenant) as tx:
        clock = (await a_clock(tx, county, on=date(2026, 11, 5))).id
    answer = await post(client, f"{CALENDAR}/announcement", keeper, {"source": "文号", "days": days()})
    async with database.unit(tenant) as tx:
        assert await recount(tx, NOW) == 1

    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["version"]) == ("announced", 2)
    why = (await get(client, f"/api/v1/deadlines/{clock}/explanation", county["carol"])).json()
    assert (why["last_day"], why["provisional"], why["calendar_version"]) == ("2027-02-12", False, "v2")
    again = await post(client, f"{CALENDAR}/announcement", keeper, {"days": days()})
    assert (again.status_code, again.json()["code"]) == (409, "calendar-year-announced")


@pytest.mark.usefixtures("calendar")
async def test_an_announcement_may_come_as_the_text_of_a_file(
    client: httpx.AsyncClient, keeper: Token
) -> None:
    wrong = await post(client, "/api/v1/calendar/2028/announcement", keeper, {"text": YAML})
    right = await post(client, f"{CALENDAR}/announcement", keeper, {"text": YAML})

    assert (wrong.status_code, wrong.json()["detail"]) == (422, "放假安排是 2027 年的，不是 2028 年的")
    assert (right.status_code, right.json()["source"]) == (201, "国办发明电〔2026〕0号")


@pytest.mark.usefixtures("calendar")
async def test_a_correction_names_the_version_it_corrects(client: httpx.AsyncClient, keeper: Token) -> None:
    body = {"state": "announced", "days": days()}
    unnamed = await put(client, CALENDAR, keeper, body, match=None)
    done = await put(client, CALENDAR, keeper, body, match='"r1"')
    stale = await put(client, CALENDAR, keeper, body, match='"r1"')

    assert [a.status_code for a in (unnamed, done, stale)] == [428, 200, 412]
    assert done.headers["etag"] == '"r2"'


async def test_half_a_year_is_refused_with_what_is_missing(client: httpx.AsyncClient, keeper: Token) -> None:
    answer = await post(client, f"{CALENDAR}/announcement", keeper, {"days": days()[:5]})

    assert (answer.status_code, answer.json()["code"]) == (422, "calendar-announcement-invalid")
    assert "不能只录一部分" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "chen", "lena"])
async def test_rules_and_calendar_are_kept_by_the_county_alone(
    client: httpx.AsyncClient, county: County, name: str
) -> None:
    """Also the office of a township reads them only: they hold for every township."""
    refused = [
        await post(client, f"{CALENDAR}/announcement", county[name], {"days": days()}),
        await put(client, CALENDAR, county[name], {"state": "announced", "days": days()}, match='"r1"'),
        await put(client, PACKS, county[name], {"pack": "chongqing"}, match='"r0"'),
    ]

    assert [(a.status_code, a.json()["code"]) for a in refused] == [(403, "rules-of-county")] * 3
    assert (await get(client, PACKS, county[name])).status_code == 200


async def test_the_security_administrator_keeps_them_too(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    of = Post(Role.SECADMIN, ScopeKind.COUNTY, county.region_id, "县")
    secadmin = await somebody(database, tenant, of)

    assert (await put(client, PACKS, secadmin, {"pack": "beijing"}, match='"r0"')).status_code == 200


# Packs.


async def test_packs_are_listed_with_the_chosen_one_and_each_rows_article(
    client: httpx.AsyncClient, county: County
) -> None:
    packs = {p["name"]: p for p in (await get(client, PACKS, county["alice"])).json()["items"]}

    assert [p["name"] for p in packs.values() if p["chosen"]] == ["national"]
    assert [p["name"] for p in packs.values() if not p["selectable"]] == ["guangdong"]
    assert {p["caution"] for p in packs.values()} == {"规则包待法制审核"}
    [town] = [
        row for row in packs["chongqing"]["rows"] if (row["kind"], row["level"]) == ("reply", "township")
    ]
    assert town["article"] == "《重庆市乡镇人民代表大会工作条例》第十六条"
    assert town["extension"]["cap"] == {"amount": 4, "unit": "months"}


async def test_a_county_enters_its_own_row_and_later_clocks_name_another_version(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County, keeper: Token
) -> None:
    async with database.unit(tenant) as tx:
        old = await a_clock(tx, county, Kind.ACCEPTANCE, on=date(2026, 11, 23))
    own = {
        "kind": "acceptance",
        "amount": 2,
        "unit": "working_days",
        "article": "《某县办法》第七条",
        "reviewed_by": "县司法局",
    }
    chosen = await put(client, PACKS, keeper, {"pack": "national", "overrides": [own]}, match='"r0"')
    async with database.unit(tenant) as tx:
        new = await a_clock(tx, county, Kind.ACCEPTANCE, on=date(2026, 11, 23))

    assert chosen.status_code == 200
    assert (chosen.json()["version"], chosen.json()["overrides"]) == (new.pack, [own])
    assert (old.last_day, new.last_day) == (date(2026, 11, 26), date(2026, 11, 25))
    assert old.pack != new.pack
    assert (new.article, new.reviewed_by) == ("《某县办法》第七条", "县司法局")
    listed = (await get(client, "/api/v1/deadlines?state=open", county["carol"])).json()["items"]
    cautions = {row["id"]: row["caution"] for row in listed}
    assert cautions == {str(old.id): "规则包待法制审核", str(new.id): None}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"pack": "guangdong"}, 409, "rule-pack-not-selectable"),
        ({"pack": "atlantis"}, 404, "rule-pack-unknown"),
        ({"pack": "national", "overrides": [{"kind": "reply"}]}, 422, "invalid"),
    ],
)
async def test_a_pack_that_cannot_be_chosen_is_refused(
    client: httpx.AsyncClient, keeper: Token, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await put(client, PACKS, keeper, body, match='"r0"')

    assert answer.status_code == status
    assert status == 422 or answer.json()["code"] == code


async def test_two_people_do_not_choose_over_each_other(client: httpx.AsyncClient, keeper: Token) -> None:
    first = await put(client, PACKS, keeper, {"pack": "beijing"}, match='"r0"')
    second = await put(client, PACKS, keeper, {"pack": "henan"}, match='"r0"')

    assert [a.status_code for a in (first, second)] == [200, 412]


# Pauses.


async def pausable(database: Database, tenant: Tenant, county: County) -> str:
    async with database.unit(tenant) as tx:
        return f"/api/v1/deadlines/{(await a_pausable(tx, county)).id}"


async def test_the_office_pauses_and_resumes_where_the_rule_allows(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County, keeper: Token
) -> None:
    path = await pausable(database, tenant, county)
    halted = await post(client, f"{path}/pause", county["carol"], {"reason": "住院", "on": "2026-03-10"})
    resumed = await post(client, f"{path}/resume", keeper, {"reason": "出院", "on": "2026-03-12"})

    assert (halted.status_code, halted.json()["paused_on"], halted.json()["overdue"]) == (
        200,
        "2026-03-10",
        False,
    )
    assert (resumed.json()["last_day"], resumed.json()["paused_on"]) == ("2026-04-01", None)
    why = (await get(client, f"{path}/explanation", county["carol"])).json()
    assert [(p["since"], p["until"]) for p in why["pauses"]] == [("2026-03-10", "2026-03-12")]


async def test_a_paused_clock_is_not_listed_as_overdue(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    path = await pausable(database, tenant, county)
    late = "/api/v1/deadlines?state=open&overdue=true"
    before = (await get(client, late, county["carol"])).json()["items"]
    await post(client, f"{path}/pause", county["carol"], {"reason": "住院", "on": "2026-03-10"})
    after = (await get(client, late, county["carol"])).json()["items"]

    assert ([row["kind"] for row in before], after) == (["first_contact"], [])


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("chen", 403), ("lena", 403), ("dave", 404)])
async def test_nobody_but_the_office_in_whose_care_it_is_pauses(
    client: httpx.AsyncClient,
    database: Database,
    tenant: Tenant,
    county: County,
    name: str,
    status: int,
) -> None:
    path = await pausable(database, tenant, county)
    answer = await post(client, f"{path}/pause", county[name], {"reason": "住院", "on": "2026-03-10"})

    assert answer.status_code == status


async def test_a_reply_is_refused_a_pause_with_the_rule(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    async with database.unit(tenant) as tx:
        clock = (await a_clock(tx, county, on=date(2026, 11, 5))).id
    answer = await post(client, f"/api/v1/deadlines/{clock}/pause", county["carol"], {"reason": "等批复"})

    assert (answer.status_code, answer.json()["code"]) == (409, "deadline-pause-not-allowed")
    assert "《代表法》第五十一条" in answer.json()["detail"]
    unknown = await post(client, f"/api/v1/deadlines/{uuid4()}/pause", county["carol"], {"reason": "x"})
    assert unknown.status_code == 404
