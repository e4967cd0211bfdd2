"""Every write may be retried: one effect and one answer for each key, by HTTP on a real endpoint."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text

from app.accounts.deps import CurrentActor
from app.infra import idempotency
from app.infra.db import Database, sql
from app.infra.deps import Tx, claim_key
from app.infra.tenants import Tenant
from app.infra.unit_route import UnitRoute
from app.kernel.clock import machine_now
from tests.people import County, Token, found_county, post

PATH = "/api/v1/suggestions"
KEY = "0193a2f0-aaaa-7bbb-8ccc-0123456789ab"
DRAFT = {"title": "关于修缮灌溉水渠的建议", "situation": "水渠坍塌，稻田缺水。", "proposal": "建议清淤加固。"}


async def count(database: Database, tenant: Tenant, table: str) -> int:
    async with database.unit(tenant, write=False) as tx:
        return int((await sql(tx, text(f"SELECT count(*) FROM {table}"))).scalar_one())


def code(response: httpx.Response) -> tuple[int, str | None]:
    return response.status_code, response.json().get("code")


async def test_without_a_key_a_write_is_refused(client: httpx.AsyncClient, county: County) -> None:
    response = await client.post(PATH, json=DRAFT, headers=county["alice"].headers)
    assert code(response) == (400, "idempotency-key-missing")


@pytest.mark.parametrize(
    "key", ["short-key-15---", "", '"short-key-15---"', "x" * 256, "sixteen\tcharacters"]
)
async def test_an_unfit_key_is_refused(client: httpx.AsyncClient, county: County, key: str) -> None:
    assert code(await post_raw(client, county["alice"], key)) == (400, "idempotency-key-unfit")


async def test_a_key_beyond_ascii_is_refused(client: httpx.AsyncClient, county: County) -> None:
    assert code(await post_raw(client, county["alice"], "钥匙".encode() * 8)) == (
        400,
        "idempotency-key-unfit",
    )


async def post_raw(client: httpx.AsyncClient, who: Token, key: str | bytes) -> httpx.Response:
    headers = [(b"Authorization", who.headers["Authorization"].encode())]
    headers.append((b"Idempotency-Key", key if isinstance(key, bytes) else key.encode()))
    return await client.post(PATH, json=DRAFT, headers=headers)


async def test_the_same_key_and_body_give_the_first_answer_again_and_one_row(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    first = await post(client, PATH, county["alice"], DRAFT, key=KEY)
    again = await post(client, PATH, county["alice"], DRAFT, key=KEY)

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await count(database, tenant, "suggestions") == 1
    assert await count(database, tenant, "audit WHERE action = 'suggestion.create'") == 1


async def test_a_quoted_key_is_the_bare_key(client: httpx.AsyncClient, county: County) -> None:
    first = await post(client, PATH, county["alice"], DRAFT, key=f'"{KEY}"')
    again = await post(client, PATH, county["alice"], DRAFT, key=KEY)
    assert first.json()["id"] == again.json()["id"]


async def test_the_same_key_with_another_body_is_refused(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    await post(client, PATH, county["alice"], DRAFT, key=KEY)
    other = await post(client, PATH, county["alice"], {**DRAFT, "title": "另一件"}, key=KEY)

    assert code(other) == (422, "idempotency-key-reused")
    assert await count(database, tenant, "suggestions") == 1


async def test_the_same_key_of_another_account_is_another_key(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    mine = await post(client, PATH, county["alice"], DRAFT, key=KEY)
    hers = await post(client, PATH, county["dave"], DRAFT, key=KEY)

    assert (mine.status_code, hers.status_code) == (201, 201)
    assert mine.json()["id"] != hers.json()["id"]
    assert await count(database, tenant, "suggestions") == 2


async def test_the_same_key_on_another_route_is_another_key(
    client: httpx.AsyncClient, county: County
) -> None:
    drafted = await post(client, PATH, county["alice"], DRAFT, key=KEY)
    handed_in = await post(client, f"{PATH}/{drafted.json()['id']}/submission", county["alice"], key=KEY)
    assert handed_in.json()["state"] == "submitted"


async def test_the_same_key_in_another_county_is_another_key(
    client: httpx.AsyncClient, county: County, database: Database
) -> None:
    alpha, beta = (await database.tenants()).all()
    there = await found_county(database, beta)
    here = await post(client, PATH, county["alice"], DRAFT, key=KEY)
    client.base_url = httpx.URL("http://beta.test")
    over_there = await post(client, PATH, there["alice"], DRAFT, key=KEY)

    assert (here.status_code, over_there.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in over_there.headers
    for which in (alpha, beta):
        assert await count(database, which, "suggestions") == 1
    asked = [
        idempotency.claim_of(KEY, tenant=which.slug, client="account:1", route="POST /x", body=b"")
        for which in (alpha, beta)
    ]
    assert asked[0].key_hash != asked[1].key_hash


async def test_a_refused_answer_is_not_kept_and_the_key_may_be_used_again(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    unfit = await post(client, PATH, county["alice"], {**DRAFT, "title": ""}, key=KEY)
    unknown = {**DRAFT, "proposed_unit_id": str(uuid4())}
    refused = await post(client, PATH, county["alice"], unknown, key=KEY)
    forbidden = await post(client, PATH, county["bob"], DRAFT, key=KEY)
    assert (unfit.status_code, refused.status_code, forbidden.status_code) == (422, 422, 403)
    assert await count(database, tenant, "idempotency_keys") == 0

    mended = await post(client, PATH, county["alice"], DRAFT, key=KEY)

    assert mended.status_code == 201
    assert "Idempotency-Replayed" not in mended.headers


async def test_an_answer_of_refusal_that_did_not_raise_is_not_kept_either(
    app: FastAPI, client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    odd = APIRouter(route_class=UnitRoute)

    @odd.post("/odd")
    async def refuse(request: Request, tx: Tx, actor: CurrentActor) -> JSONResponse:
        await claim_key(request, tx, client=actor.label, key=request.headers["idempotency-key"])
        return JSONResponse({"code": "busy"}, 409)

    app.include_router(odd)
    for _ in range(2):
        assert code(await post(client, "/odd", county["alice"], key=KEY)) == (409, "busy")
    assert await count(database, tenant, "idempotency_keys") == 0


async def test_ten_duplicates_at_once_have_one_effect(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    answers = await asyncio.gather(*(post(client, PATH, county["alice"], DRAFT, key=KEY) for _ in range(10)))

    assert await count(database, tenant, "suggestions") == 1
    done = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert len({answer.json()["id"] for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
    assert {(code(answer), answer.headers["Retry-After"]) for answer in waiting} <= {
        ((409, "request-in-progress"), "1")
    }


def claim_like(who: Token, body: bytes) -> idempotency.Claim:
    client = f"account:{who.account_id}"
    return idempotency.claim_of(KEY, tenant="alpha", client=client, route=f"POST {PATH}", body=body)


async def test_a_duplicate_of_one_still_running_is_told_to_come_back(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alice = county["alice"]
    async with database.unit(tenant) as first:
        await idempotency.claim(first, claim_like(alice, b"unfinished"))
        second = await post(client, PATH, alice, DRAFT, key=KEY)

    assert code(second) == (409, "request-in-progress")
    assert second.headers["Retry-After"] == "1"
    assert await count(database, tenant, "suggestions") == 0


async def test_who_waited_for_one_that_failed_goes_ahead(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    alice = county["alice"]
    async with database.unit(tenant) as first:
        await idempotency.claim(first, claim_like(alice, b"unfinished"))
        second = asyncio.create_task(post(client, PATH, alice, DRAFT, key=KEY))
        await until_somebody_waits(database)
        await first.rollback()

    assert (await second).status_code == 201


async def until_somebody_waits(database: Database) -> None:
    """Asked of PostgreSQL, on another connection: is a backend of this database waiting for another?"""
    waiting = text("""
        SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
                        WHERE NOT granted AND locktype = 'transactionid' AND datname = current_database())""")
    async with asyncio.timeout(10):
        found = False
        while not found:
            async with database.platform() as tx:
                found = bool((await sql(tx, waiting)).scalar_one())


async def test_the_kept_answer_tells_nothing_to_who_has_the_table(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    drafted = (await post(client, PATH, county["alice"], DRAFT, key=KEY)).json()

    async with database.unit(tenant, write=False) as tx:
        row: Any = (await sql(tx, text("SELECT * FROM idempotency_keys"))).one()
    table = b"".join(value if isinstance(value, bytes) else repr(value).encode() for value in row)
    for secret in (DRAFT["title"], drafted["id"], KEY):
        assert secret.encode() not in table
    assert row.status == 201


@pytest.mark.parametrize(
    ("age", "left"), [(timedelta(hours=71, minutes=59), 1), (timedelta(hours=72, minutes=1), 0)]
)
async def test_after_72_hours_answers_are_forgotten(
    client: httpx.AsyncClient,
    county: County,
    database: Database,
    tenant: Tenant,
    age: timedelta,
    left: int,
) -> None:
    await post(client, PATH, county["alice"], DRAFT, key=KEY)
    async with database.unit(tenant) as tx:
        older = text("UPDATE idempotency_keys SET written_at = :at")
        await sql(tx, older, {"at": machine_now() - age})
    async with database.unit(tenant) as tx:
        assert await idempotency.sweep(tx, machine_now()) == 1 - left

    assert await count(database, tenant, "idempotency_keys") == left


@pytest.mark.parametrize(
    ("key", "fit"),
    [
        (KEY, True),
        (KEY.replace("-", "").upper(), True),
        ("c29tZSByYW5kb20gYnl0ZX", True),  # 22 characters of base64: 132 bits
        ("c29tZSByYW5kb20gYn", False),
        ("0123456789abcdef", False),
        ("my little opinion key no 1", False),
    ],
)
def test_residents_keys_must_be_unguessable(key: str, fit: bool) -> None:
    if fit:
        assert idempotency.read_key(key, public=True) == key
    else:
        with pytest.raises(idempotency.KeyUnfit):
            idempotency.read_key(key, public=True)
