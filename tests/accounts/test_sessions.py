"""Tokens and sessions: short access, rotating refresh, dead at once when ended."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from sqlmodel import select

from app.accounts import service, tokens
from app.accounts.models import AccountId, LoginSession, Membership, SessionId
from app.infra.audit import AuditRow
from app.infra.crypto import Vault, vault_of
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from tests.accounts.staff import age, code, hire, log_in, me, refresh
from tests.people import County, found_county


@pytest.fixture
async def first(client: httpx.AsyncClient, database: Database, tenant: Tenant) -> dict[str, Any]:
    """Carol's log-in."""
    await hire(database, tenant)
    given: dict[str, Any] = (await log_in(client, "carol")).json()
    return given


async def vault(database: Database, tenant: Tenant) -> Vault:
    async with database.unit(tenant, write=False) as tx:
        return vault_of(tx)


async def test_a_refresh_token_is_spent_for_its_successor(
    client: httpx.AsyncClient, first: dict[str, Any]
) -> None:
    second = (await refresh(client, first["refresh_token"])).json()
    third = (await refresh(client, second["refresh_token"])).json()

    assert len({given["refresh_token"] for given in (first, second, third)}) == 3
    assert (await me(client, third["access_token"])).status_code == 200


async def test_a_lost_answer_asked_for_again_at_once_gives_the_same_successor(
    client: httpx.AsyncClient, first: dict[str, Any]
) -> None:
    lost = (await refresh(client, first["refresh_token"])).json()
    again = (await refresh(client, first["refresh_token"])).json()

    assert lost["refresh_token"] == again["refresh_token"]
    assert (await refresh(client, again["refresh_token"])).status_code == 200


