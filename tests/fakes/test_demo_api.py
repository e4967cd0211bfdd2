"""`/demo/messages` and `/demo/faults`: what was received by which phone, and trouble where it is wanted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from app.adapters.delivery import Delivered, Outcome, Retry
from app.adapters.http import make_client
from app.adapters.sms.message import Sms
from app.adapters.sms.signing import Key
from app.adapters.sms.tencent import TencentAccount, TencentSms
from app.demo.fakes import PATHS, SECRET, fakes, sms_world
from app.fakes.mail.world import MailWorld
from app.infra.db import Database
from app.kernel.clock import machine_now
from app.main import create_app
from app.settings import Settings

PHONE, OTHER = "13800138000", "13900139000"
VALUES = {"matter": "关于修缮村道的建议", "day": "2026年11月30日", "todo": "答复已逾期"}
TEXT = Sms(PHONE, "demo-sms-overdue", VALUES, "key=1&line=overdue&subject_id=0193")


@dataclass
class Demo:
    client: httpx.AsyncClient
    sms: TencentSms
    mail: MailWorld

    async def send(self, phone: str = PHONE) -> Outcome:
        return await self.sms.send(replace(TEXT, phone=phone))

    async def messages(self, **whose: str) -> list[dict[str, Any]]:
        answer = await self.client.get("/demo/messages", params=whose)
        assert answer.status_code == 200
        return list(answer.json()["items"])

    async def fault(self, service: str, kind: str) -> int:
        body = {"service": service, "kind": kind, "rate": 1.0}
        return (await self.client.post("/demo/faults", json=body)).status_code


@pytest.fixture
async def demo(settings: Settings, database: Database) -> AsyncIterator[Demo]:
    settings.demo = True
    mail, account = MailWorld(machine_now), sms_world()
    outside = httpx.ASGITransport(fakes(mail))
    tencent = TencentAccount(Key(account.key_id, SECRET), account.app_id, account.sign_name)
    async with (
        make_client("http://127.0.0.1:1", transport=outside) as control,
        make_client(f"http://127.0.0.1:1{PATHS['sms']}", transport=outside) as http,
    ):
        app = create_app(settings, database, outside={httpx.AsyncClient: control})
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://alpha.test"
        ) as client:
            yield Demo(client, TencentSms(tencent, http), mail)


async def test_a_text_is_shown_to_its_phone_alone(demo: Demo) -> None:
    assert isinstance(await demo.send(), Delivered)
    assert isinstance(await demo.send(OTHER), Delivered)
    [item] = await demo.messages(phone=PHONE)
    assert (item["channel"], item["line"], item["subject_id"]) == ("sms", "overdue", "0193")
    assert item["title"].startswith("您办理的关于修缮村道的建议已过2026年11月30日的期限")
    assert {"at", "channel", "line", "title", "subject_id"} <= set(item)


async def test_all_services_are_shown_together_in_order_of_time(demo: Demo) -> None:
    await demo.send()
    demo.mail.receive("npc@county.test", "bob@water.test", b"Subject: x\r\n\r\ny")
    assert [item["channel"] for item in await demo.messages()] == ["sms", "mail"]
    assert await demo.messages(openid="nobody") == []


async def test_trouble_comes_to_the_service_named_and_goes_again(demo: Demo) -> None:
    assert await demo.fault("sms", "busy") == 204
    assert await demo.send() == Retry(60, "rate")
    for service in ("wechat", "bot", "mail"):
        assert await demo.fault(service, "quota") == 204
    assert await demo.send() == Retry(60, "rate")
    assert await demo.fault("sms", "none") == 204
    assert isinstance(await demo.send(), Delivered)


async def test_what_is_no_service_or_no_kind_is_refused(demo: Demo) -> None:
    assert await demo.fault("fax", "busy") == 422
    assert await demo.fault("sms", "rain") == 422
