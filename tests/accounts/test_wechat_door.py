"""Coming in from WeChat, and the access token that several processes share."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from app.accounts.errors import WechatRefused
from app.accounts.wechat import WechatDoor
from app.accounts.wechat_tokens import LEASE, PgTokenStore, WechatTokenRow
from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.errors import STABLE_TOKEN, Kind, WeChatError, busy
from app.adapters.wechat.tokens import Token
from app.fakes.wechat.app import make_app
from app.fakes.wechat.faults import Faults, InProcessLine
from app.fakes.wechat.world import World
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.kernel.errors import Unavailable
from tests.conftest import KEYS, Dsns
from tests.people import County

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
ALICES_PHONE = "13800000001"


@dataclass
class HandClock:
    """Machine time of WeChat and of us, moved by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def world(hand: HandClock) -> World:
    return World(hand, faults=Faults(line=InProcessLine(), chance=lambda: 0.0))


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client("https://wechat.test", transport=httpx.ASGITransport(make_app(world))) as made:
        yield made


@pytest.fixture
async def processes(dsns: Dsns) -> AsyncIterator[list[Database]]:
    """What two processes have of their own: each its pool."""
    made = [Database(dsns.app, keyring=Keyring(**KEYS), pool_size=5) for _ in range(2)]
    yield made
    for database in made:
        await database.close()
    connection = await asyncpg.connect(dsns.owner)
    await connection.execute("TRUNCATE platform.wechat_tokens")
    await connection.close()


def a_wechat(world: World, http: httpx.AsyncClient, database: Database, hand: HandClock) -> WeChat:
    tokens = PgTokenStore(database, world.appid, clock=hand)
    return WeChat(App(world.appid, world.secret), tokens, http, clock=hand, sleep=no_pause)


async def test_at_expiry_forty_callers_in_two_processes_ask_for_one_token(
    processes: list[Database], world: World, http: httpx.AsyncClient, hand: HandClock
) -> None:
    wechats = [a_wechat(world, http, database, hand) for database in processes]
    await wechats[0].get_user_phone_number(f"demo:{ALICES_PHONE}", openid="oAlice")
    assert world.calls[STABLE_TOKEN] == 1
    hand.now += timedelta(hours=2)

    found = await asyncio.gather(
        *(
            wechat.get_user_phone_number(f"demo:{ALICES_PHONE}", openid="oAlice")
            for wechat in wechats
            for _ in range(20)
        )
    )

    assert {phone.number for phone in found} == {ALICES_PHONE}
    assert world.calls[STABLE_TOKEN] == 2


async def test_no_connection_is_held_while_wechat_is_asked(dsns: Dsns, processes: list[Database]) -> None:
    database = Database(dsns.app, keyring=Keyring(**KEYS), pool_size=1)
    store = PgTokenStore(database, "wxfake1", clock=lambda: NOON)

    async def ask(force: bool) -> Token:
        async with database.platform() as tx:  # the pool's only connection
            await tx.exec(select(WechatTokenRow))
        return Token("fresh", NOON + timedelta(hours=1))

    assert (await store.replace(None, ask)).value == "fresh"
    await database.close()


async def test_force_counts_although_its_answer_is_lost(processes: list[Database]) -> None:
    mine, others = (PgTokenStore(database, "wxfake1", clock=lambda: NOON) for database in processes)

    async def ask(force: bool) -> Token:
        if force:
            raise busy("lost", STABLE_TOKEN)
        return Token("dead", NOON + timedelta(hours=1))

    with pytest.raises(WeChatError):
        await mine.replace("dead", ask)
    noted = await others.current()
    assert noted is not None
    assert (noted.forces, noted.forced_at, noted.is_live(NOON)) == (1, NOON, False)

    with pytest.raises(WeChatError) as refusal:  # and 30 s must pass before the next
        await others.replace("dead", ask)
    assert refusal.value.kind is Kind.TOKEN


