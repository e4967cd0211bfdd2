"""The demo's fakes in one process: every channel, set up as the demo sets it up, reaches its fake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn

from app.adapters.delivery import Delivered
from app.adapters.http import make_client
from app.adapters.wechat.tokens import MemoryTokenStore
from app.demo.fakes import PATHS, environment_of, fakes
from app.fakes.mail.server import serving
from app.fakes.mail.world import MailWorld
from app.infra.crypto import new_key_setting
from app.kernel.clock import machine_now
from app.notifications.channels import Channel, Push, Senders
from app.notifications.furnishing import channels
from app.settings import Settings
from tests.fakes.wechat.test_real_socket import Server

LINK = "https://npc.test/l/abc?line=overdue&subject_id=0193"
PUSH = Push(
    key=UUID(int=1),
    address="",
    line="overdue",
    what_to_do="答复已逾期",
    matter="关于修缮村道的建议",
    day=date(2026, 11, 30),
    text="“关于修缮村道的建议”的答复期限到2026年11月30日为止。",
    page="pages/suggestion/detail?id=0193&line=overdue&subject_id=0193",
    link=LINK,
)
ADDRESSES = {
    Channel.SMS: "13800138000",
    Channel.WECOM: "bob",
    Channel.BOT: "",
    Channel.MAIL: "bob@water.test",
}
SERVICES = {Channel.SMS: "sms", Channel.WECOM: "bot", Channel.BOT: "bot", Channel.MAIL: "mail"}


@dataclass
class Demo:
    http: httpx.AsyncClient
    senders: Senders

    async def received(self, service: str) -> list[dict[str, Any]]:
        answer = await self.http.get(f"{PATHS[service]}/_fake/messages")
        return list(answer.json()["items"])


def settings_of(environment: dict[str, str]) -> Settings:
    keys = {name: new_key_setting() for name in ("token_keys", "field_keys", "index_key")}
    given = {name.lower(): value for name, value in environment.items()}
    return Settings(_env_file=None, public_url="https://npc.test", **keys, **given)  # type: ignore[call-arg,arg-type]


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with AsyncExitStack() as stack:
        world = MailWorld(machine_now)
        mail_port = await stack.enter_async_context(serving(world))
        server = Server(uvicorn.Config(fakes(world), port=0, access_log=False, log_config=None))
        running = asyncio.create_task(server.serve())
        await server.listening.wait()
        settings = settings_of(environment_of(server.address, mail_port))
        senders = await stack.enter_async_context(channels(settings, lambda _: MemoryTokenStore()))
        yield Demo(await stack.enter_async_context(make_client(server.address)), senders)
        server.should_exit = True
    await running


@pytest.mark.parametrize("channel", ADDRESSES)
async def test_a_push_reaches_the_fake_of_its_channel(demo: Demo, channel: Channel) -> None:
    outcome = await demo.senders[channel].send(replace(PUSH, address=ADDRESSES[channel]))

    assert isinstance(outcome, Delivered)
    [item] = await demo.received(SERVICES[channel])
    assert item["channel"] == channel


async def test_texts_and_mails_show_their_line_and_subject(demo: Demo) -> None:
    for channel in (Channel.SMS, Channel.MAIL, Channel.WECOM):
        await demo.senders[channel].send(replace(PUSH, address=ADDRESSES[channel]))
    for service in ("sms", "mail", "bot"):
        [item] = await demo.received(service)
        assert (item["line"], item["subject_id"]) == ("overdue", "0193")


async def test_a_group_reads_neither_the_matter_nor_the_person_s_link(demo: Demo) -> None:
    await demo.senders[Channel.BOT].send(PUSH)
    [item] = await demo.received("bot")
    assert PUSH.matter not in item["content"]
    assert item["content"].endswith("\nhttps://npc.test")


@pytest.mark.parametrize(
    ("line", "shown"), [("due_soon", "期限到"), ("slipped", "关于"), ("overdue_10", "已过")]
)
async def test_each_line_has_its_text_template(demo: Demo, line: str, shown: str) -> None:
    await demo.senders[Channel.SMS].send(replace(PUSH, address="13800138000", line=line))
    [item] = await demo.received("sms")
    assert shown in item["title"]


async def test_a_fault_of_one_service_leaves_the_others_alone(demo: Demo) -> None:
    await demo.http.post(f"{PATHS['sms']}/_fake/faults", json={"kind": "busy"})
    assert not isinstance(
        await demo.senders[Channel.SMS].send(replace(PUSH, address="13800138000")), Delivered
    )
    assert isinstance(await demo.senders[Channel.WECOM].send(replace(PUSH, address="bob")), Delivered)


async def test_wechat_is_still_where_it_was(demo: Demo) -> None:
    assert (await demo.http.post("/cgi-bin/stable_token", json={})).json()["errcode"] == 40002
    assert (await demo.http.get("/_fake/messages")).json()["items"] == []


async def test_what_is_not_set_up_has_a_twin_but_in_production() -> None:
    twins = settings_of({})
    async with channels(twins, lambda _: MemoryTokenStore()) as senders:
        assert set(senders) == set(ADDRESSES)
        for channel, address in ADDRESSES.items():
            assert await senders[channel].send(replace(PUSH, address=address)) == Delivered("console")
    production = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db"}
    async with channels(settings_of(production), lambda _: MemoryTokenStore()) as senders:
        assert senders == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"SMS_PROVIDER": "aliyun"}, "SMS_PROVIDER needs SMS_KEY_ID, SMS_KEY_SECRET, SMS_SIGN_NAME"),
        ({"WECOM_CORPID": "ww1"}, "WECOM_CORPID needs WECOM_AGENTID, WECOM_SECRET"),
        ({"MAIL_HOST": "mail.test"}, "MAIL_HOST needs MAIL_SENDER"),
        ({"MAIL_SECURITY": "none", "MAIL_PASSWORD": "x"}, "in clear"),
    ],
)
def test_half_a_channel_is_refused_at_the_start(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settings_of(given)


@pytest.mark.parametrize("name", ["SMS_API_BASE", "WECOM_API_BASE"])
def test_production_calls_no_fake(name: str) -> None:
    given = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db", name: "http://127.0.0.1:1"}
    with pytest.raises(ValueError, match=name):
        settings_of(given)
