"""Log-in by name and password: the same words for every wrong guess, and five of them only."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from app.accounts import passwords, service
from app.accounts.passwords import PasswordUnfit
from app.infra.audit import AuditRow
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from tests.accounts.staff import PASSWORD, age, code, hire, log_in, me

LOCKED = (429, "login-locked")
WRONG = (401, "wrong-credentials")


async def test_the_right_password_gives_tokens_that_work(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    clerk = await hire(database, tenant)
    response = await log_in(client, "carol")

    assert response.status_code == 200
    given = response.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 900)
    assert given["account"]["id"] == str(clerk.id)
    assert (await me(client, given["access_token"])).json() == given["account"]


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await hire(database, tenant)
    wrong, unknown = await log_in(client, "carol", "Wrong-12345"), await log_in(client, "nobody")

    assert code(wrong) == code(unknown) == WRONG
    told = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in (wrong, unknown)]
    assert told[0] == told[1]


@pytest.mark.parametrize("username", ["carol", "nobody"])
async def test_five_wrong_guesses_lock_a_name_whether_or_not_anybody_has_it(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, username: str
) -> None:
    await hire(database, tenant)
    answers = [await log_in(client, username, "Wrong-12345") for _ in range(6)]
    assert [code(answer) for answer in answers] == [WRONG] * 5 + [LOCKED]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 1800
    assert "30 分钟" in answers[-1].json()["detail"]

    assert code(await log_in(client, username)) == LOCKED  # the right one is refused too
    assert code(await log_in(client, f" {username.upper()} ")) == LOCKED  # and another spelling

    await age(database, tenant, "login_attempts", timedelta(minutes=29))
    assert code(await log_in(client, username)) == LOCKED
    await age(database, tenant, "login_attempts", timedelta(minutes=1))
    assert (await log_in(client, username)).status_code == (200 if username == "carol" else 401)


async def test_many_guesses_at_once_are_no_way_around_the_lock(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await hire(database, tenant)
    answers = await asyncio.gather(*(log_in(client, "carol", "Wrong-12345") for _ in range(12)))
    assert Counter(code(answer) for answer in answers) == {WRONG: 5, LOCKED: 7}


async def test_the_right_password_forgets_the_wrong_ones(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await hire(database, tenant)
    for _ in range(2):
        for _ in range(4):
            assert code(await log_in(client, "carol", "Wrong-12345")) == WRONG
        assert (await log_in(client, "carol")).status_code == 200


async def test_a_name_is_locked_in_one_county_only(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    [_, beta] = (await database.tenants()).all()
    await hire(database, beta)
    for _ in range(6):
        await log_in(client, "carol", "Wrong-12345")
    client.base_url = httpx.URL("http://beta.test")
    assert (await log_in(client, "carol")).status_code == 200


async def test_a_closed_account_is_answered_as_if_it_were_not_there(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    clerk = await hire(database, tenant)
    async with database.unit(tenant) as tx:
        await service.disable(tx, clerk.id)
    assert code(await log_in(client, "carol")) == WRONG


async def test_an_account_without_a_password_admits_nobody(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await hire(database, tenant)
    async with database.unit(tenant) as tx:
        await sql(tx, text("UPDATE accounts SET password_hash = NULL"))
    assert code(await log_in(client, "carol")) == WRONG
    assert code(await log_in(client, "carol", "nobody has this name")) == WRONG


async def test_log_ins_and_refusals_are_audited_without_name_or_password(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    clerk = await hire(database, tenant)
    await log_in(client, "carol", "Wrong-12345")
    await log_in(client, "carol")

    async with database.unit(tenant) as tx:
        rows = (await tx.exec(select(AuditRow).order_by("id"))).all()
    assert [(row.action, row.outcome) for row in rows] == [
        ("login.password", "refused"),
        ("login.started", "done"),
    ]
    assert rows[1].actor == f"account:{clerk.id}"
    assert not any(word in repr(rows) for word in ("carol", "Wrong-12345", PASSWORD))


@pytest.mark.parametrize("password", ["Short-1", "x" * 129, "alllowercase1", "ALLUPPER12345", "1234567890"])
def test_an_unfit_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordUnfit):
        passwords.check_fit(password)


def test_a_fit_password_is_accepted() -> None:
    passwords.check_fit(PASSWORD)
    passwords.check_fit("Neun Wörter, keine Zahl")
