"""A visitor moves the clock and looks at a phone: one message of the matter, at any hour, no other noise."""

from datetime import timedelta

import httpx
import pytest

from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.tokens import MemoryTokenStore
from app.demo.access import openid_of
from app.demo.facts import DemoCounty
from app.demo.wechat import SECRET, TEMPLATES, fake_wechat
from app.infra.db import Database
from app.infra.jobs import Work
from app.infra.tenants import Tenant
from app.notifications import delivering, subscribing
from app.notifications.delivering import WechatChannel
from tests.conftest import MovableClock
from tests.demo.conftest import APPID
from tests.demo.test_seed import live_reply, run

CHANNEL = WechatChannel(APPID, TEMPLATES["due_soon"], TEMPLATES["overdue"])


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=1), timedelta(days=2), timedelta(days=4)])
async def test_whenever_the_clock_is_moved_past_a_deadline_its_officer_is_told_once(
    demo: DemoCounty, database: Database, tenant: Tenant, clock: MovableClock, after: timedelta
) -> None:
    live = await live_reply(database, tenant, demo)
    clock.now = live.due_at + after  # local midnight, or an hour later
    await run(database, tenant, clock)
    async with make_client("https://wechat.test", transport=httpx.ASGITransport(fake_wechat())) as http:
        wechat = WeChat(App(APPID, SECRET), MemoryTokenStore(), http)
        work = Work(database, tenant, clock, {WeChat: wechat, WechatChannel: CHANNEL})
        while await delivering.deliver(work):
            pass
        answer = await http.get("/_fake/messages", params={"openid": openid_of("officer")})
    told = [(item["line"], item["subject_id"]) for item in answer.json()["items"]]
    assert told.count(("overdue", str(live.root_id))) == 1


async def test_nobody_of_the_demo_is_asked_to_subscribe(
    demo: DemoCounty, database: Database, tenant: Tenant, clock: MovableClock
) -> None:
    async with database.unit(tenant) as tx:
        assert await subscribing.warn_of_low_credit(tx, CHANNEL, now=clock.now) == 0
