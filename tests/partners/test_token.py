import asyncio
import base64
from datetime import timedelta

import httpx
import jwt
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.infra.audit import AuditRow
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.partners import queries, service, tokens
from app.partners.errors import ScopeUnknown
from app.settings import Settings
from tests.conftest import KEYS, MovableClock, app_with
from tests.partners.wired import TOKEN, ask, wire_up
from tests.people import County

EVENTS = "/api/partner/v1/events"


async def test_a_form_gets_a_token_of_fifteen_minutes_with_every_granted_scope(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        client_id, secret = await service.add_partner(tx, "县平台", ["webhooks:manage", "events:read"])

    answer = await ask(client, client_id, secret)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == (
        "Bearer",
        900,
        "events:read webhooks:manage",
    )
    assert jwt.get_unverified_header(said["access_token"])["typ"] == "partner+jwt"
    called = await client.get(EVENTS, headers={"Authorization": f"Bearer {said['access_token']}"})
    assert called.status_code == 200


async def test_json_and_http_basic_are_taken_too(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)
    by_json = {"grant_type": "client_credentials", "scope": "events:read"}
    basic = base64.b64encode(f"{wired.client_id}:{wired.client_secret}".encode()).decode()

    in_body = await client.post(
        TOKEN, json={**by_json, "client_id": wired.client_id, "client_secret": wired.client_secret}
    )
    in_header = await client.post(TOKEN, data=by_json, headers={"Authorization": f"Basic {basic}"})

    assert [a.status_code for a in (in_body, in_header)] == [200, 200]
    assert {a.json()["scope"] for a in (in_body, in_header)} == {"events:read"}


@pytest.mark.parametrize("secret", ["", "wrong", "\x00", "秘密"])
async def test_a_wrong_secret_is_an_invalid_client(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, secret: str
) -> None:
    wired = await wire_up(client, database, tenant)

    refused = await ask(client, wired.client_id, secret)
    unknown = await ask(client, "NOSUCHCLIENT", secret)

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert refused.headers["www-authenticate"] == "Basic"
    assert unknown.json() == refused.json()


async def test_a_wrong_secret_leaves_a_trace(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)

    await ask(client, wired.client_id, "wrong")

    async with database.unit(tenant) as tx:
        rows = (await tx.exec(select(AuditRow).where(AuditRow.outcome == "refused"))).all()
    assert [(row.action, row.subject_kind) for row in rows] == [("partner.token", "partner")]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "opinions:read"}, "invalid_scope"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "invalid_request"),
    ],
)
async def test_other_refusals_speak_as_rfc_6749_says(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, form: dict[str, str], error: str
) -> None:
    wired = await wire_up(client, database, tenant)
    owned = {"client_id": wired.client_id, "client_secret": wired.client_secret}

    refused = await client.post(TOKEN, data={**owned, **form})

    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert refused.json()["error_description"].isascii()


