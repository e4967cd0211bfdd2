from collections.abc import AsyncIterator

import httpx
import pytest

from app.fakes.wechat.app import make_app
from app.fakes.wechat.subscriptions import Template
from app.fakes.wechat.world import World
from tests.fakes.wechat.phone import Clock, Phone, in_process


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    clock = Clock()
    world = World(clock, faults=in_process())
    world.add_template(Template("T1", "提醒", "事项:{{thing1.DATA}}\n"))
    transport = httpx.ASGITransport(app=make_app(world))
    async with httpx.AsyncClient(base_url="http://wechat.test", transport=transport) as http:
        yield Phone(clock, world, http)
