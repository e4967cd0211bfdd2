from collections.abc import AsyncIterator

import httpx
import pytest

from app.accounts import service as accounts
from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.tokens import MemoryTokenStore
from app.fakes.wechat.app import make_app
from app.fakes.wechat.faults import Faults, InProcessLine
from app.fakes.wechat.world import World
from app.infra.db import Database
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.notifications.delivering import WechatChannel
from tests.conftest import MovableClock
from tests.notifications.rig import DUE_SOON, OVERDUE, Rig, no_pause
from tests.people import County


@pytest.fixture
def world() -> World:
    """Phones of the county's people, each willing to take ten messages."""
    made = World(machine_now, default_credit=10, faults=Faults(line=InProcessLine(), chance=lambda: 0.0))
    made.add_template(DUE_SOON)
    made.add_template(OVERDUE)
    return made


@pytest.fixture
async def rig(
    database: Database,
    tenant: Tenant,
    county: County,
    clock: MovableClock,
    client: httpx.AsyncClient,
    world: World,
) -> AsyncIterator[Rig]:
    """Everybody has bound WeChat as `o<name>`."""
    async with database.unit(tenant) as tx:
        for name, token in county.people.items():
            world.add_user(f"o{name}")
            await accounts.bind_wechat(tx, token.account_id, appid=world.appid, openid=f"o{name}")
    async with make_client("https://wechat.test", transport=httpx.ASGITransport(make_app(world))) as http:
        wechat = WeChat(App(world.appid, world.secret), MemoryTokenStore(), http, sleep=no_pause)
        channel = WechatChannel(world.appid, DUE_SOON.id, OVERDUE.id)
        yield Rig(database, tenant, county, clock, client, world, {WeChat: wechat, WechatChannel: channel})