@pytest.mark.parametrize(
    "body", [b"[1]", b"5", b"null", b"{", b'{"grant_type": 1}', b'{"a": "x", "a": "y"}', b"\xff"]
)
async def test_an_unreadable_body_is_an_invalid_request(client: httpx.AsyncClient, body: bytes) -> None:
    refused = await client.post(TOKEN, content=body, headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_one_countys_token_is_nothing_to_another(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)

    elsewhere = await client.get(EVENTS, headers={**wired.headers, "Host": "beta.test"})

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (401, "partner-token-invalid")


async def test_a_token_ends_after_fifteen_minutes(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)
    async with database.unit(tenant) as tx:
        row = await queries.by_client_id(tx, wired.client_id)
        assert row is not None
        at = machine_now() - timedelta(minutes=15)
        spent = tokens.issue(tx.info["vault"], row, ["events:read"], at=at)

    refused = await client.get(EVENTS, headers={"Authorization": f"Bearer {spent}"})

    assert (refused.status_code, refused.json()["code"]) == (401, "partner-token-expired")


async def test_people_and_partners_cannot_use_each_others_tokens(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    wired = await wire_up(client, database, tenant)

    person = await client.get(EVENTS, headers=county["carol"].headers)
    partner = await client.get("/api/v1/me", headers=wired.headers)

    assert (person.status_code, person.json()["code"]) == (401, "partner-token-invalid")
    assert (partner.status_code, partner.json()["code"]) == (401, "token-invalid")


async def test_without_the_scope_nothing_opens(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant, ["webhooks:manage"])

    refused = await wired.get("/events")

    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")


async def test_a_scope_taken_away_is_gone_from_tokens_already_issued(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)
    async with database.unit(tenant) as tx:
        row = await queries.by_client_id(tx, wired.client_id)
        assert row is not None
        row.scopes = ["webhooks:manage"]
        tx.add(row)

    assert (await wired.get("/events")).status_code == 403


async def test_a_disabled_partner_is_out_at_once(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)
    async with database.unit(tenant) as tx:
        assert await service.disable_partner(tx, wired.client_id)

    assert (await wired.get("/events")).status_code == 401
    assert (await ask(client, wired.client_id, wired.client_secret)).json()["error"] == "invalid_client"


async def test_a_misspelt_scope_is_refused_when_a_partner_is_added(
    database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        with pytest.raises(ScopeUnknown):
            await service.add_partner(tx, "县平台", ["opinion:read"])


async def test_of_two_hundred_requests_at_once_exactly_the_quota_passes(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = machine_now().replace(second=20)
    wired = await wire_up(client, database, tenant, quota=50)
    monkeypatch.setattr("app.partners.deps.machine_now", lambda: frozen)

    answers = await asyncio.gather(*(wired.get("/events") for _ in range(100)))

    passed = [a for a in answers if a.status_code == 200]
    spent = [a for a in answers if a.status_code == 429]
    assert (len(passed), len(spent)) == (50, 50)
    left = sorted(int(a.headers["ratelimit"].split(";r=")[1].split(";")[0]) for a in passed)
    assert left == list(range(50))
    assert {a.json()["code"] for a in spent} == {"quota-spent"}
    assert {(a.headers["retry-after"], a.headers["ratelimit"]) for a in spent} == {
        ("40", '"minute";r=0;t=40')
    }
    assert passed[0].headers["ratelimit-policy"] == '"minute";q=50;w=60'


async def test_a_new_minute_has_a_new_quota_and_a_lagging_clock_opens_no_old_one(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired = await wire_up(client, database, tenant, quota=1)
    minute = machine_now().replace(second=5)
    seen = []
    for at in (minute, minute + timedelta(minutes=1), minute):
        monkeypatch.setattr("app.partners.deps.machine_now", lambda at=at: at)
        seen.append((await wired.get("/events")).status_code)

    assert seen == [200, 200, 429]


async def test_the_quota_is_counted_before_the_request_holds_a_connection(
    settings: Settings, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    narrow = Database(database.dsn, keyring=Keyring(**KEYS), pool_size=1)
    app: FastAPI = app_with(settings, narrow, now=clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://alpha.test") as client:
        wired = await wire_up(client, narrow, tenant)
        body = {"url": "https://hooks.example.org/in", "events": ["*"]}
        made = await wired.post("/webhook-endpoints", body)
    await narrow.close()

    assert made.status_code == 201, made.text


async def test_a_post_needs_a_key_and_a_repetition_gets_the_first_answer(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    wired = await wire_up(client, database, tenant)
    body = {"url": "https://hooks.example.org/in", "events": ["opinion.*"]}
    key = {"Idempotency-Key": "0123456789abcdef-1"}

    bare = await client.post("/api/partner/v1/webhook-endpoints", json=body, headers=wired.headers)
    first = await wired.post("/webhook-endpoints", body, **key)
    again = await wired.post("/webhook-endpoints", body, **key)

    assert bare.json()["code"] == "idempotency-key-missing"
    assert (first.status_code, again.json()) == (201, first.json())
    assert len((await wired.get("/webhook-endpoints")).json()["items"]) == 1
