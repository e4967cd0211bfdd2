"""Who reads which visits, and what a list of them costs."""

from uuid import uuid4

import httpx
import pytest

from app.accounts.actor import Post
from app.accounts.permissions import Role, ScopeKind
from app.infra.db import Database
from app.infra.tenants import Tenant
from tests.conftest import MovableClock
from tests.people import County, Token, get, post
from tests.queries import counted
from tests.stations.network import log_in
from tests.visits.test_visits import VISITS, a_visit, an_issue


@pytest.fixture
async def offices(database: Database, tenant: Tenant, county: County) -> dict[str, Token]:
    """cora of the county's office, otto of an office elsewhere, kim who keeps a station."""
    elsewhere = uuid4()
    posts = {
        "cora": Post(Role.CONGRESS_OFFICE, ScopeKind.COUNTY, county.region_id),
        "otto": Post(Role.CONGRESS_OFFICE, ScopeKind.TOWNSHIP, elsewhere),
        "kim": Post(Role.STATION_KEEPER, ScopeKind.STATION, elsewhere),
    }
    found = {name: await log_in(database, tenant, name, post) for name, post in posts.items()}
    return {**county.people, **found}


@pytest.mark.parametrize(
    ("who", "writes", "reads", "sees"),
    [
        ("alice", 201, 200, ["alice"]),
        ("dave", 201, 200, ["dave"]),
        ("carol", 403, 200, ["alice"]),
        ("chen", 403, 200, ["alice"]),
        ("cora", 403, 200, ["dave", "alice"]),
        ("lena", 403, 200, ["dave", "alice"]),
        ("otto", 403, 200, []),
        ("kim", 403, 403, None),
        ("bob", 403, 403, None),
        ("gina", 403, 403, None),
    ],
)
async def test_who_records_and_who_reads(
    client: httpx.AsyncClient,
    offices: dict[str, Token],
    clock: MovableClock,
    who: str,
    writes: int,
    reads: int,
    sees: list[str] | None,
) -> None:
    made = {}
    for name in ("alice", "dave"):
        made[name] = (await post(client, VISITS, offices[name], a_visit())).json()["id"]
        clock.pass_(minutes=1)

    listed = await get(client, VISITS, offices[who])
    assert listed.status_code == reads
    if sees is not None:
        assert [visit["delegate_name"] for visit in listed.json()["items"]] == sees
    for name, id in made.items():
        one = 403 if sees is None else 200 if name in sees else 404
        assert (await get(client, f"{VISITS}/{id}", offices[who])).status_code == one
    assert (await post(client, VISITS, offices[who], a_visit())).status_code == writes


async def test_visits_are_narrowed_and_paged_and_cost_the_same_for_one_and_three(
    client: httpx.AsyncClient, offices: dict[str, Token], county: County
) -> None:
    made = []
    for who, day in (("alice", "2026-11-20"), ("dave", "2026-11-21"), ("alice", "2026-11-22")):
        told = a_visit(visited_on=day, issues=[an_issue("note"), an_issue("note")])
        made.append((await post(client, VISITS, offices[who], told)).json()["id"])

    async def ids(query: str) -> list[str]:
        return [v["id"] for v in (await get(client, f"{VISITS}?{query}", offices["cora"])).json()["items"]]

    counts = []
    for limit in (1, 3):
        with counted() as sent:
            assert len(await ids(f"limit={limit}")) == limit
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert await ids(f"delegate_id={county.seats['dave']}") == [made[1]]
    assert await ids("from=2026-11-21&to=2026-11-21") == [made[1]]
    first = (await get(client, f"{VISITS}?limit=2", offices["cora"])).json()
    assert [v["id"] for v in first["items"]] == [made[2], made[1]]
    assert await ids(f"limit=2&cursor={first['next_cursor']}") == [made[0]]
