"""Visits by HTTP: sent twice, kept once; issues become drafts and opinions; read by whom they concern."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.opinions.rules import Category
from app.visits.errors import VisitInFuture, VisitTooLongAgo
from app.visits.rules import check_day, title_of
from tests.conftest import MovableClock
from tests.people import County, get, post
from tests.stations.network import a_photo
from tests.stations.test_attending import every_value

VISITS = "/api/v1/visits"
CONTENT = "村口到小学的路灯坏了大半年，孩子晚自习回家要打手电，\n希望尽快修好并明确管护单位。"


def a_visit(**facts: Any) -> dict[str, Any]:
    told = {
        "client_id": str(uuid4()),
        "visited_on": "2026-11-24",
        "place": "云岭村",
        "households": 3,
        "people_met": 7,
        "summary": "走访三户，主要反映路灯和饮水问题。",
    }
    return told | facts


def an_issue(wants: str, **facts: Any) -> dict[str, Any]:
    return {"content": CONTENT, "category": "safety", "wants": wants} | facts


async def rows(database: Database, tenant: Tenant, table: str, where: str = "true") -> Sequence[Any]:
    async with database.unit(tenant) as tx:
        return (await sql(tx, text(f"SELECT * FROM {table} WHERE {where}"))).all()


async def test_a_recorded_visit_reads_as_it_was_told(client: httpx.AsyncClient, county: County) -> None:
    told = a_visit(issues=[an_issue("note"), an_issue("note", content="饮水浑浊", category=None)])

    recorded = await post(client, VISITS, county["alice"], told)

    assert recorded.status_code == 201, recorded.text
    shown = recorded.json()
    for name in ("visited_on", "place", "households", "people_met", "summary"):
        assert shown[name] == told[name]
    assert shown["delegate_name"] == "alice"
    assert [issue["content"] for issue in shown["issues"]] == [CONTENT, "饮水浑浊"]
    assert (await get(client, f"{VISITS}/{shown['id']}", county["alice"])).json() == shown
    assert (await get(client, VISITS, county["alice"])).json()["items"] == [shown]


async def test_the_same_client_id_is_answered_by_the_first_record(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    told, key = a_visit(issues=[an_issue("suggestion")]), str(uuid4())

    first = await post(client, VISITS, county["alice"], told, key=key)
    replayed = await post(client, VISITS, county["alice"], told, key=key)
    resent = await post(client, VISITS, county["alice"], told)
    changed = await post(
        client, VISITS, county["alice"], told | {"place": "别处", "visited_on": "2030-01-01"}
    )

    assert [a.status_code for a in (first, replayed, resent, changed)] == [201, 201, 200, 200]
    assert first.json() == replayed.json() == resent.json() == changed.json()
    for table in ("visits", "visit_issues", "suggestions"):
        assert len(await rows(database, tenant, table)) == 1
    assert len(await rows(database, tenant, "outbox", "name = 'visit.recorded'")) == 1


async def test_ten_at_once_leave_one_visit_and_one_draft(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    told = a_visit(issues=[an_issue("suggestion")])

    answers = await asyncio.gather(*(post(client, VISITS, county["alice"], told) for _ in range(10)))

    assert sorted(a.status_code for a in answers) == [200] * 9 + [201]
    assert len({a.text for a in answers}) == 1
    assert len(await rows(database, tenant, "suggestions")) == 1


async def test_an_issue_may_become_a_draft_of_the_delegates_own(
    client: httpx.AsyncClient, county: County
) -> None:
    recorded = await post(client, VISITS, county["alice"], a_visit(issues=[an_issue("suggestion")]))

    [issue] = recorded.json()["issues"]
    draft = (await get(client, f"/api/v1/suggestions/{issue['suggestion_id']}", county["alice"])).json()
    assert (draft["state"], draft["situation"], draft["category"]) == ("draft", CONTENT, "safety")
    assert draft["title"] == "村口到小学的路灯坏了大半年，孩子晚自习回家要打手电， 希望尽"
    assert draft["delegate_id"] == str(county.seats["alice"])
    assert draft["proposal"] == ""  # the delegate's own, before it is handed in: nothing stands in for it


async def test_an_issue_may_become_an_opinion_whose_receipt_is_shown_once(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    recorded = await post(client, VISITS, county["alice"], a_visit(issues=[an_issue("opinion")]))

    assert recorded.status_code == 201, recorded.text
    [issue] = recorded.json()["issues"]
    [opinion] = await rows(database, tenant, "opinions")
    assert (str(opinion.id), opinion.source, opinion.content) == (issue["opinion_id"], "walk_in", CONTENT)
    assert opinion.region_id == county.town_id
    followed = await client.get(f"/api/public/v1/opinions/{issue['receipt']}")
    assert (followed.status_code, followed.json()["state"]) == (200, "received")
    read = (await get(client, f"{VISITS}/{recorded.json()['id']}", county["alice"])).json()
    assert read["issues"] == [issue | {"receipt": None}]


async def test_no_position_is_kept_anywhere(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    place = {"lat": 22.768987654321, "lng": 111.569874, "system": "gcj02"}
    issues = [an_issue("suggestion"), an_issue("opinion"), an_issue("note")]

    recorded = await post(client, VISITS, county["alice"], a_visit(coordinate=place, issues=issues))

    assert recorded.status_code == 201
    assert "22.768987654321" not in recorded.text
    assert await every_value(database, tenant, "22.768987654321") == []
    assert await every_value(database, tenant, "云岭村") == ["opinions", "visits"]  # it can find one


@pytest.mark.parametrize(
    "coordinate",
    [
        {"lat": 22.7, "lng": 111.5},
        {"lat": 22.7, "lng": 111.5, "system": "bd09"},
        {"lat": 122.7, "lng": 11.5, "system": "wgs84"},
    ],
)
async def test_a_position_that_is_none_is_refused(
    client: httpx.AsyncClient, county: County, coordinate: dict[str, Any]
) -> None:
    answer = await post(client, VISITS, county["alice"], a_visit(coordinate=coordinate))

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("visited_on", "status", "code"),
    [
        ("2026-11-25", 201, None),
        ("2026-11-26", 422, "visit-in-future"),
        ("2025-11-25", 201, None),
        ("2025-11-20", 422, "visit-too-long-ago"),
        ("0001-01-01", 422, "visit-too-long-ago"),
    ],
)
async def test_a_visit_was_in_the_last_year(
    client: httpx.AsyncClient, county: County, visited_on: str, status: int, code: str | None
) -> None:
    answer = await post(client, VISITS, county["alice"], a_visit(visited_on=visited_on))

    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_today_is_the_local_day(client: httpx.AsyncClient, county: County, clock: MovableClock) -> None:
    clock.pass_(hours=14)  # midnight between the 25th and the 26th in Shanghai

    answer = await post(client, VISITS, county["alice"], a_visit(visited_on="2026-11-26"))

    assert answer.status_code == 201


def test_a_leap_year_has_a_day_more_to_look_back() -> None:
    check_day(date(2027, 3, 1), today=date(2028, 3, 1))
    with pytest.raises(VisitTooLongAgo):
        check_day(date(2027, 2, 28), today=date(2028, 3, 1))
    with pytest.raises(VisitInFuture):
        check_day(date(2028, 3, 2), today=date(2028, 3, 1))


def test_a_title_is_one_line_of_thirty_characters() -> None:
    assert title_of(" 一\n二\t三 ") == "一 二 三"
    assert title_of("字" * 31) == "字" * 30


async def test_twenty_issues_are_taken_and_not_twenty_one(client: httpx.AsyncClient, county: County) -> None:
    for count, status in ((20, 201), (21, 422)):
        told = a_visit(issues=[an_issue("note")] * count)
        assert (await post(client, VISITS, county["alice"], told)).status_code == status


async def test_a_visit_is_recorded_from_a_seat_of_ones_own(client: httpx.AsyncClient, county: County) -> None:
    told = a_visit(delegate_id=str(county.seats["dave"]))

    refused = await post(client, VISITS, county["alice"], told)

    assert (refused.status_code, refused.json()["code"]) == (422, "seat-not-own")


async def test_photos_are_claimed_in_their_order_and_only_once(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alice = county["alice"]
    photos = [str(await a_photo(database, tenant, f"account:{alice.account_id}")) for _ in range(2)][::-1]

    recorded = await post(client, VISITS, alice, a_visit(upload_ids=photos))
    again = await post(client, VISITS, alice, a_visit(upload_ids=photos))

    assert recorded.json()["upload_ids"] == photos
    assert (again.status_code, again.json()["code"]) == (422, "upload-unknown")
    assert len(await rows(database, tenant, "visits")) == 1


async def test_the_event_names_ids_only(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    shown = (await post(client, VISITS, county["alice"], a_visit())).json()

    [event] = await rows(database, tenant, "outbox", "name = 'visit.recorded'")
    assert event.body == {
        "visit_id": shown["id"],
        "delegate_id": str(county.seats["alice"]),
        "region_id": str(county.town_id),
    }


async def test_every_category_of_the_rules_may_be_written(client: httpx.AsyncClient, county: County) -> None:
    issues = [an_issue("note", category=category) for category in Category]

    assert (await post(client, VISITS, county["alice"], a_visit(issues=issues))).status_code == 201
