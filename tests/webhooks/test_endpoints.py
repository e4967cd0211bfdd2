import asyncio
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.webhooks.service import MOST_ENDPOINTS
from tests.partners.wired import Wired, wire_up

URL = "https://hooks.example.org/in"
PATH = "/webhook-endpoints"


@pytest.fixture
async def wired(client: httpx.AsyncClient, database: Database, tenant: Tenant) -> Wired:
    return await wire_up(client, database, tenant)


async def test_the_secret_is_shown_once_and_lies_sealed(
    wired: Wired, database: Database, tenant: Tenant
) -> None:
    made = await wired.post(PATH, {"url": URL, "events": ["opinion.*", "suggestion.replied", "opinion.*"]})

    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert made.json()["events"] == ["opinion.*", "suggestion.replied"]
    [listed] = (await wired.get(PATH)).json()["items"]
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    async with database.unit(tenant) as tx:
        rows = (await sql(tx, text("SELECT * FROM webhook_endpoints"))).mappings().all()
    assert secret.encode() not in b"".join(bytes(row["secret_sealed"]) for row in rows)


async def test_left_out_events_mean_all(wired: Wired) -> None:
    assert (await wired.post(PATH, {"url": URL})).json()["events"] == ["*"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://127.0.0.1/"}, "webhook-address-not-public"),
        ({"url": "https://169.254.169.254/"}, "webhook-address-not-public"),
        ({"url": "https://user@hooks.example.org/"}, "webhook-url-unfit"),
        ({"url": URL, "events": ["internal.*"]}, "webhook-events-unfit"),
        ({"url": URL, "events": ["deadline.line_crossed"]}, "webhook-events-unfit"),
        ({"url": URL, "events": []}, "invalid"),
        ({"url": URL, "event": ["*"]}, "invalid"),
    ],
)
async def test_unfit_endpoints_are_refused(wired: Wired, body: dict[str, object], code: str) -> None:
    refused = await wired.post(PATH, body)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_an_endpoint_is_its_partners_alone(
    wired: Wired, client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    made = (await wired.post(PATH, {"url": URL})).json()
    other = await wire_up(client, database, tenant, name="另一家")
    mine = f"{PATH}/{made['id']}"

    answers = [
        await other.get(mine),
        await other.get(f"{mine}/deliveries"),
        await other.post(f"{mine}/test"),
        await other.post(f"{mine}/replay", {"since": "2026-11-01T00:00:00+08:00"}),
        await other.delete(mine, **{"If-Match": "*"}),
        await wired.get(f"{PATH}/{uuid4()}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert (await other.get(PATH)).json()["items"] == []


async def test_taking_an_endpoint_away_needs_its_version(wired: Wired) -> None:
    made = await wired.post(PATH, {"url": URL})
    mine = f"{PATH}/{made.json()['id']}"
    await wired.post(f"{mine}/test")

    bare = await wired.delete(mine)
    stale = await wired.delete(mine, **{"If-Match": '"r0"'})
    gone = await wired.delete(mine, **{"If-Match": made.headers["etag"]})

    assert [answer.status_code for answer in (bare, stale, gone)] == [428, 412, 204]
    assert (await wired.get(mine)).status_code == 404


async def test_a_disabled_endpoint_cannot_be_tried_before_a_replay(
    wired: Wired, database: Database, tenant: Tenant
) -> None:
    mine = f"{PATH}/{(await wired.post(PATH, {'url': URL})).json()['id']}"
    async with database.unit(tenant) as tx:
        off = "UPDATE webhook_endpoints SET enabled = false, disabled_reason = 'gone'"
        await sql(tx, text(off))

    refused = await wired.post(f"{mine}/test")
    await wired.post(f"{mine}/replay", {"since": "2026-11-01T00:00:00+08:00"})
    taken = await wired.post(f"{mine}/test")

    assert (refused.status_code, refused.json()["code"]) == (409, "webhook-endpoint-disabled")
    assert taken.status_code == 202


async def test_the_list_goes_on_by_cursor_newest_first(wired: Wired) -> None:
    made = [(await wired.post(PATH, {"url": f"{URL}/{n}"})).json()["url"] for n in range(3)]

    first = (await wired.get(PATH, limit=2)).json()
    rest = (await wired.get(PATH, limit=2, cursor=first["next_cursor"])).json()

    assert [e["url"] for e in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_a_partner_has_at_most_twenty_endpoints(wired: Wired) -> None:
    answers = [await wired.post(PATH, {"url": URL}) for _ in range(MOST_ENDPOINTS + 1)]

    assert [a.status_code for a in answers] == [201] * MOST_ENDPOINTS + [409]


async def test_events_and_endpoints_need_their_scopes(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    reader = await wire_up(client, database, tenant, ["events:read"])
    manager = await wire_up(client, database, tenant, ["webhooks:manage"])

    answers = await asyncio.gather(
        reader.get(PATH), reader.post(PATH, {"url": URL}), manager.get("/events"), manager.get(PATH)
    )

    assert [a.status_code for a in answers] == [403, 403, 403, 200]
    assert (await client.get(f"/api/partner/v1{PATH}")).status_code == 401
