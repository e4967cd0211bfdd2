"""WeChat's pushes: read only if signed, acted on once, and what they do to a person's credit."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import text

from app.accounts import service as accounts
from app.fakes.wechat.push import PushSigner, SignedPush
from app.infra.db import Database, sql
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.notifications import credit
from app.notifications.credit import MOST, Subscription
from app.notifications.push_api import FRESH
from app.settings import Settings
from tests.conftest import KEYS
from tests.people import County

APPID, TOKEN, AES_KEY = "wxfake0000000001", "AAAAA", "A" * 43
DUE_SOON, OVERDUE = "tpl-due-soon", "tpl-overdue"
OPENID = "oalice"
SAFE = PushSigner(APPID, TOKEN, AES_KEY)
URL = f"http://push.test/wechat/push/{APPID}"  # a host that is no county's
ALICE = Subscription(APPID, OPENID, DUE_SOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given: dict[str, Any] = {
        **KEYS,
        "var_dir": tmp_path,
        "wechat_appid": APPID,
        "wechat_push_token": TOKEN,
        "wechat_push_aes_key": AES_KEY,
        "wechat_template_due_soon": DUE_SOON,
        "wechat_template_overdue": OVERDUE,
    }
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


@pytest.fixture(autouse=True)
async def bound(database: Database, tenant: Tenant, county: County) -> None:
    """Alice of county alpha came in from WeChat."""
    async with database.unit(tenant) as tx:
        await accounts.bind_wechat(tx, county["alice"].account_id, appid=APPID, openid=OPENID)


def pushed(event: str, listed: Any, openid: str = OPENID, **more: Any) -> dict[str, Any]:
    return {
        "ToUserName": "gh_fake",
        "FromUserName": openid,
        "CreateTime": int(machine_now().timestamp()),
        "MsgType": "event",
        "Event": event,
        "List": listed,
        **more,
    }


def popup(word: str = "accept", template: str = DUE_SOON, **more: Any) -> dict[str, Any]:
    entry = {"TemplateId": template, "SubscribeStatusString": word, "PopupScene": "1"}
    return pushed("subscribe_msg_popup_event", entry, **more)


def signed(push: dict[str, Any], at: datetime | None = None, by: PushSigner = SAFE) -> SignedPush:
    return by.sign(push, at=at or machine_now())


async def post(client: httpx.AsyncClient, push: SignedPush, url: str = URL) -> httpx.Response:
    return await client.post(f"{url}?{urlencode(push.query)}", content=push.body)


async def send(client: httpx.AsyncClient, push: dict[str, Any]) -> None:
    answer = await post(client, signed(push))
    assert (answer.status_code, answer.text) == (200, "success")


async def left(database: Database, tenant: Tenant, of: Subscription = ALICE) -> int | None:
    async with database.unit(tenant) as tx:
        return await credit.left(tx, of)


async def test_the_console_s_question_is_answered_verbatim(client: httpx.AsyncClient) -> None:
    query = {**SAFE.sign({}, at=machine_now()).query, "echostr": "4375120948345356249"}
    answer = await client.get(URL, params=query)
    assert (answer.status_code, answer.text) == (200, "4375120948345356249")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await client.get(URL, params={**query, "signature": "0" * 40})).status_code == 403


async def test_each_accepted_prompt_adds_one_send(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    assert await left(database, tenant) is None
    await send(client, popup(CreateTime=1))
    await send(client, popup(CreateTime=2))
    assert await left(database, tenant) == 2


async def test_several_templates_come_in_one_push(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    entries = [
        {"TemplateId": OVERDUE, "SubscribeStatusString": "accept"},
        {"TemplateId": DUE_SOON, "SubscribeStatusString": "reject"},
    ]
    await send(client, pushed("subscribe_msg_popup_event", entries))
    assert await left(database, tenant, replace(ALICE, template_id=OVERDUE)) == 1
    assert await left(database, tenant) is None


async def test_a_refused_prompt_takes_nothing_from_those_accepted_before(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await send(client, popup())
    await send(client, popup("reject"))
    assert await left(database, tenant) == 1


async def test_switched_off_in_the_settings_nothing_is_left_and_on_again_gives_none(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await send(client, popup())
    for word in ("reject", "accept"):
        entry = {"TemplateId": DUE_SOON, "SubscribeStatusString": word}
        await send(client, pushed("subscribe_msg_change_event", [entry]))
        assert await left(database, tenant) == 0


@pytest.mark.parametrize(("errcode", "remaining"), [("0", 1), ("43101", 0), ("7", 0)])
async def test_a_report_of_a_message_not_shown_says_that_none_is_left(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, errcode: str, remaining: int
) -> None:
    await send(client, popup())
    entry = {"TemplateId": DUE_SOON, "MsgID": "18", "ErrorCode": errcode, "ErrorStatus": "x"}
    await send(client, pushed("subscribe_msg_sent_event", entry))
    assert await left(database, tenant) == remaining


async def test_credit_is_capped(client: httpx.AsyncClient, database: Database, tenant: Tenant) -> None:
    async with database.unit(tenant) as tx:
        for _ in range(MOST + 3):
            await credit.grant(tx, ALICE, at=machine_now())
    assert await left(database, tenant) == MOST


async def test_a_send_spends_one_and_43101_the_rest(database: Database, tenant: Tenant) -> None:
    at = machine_now()
    async with database.unit(tenant) as tx:
        for _ in range(3):
            await credit.grant(tx, ALICE, at=at)
        await credit.spend(tx, ALICE, at=at)
        assert await credit.left(tx, ALICE) == 2
        await credit.exhaust(tx, ALICE, at=at)
        await credit.spend(tx, ALICE, at=at)
        assert await credit.left(tx, ALICE) == 0


async def test_a_long_term_template_is_one_yes(
    client: httpx.AsyncClient, settings: Settings, database: Database, tenant: Tenant
) -> None:
    settings.wechat_long_term = True
    await send(client, popup(CreateTime=1))
    await send(client, popup(CreateTime=2))
    async with database.unit(tenant) as tx:
        await credit.spend(tx, ALICE, at=machine_now())
        assert await credit.left(tx, ALICE) == 1
    await send(client, popup("reject"))
    assert await left(database, tenant) == 0


async def test_a_closed_wechat_account_leaves_no_credit_row(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await send(client, popup())
    await send(client, pushed("user_authorization_cancellation", [], **{" OpenID": f" {OPENID}"}))
    assert await left(database, tenant) is None


async def test_those_who_run_out_are_found(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, county: County
) -> None:
    async def low(at_most: int) -> list[tuple[Any, int]]:
        async with database.unit(tenant) as tx:
            return await credit.running_out(tx, appid=APPID, templates=(DUE_SOON, OVERDUE), at_most=at_most)

    alice = county["alice"].account_id
    await send(client, popup())
    assert await low(0) == [(alice, 0)]  # nothing of the other template
    await send(client, popup(template=OVERDUE))
    assert await low(0) == []
    assert await low(1) == [(alice, 1)]
    async with database.unit(tenant) as tx:
        await accounts.disable(tx, alice)
    assert await low(1) == []


# Repeats.


async def test_of_three_deliveries_of_one_push_one_counts(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    push = popup()
    await asyncio.gather(*(send(client, push) for _ in range(3)))
    assert await left(database, tenant) == 1


async def test_what_is_remembered_is_forgotten_after_a_day(database: Database, tenant: Tenant) -> None:
    at = machine_now()
    async with database.unit(tenant) as tx:
        assert await credit.first_time(tx, "one", at=at - timedelta(days=2))
        assert await credit.first_time(tx, "two", at=at)
        assert not await credit.first_time(tx, "two", at=at)
        assert (await sql(tx, text("SELECT count(*) FROM wechat_pushes"))).scalar_one() == 1


# Forgeries.


@pytest.mark.parametrize("minutes", [-11, 11, 60 * 24])
async def test_a_recording_played_again_later_is_refused(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, minutes: int
) -> None:
    answer = await post(client, signed(popup(), machine_now() - timedelta(minutes=minutes)))
    assert (answer.status_code, answer.json()["code"]) == (403, "wechat-push-refused")
    assert await left(database, tenant) is None


@pytest.mark.parametrize(
    "forger",
    [
        replace(SAFE, token="guess"),
        replace(SAFE, aes_key="B" * 43),
        replace(SAFE, appid="wxfake0000000002"),
        replace(SAFE, aes_key=""),  # plain, though safe mode is set up
    ],
    ids=["another token", "another key", "another app", "plain"],
)
async def test_a_forged_push_is_refused(
    client: httpx.AsyncClient, database: Database, tenant: Tenant, forger: PushSigner
) -> None:
    answer = await post(client, signed(popup(), by=forger))
    assert (answer.status_code, answer.json()["code"]) == (403, "wechat-push-refused")
    assert await left(database, tenant) is None


async def test_a_changed_body_or_query_is_refused(client: httpx.AsyncClient) -> None:
    push = signed(popup())
    for query in (
        {"nonce": "x"},
        {"timestamp": str(int(push.query["timestamp"]) + 1)},
        {"msg_signature": ""},
    ):
        changed = SignedPush({**push.query, **query}, push.body)
        assert (await post(client, changed)).status_code == 403
    other = signed(popup(template=OVERDUE)).body
    assert (await post(client, SignedPush(push.query, other))).status_code == 403


@pytest.mark.parametrize("body", [b"", b"[]", b"<xml></xml>", b"{" * 50_000, b'{"Encrypt": 1}'])
async def test_a_body_that_is_none_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    assert (await post(client, SignedPush(signed(popup()).query, body))).status_code == 403


async def test_without_a_token_nobody_is_believed(client: httpx.AsyncClient, settings: Settings) -> None:
    settings.wechat_push_token = type(settings.wechat_push_token)("")
    unsigned = PushSigner(APPID, "", AES_KEY)
    assert (await post(client, signed(popup(), by=unsigned))).status_code == 403


async def test_too_large_a_body_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    answer = await post(client, SignedPush(signed(popup()).query, b"x" * (64 * 1024 + 1)))
    assert (answer.status_code, answer.json()["code"]) == (413, "wechat-push-too-large")


async def test_another_mini_program_s_address_is_unknown(client: httpx.AsyncClient) -> None:
    answer = await post(client, signed(popup()), "http://push.test/wechat/push/wxfake0000000002")
    assert (answer.status_code, answer.json()["code"]) == (404, "mini-program-unknown")


# Whose credit.


async def test_plain_mode_is_taken_where_no_key_is_set(
    client: httpx.AsyncClient, settings: Settings, database: Database, tenant: Tenant
) -> None:
    settings.wechat_push_aes_key = type(settings.wechat_push_aes_key)("")
    answer = await post(client, signed(popup(), by=replace(SAFE, aes_key="")))
    assert answer.text == "success"
    assert await left(database, tenant) == 1


async def test_only_the_county_of_the_person_is_touched(
    client: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await send(client, popup())
    await send(client, popup(openid="ostranger"))
    beta = (await database.tenants()).choose("beta.test", None)
    stranger = replace(ALICE, openid="ostranger")
    assert await left(database, beta) is None
    assert await left(database, tenant, stranger) is None
    assert await left(database, tenant) == 1


async def test_an_event_we_do_not_know_is_answered_and_changes_nothing(client: httpx.AsyncClient) -> None:
    await send(client, pushed("wxa_media_check", []))


def test_pushes_are_kept_longer_than_they_are_fresh() -> None:
    assert credit.REMEMBERED > 2 * FRESH