async def test_a_killed_process_blocks_the_others_only_as_long_as_its_lease(
    processes: list[Database],
) -> None:
    hand = HandClock()
    killed = PgTokenStore(processes[0], "wxfake1", clock=hand)
    assert await killed._take(hand() + LEASE) is not None

    async def time_passes(seconds: float) -> None:
        hand.now += timedelta(seconds=5)

    async def ask(force: bool) -> Token:
        return Token("fresh", hand() + timedelta(hours=1))

    other = PgTokenStore(processes[1], "wxfake1", clock=hand, sleep=time_passes)
    assert (await other.replace(None, ask)).value == "fresh"
    assert hand.now > NOON + LEASE


async def test_whoever_lost_the_lease_does_not_overwrite_the_newer_token(processes: list[Database]) -> None:
    hand = HandClock()
    slow, quick = (PgTokenStore(database, "wxfake1", clock=hand) for database in processes)

    async def newer(force: bool) -> Token:
        return Token("newer", hand() + timedelta(hours=1))

    async def older(force: bool) -> Token:
        hand.now += LEASE + timedelta(seconds=1)
        await quick.replace(None, newer)
        return Token("older", hand() + timedelta(hours=1))

    await slow.replace(None, older)
    held = await slow.current()
    assert held is not None
    assert held.value == "newer"


async def test_the_token_is_never_stored_in_clear(processes: list[Database]) -> None:
    store = PgTokenStore(processes[0], "wxfake1", clock=lambda: NOON)

    async def ask(force: bool) -> Token:
        return Token("a-token-in-clear", NOON + timedelta(hours=1))

    await store.replace(None, ask)
    async with processes[0].platform() as tx:
        [row] = (await tx.exec(select(WechatTokenRow))).all()
    assert row.value is not None
    assert b"a-token-in-clear" not in row.value


async def test_a_token_sealed_with_a_lost_key_is_asked_for_anew(
    processes: list[Database], dsns: Dsns
) -> None:
    async def ask(force: bool) -> Token:
        return Token("fresh", NOON + timedelta(hours=1))

    await PgTokenStore(processes[0], "wxfake1", clock=lambda: NOON).replace(None, ask)
    other_keys = Database(dsns.app, keyring=Keyring(**{**KEYS, "field_keys": KEYS["token_keys"]}))
    store = PgTokenStore(other_keys, "wxfake1", clock=lambda: NOON)
    held = await store.current()
    assert held is not None
    assert not held.is_live(NOON)
    assert (await store.replace(None, ask)).value == "fresh"
    await other_keys.close()


@pytest.fixture
def door(processes: list[Database], world: World, http: httpx.AsyncClient, hand: HandClock) -> WechatDoor:
    return WechatDoor(a_wechat(world, http, processes[0], hand), world.appid)


async def test_a_spent_code_is_refused(door: WechatDoor, world: World) -> None:
    code = world.login_codes.mint("oAlice")
    assert await door.openid(code) == "oAlice"
    with pytest.raises(WechatRefused):
        await door.openid(code)


async def test_silence_of_wechat_is_unavailable_and_not_the_persons_fault(
    door: WechatDoor, world: World
) -> None:
    world.faults.set("timeout")
    with pytest.raises(Unavailable):
        await door.openid("demo:oAlice")


async def test_a_delegate_binds_by_the_rosters_phone_and_logs_in(
    client: httpx.AsyncClient, app: FastAPI, county: County, door: WechatDoor
) -> None:
    app.state.wechat_door = door
    first = await client.post("/api/v1/auth/wechat", json={"code": "demo:oAlice"})
    assert (first.status_code, first.json()["code"]) == (409, "wechat-not-bound")
    binding = {"binding_token": first.json()["binding_token"], "phone_code": f"demo:{ALICES_PHONE}"}

    bound = await client.post("/api/v1/auth/wechat/binding", json=binding)
    assert bound.status_code == 200, bound.text
    again = await client.post("/api/v1/auth/wechat", json={"code": "demo:oAlice"})
    assert again.json()["account"]["id"] == str(county["alice"].account_id)

    refused = await client.post("/api/v1/auth/wechat", json={"code": "made-up"})
    assert (refused.status_code, refused.json()["code"]) == (401, "wechat-refused")