async def test_refreshes_at_once_give_one_successor(client: httpx.AsyncClient, first: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(refresh(client, first["refresh_token"]) for _ in range(5)))
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_spent_token_seen_again_later_ends_the_whole_session(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    second = (await refresh(client, first["refresh_token"])).json()
    await age(database, tenant, "refresh_tokens", timedelta(seconds=11))

    assert code(await refresh(client, first["refresh_token"])) == (401, "refresh-reused")

    assert code(await refresh(client, second["refresh_token"])) == (401, "session-ended")
    assert code(await me(client, second["access_token"])) == (401, "session-ended")
    async with database.unit(tenant) as tx:
        [note] = await tx.exec(select(AuditRow).where(AuditRow.action == "login.refresh_reused"))
    assert note.outcome == "refused"


async def test_a_spent_token_whose_successor_was_spent_too_ends_the_session_even_within_the_grace(
    client: httpx.AsyncClient, first: dict[str, Any]
) -> None:
    second = (await refresh(client, first["refresh_token"])).json()
    third = (await refresh(client, second["refresh_token"])).json()

    assert code(await refresh(client, first["refresh_token"])) == (401, "refresh-reused")
    assert code(await refresh(client, third["refresh_token"])) == (401, "session-ended")


async def test_an_unknown_refresh_token_is_invalid(client: httpx.AsyncClient, first: dict[str, Any]) -> None:
    assert code(await refresh(client, "never-issued")) == (401, "token-invalid")


async def test_a_session_past_its_end_is_not_refreshed(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    await age(database, tenant, "login_sessions", timedelta(days=91))
    assert code(await refresh(client, first["refresh_token"])) == (401, "session-ended")
    assert code(await me(client, first["access_token"])) == (401, "session-ended")


async def test_logging_out_kills_the_access_token_at_once_and_needs_no_key(
    client: httpx.AsyncClient, first: dict[str, Any]
) -> None:
    other = (await log_in(client, "carol")).json()
    headers = {"Authorization": f"Bearer {first['access_token']}"}

    assert (await client.post("/api/v1/auth/logout", headers=headers)).status_code == 204

    assert code(await me(client, first["access_token"])) == (401, "session-ended")
    assert code(await refresh(client, first["refresh_token"])) == (401, "session-ended")
    assert (await me(client, other["access_token"])).status_code == 200  # another device stays


async def test_closing_an_account_ends_every_session_of_it(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    async with database.unit(tenant) as tx:
        session = (await tx.exec(select(LoginSession))).one()
        await service.disable(tx, session.account_id)
    assert code(await me(client, first["access_token"])) == (401, "session-ended")
    assert code(await refresh(client, first["refresh_token"])) == (401, "session-ended")


async def test_a_role_taken_away_is_gone_from_the_next_request_on(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    assert (await me(client, first["access_token"])).json()["roles"] == ["congress_office"]
    async with database.unit(tenant) as tx:
        for post in await tx.exec(select(Membership)):
            await tx.delete(post)
    assert (await me(client, first["access_token"])).json()["roles"] == []


async def test_without_a_token_one_is_asked_to_log_in(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Basic Y2Fyb2w6eA=="}, {"Authorization": "Bearer"}):
        response = await client.get("/api/v1/me", headers=headers)
        assert code(response) == (401, "token-missing")
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_an_expired_token_says_so(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    keys = await vault(database, tenant)
    account, session = tokens.read_access(keys, first["access_token"], at=machine_now())
    late = tokens.access_token(keys, account, session, at=machine_now() - timedelta(minutes=16))
    fresh = tokens.access_token(keys, account, session, at=machine_now() - timedelta(minutes=14))

    assert code(await me(client, late)) == (401, "token-expired")
    assert (await me(client, fresh)).status_code == 200


async def test_one_countys_token_is_nothing_to_another(
    client: httpx.AsyncClient, county: County, database: Database
) -> None:
    [_, beta] = (await database.tenants()).all()
    there = await found_county(database, beta)
    assert code(await me(client, there["alice"].access)) == (401, "token-invalid")

    client.base_url = httpx.URL("http://beta.test")
    assert (await me(client, there["alice"].access)).status_code == 200
    assert code(await me(client, county["alice"].access)) == (401, "token-invalid")


async def test_on_a_host_of_no_county_the_token_chooses_its_own(
    client: httpx.AsyncClient, county: County, database: Database
) -> None:
    [_, beta] = (await database.tenants()).all()
    there = await found_county(database, beta)
    client.base_url = httpx.URL("http://unlisted.test")
    for who in (county["alice"], there["alice"]):
        assert (await me(client, who.access)).json()["id"] == str(who.account_id)


def unsigned(token: str, *, header: dict[str, Any]) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{encoded}.{token.split('.')[1]}."


async def test_forged_tokens_are_invalid(
    client: httpx.AsyncClient, first: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    keys = await vault(database, tenant)
    token = first["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    key = keys.token_keys[1]
    right = {"typ": "at+jwt", "kid": "1"}

    def made(*, header: dict[str, str] = right, key: bytes = key, **changes: Any) -> str:
        body = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode(body, key, algorithm="HS256", headers=header)

    forged = {
        "alg none": unsigned(token, header={"alg": "none", **right}),
        "alg none, shouted": unsigned(token, header={"alg": "NONE", **right}),
        "another key": made(key=b"x" * 64),
        "another audience": made(aud="beta"),
        "no audience": made(aud=None),
        "another issuer": made(iss="somebody"),
        "no end": made(exp=None),
        "another use": made(header={**right, "typ": "binding+jwt"}),
        "plain JWT": made(header={**right, "typ": "JWT"}),
        "unknown key id": made(header={**right, "kid": "9"}),
        "a key id that is none": made(header={**right, "kid": "../../etc/passwd"}),
        "no account": made(sub="carol"),
        "no session": made(sid=None),
        "a changed body": token[:-60] + "AAAA" + token[-56:],
        "not a token": "hello",
        "too many parts": token + ".x",
        "binding token": tokens.binding_token(keys, appid="wx1", openid="o1", at=machine_now()),
        "refresh token": first["refresh_token"],
    }
    assert (await me(client, made())).status_code == 200  # the workshop itself works
    answers = {name: code(await me(client, token)) for name, token in forged.items()}
    assert answers == dict.fromkeys(forged, (401, "token-invalid"))


async def test_a_session_of_another_account_does_not_lend_itself(
    client: httpx.AsyncClient, county: County, database: Database, tenant: Tenant
) -> None:
    keys = await vault(database, tenant)
    _, session = tokens.read_access(keys, county["alice"].access, at=machine_now())
    for account, sid in ((county["bob"].account_id, session), (uuid4(), session)):
        mixed = tokens.access_token(keys, AccountId(account), SessionId(sid), at=machine_now())
        assert code(await me(client, mixed)) == (401, "session-ended")


async def test_me_is_what_the_contract_says(client: httpx.AsyncClient, county: County) -> None:
    def place(id: Any, name: str) -> dict[str, str]:
        return {"id": str(id), "name": name}

    alice = (await me(client, county["alice"].access)).json()
    assert alice == {
        "id": str(county["alice"].account_id),
        "name": "alice",
        "roles": ["delegate"],
        "seats": [
            {
                "delegate_id": str(county.seats["alice"]),
                "congress_id": str(county.congress_id),
                "level": "township",
            }
        ],
        "unit": None,
        "station": None,
        "township": None,
    }
    bob = (await me(client, county["bob"].access)).json()
    assert (bob["roles"], bob["unit"]) == (["unit_officer"], place(county.unit_id, "县水务局"))
    carol = (await me(client, county["carol"].access)).json()
    assert (carol["seats"], carol["township"]) == ([], place(county.town_id, "甲镇人大办"))
