"""A WeChat client wired to the fake in-process, with a clock moved by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.tokens import MemoryTokenStore
from app.fakes.wechat.app import make_app
from app.fakes.wechat.faults import Faults, InProcessLine
from app.fakes.wechat.subscriptions import Template
from app.fakes.wechat.world import World

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
TEMPLATE = Template("tpl-due", "办理期限提醒", "事项:{{thing1.DATA}}\n截止时间:{{time2.DATA}}\n")
DATA = {"thing1": "关于修缮村道的建议", "time2": "2026年11月30日 18:00"}
ALICE = "oAlice"


@dataclass
class HandClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@dataclass
class Rig:
    clock: HandClock
    world: World
    tokens: MemoryTokenStore
    wechat: WeChat
    http: httpx.AsyncClient
    pauses: list[float] = field(default_factory=list)

    def calls(self, path: str) -> int:
        return self.world.calls[path]


def in_process(chance: Callable[[], float] = lambda: 0.0) -> Faults:
    return Faults(line=InProcessLine(), chance=chance)


def a_rig(transport: httpx.AsyncBaseTransport | None = None) -> Rig:
    """With Alice and one template in the world; another transport replaces the fake."""
    clock = HandClock()
    world = World(clock, faults=in_process())
    world.add_template(TEMPLATE)
    world.add_user(ALICE)
    tokens = MemoryTokenStore(clock)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    http = make_client("https://wechat.test", transport=transport or httpx.ASGITransport(app=make_app(world)))
    wechat = WeChat(
        App(world.appid, world.secret),
        tokens,
        http,
        clock=clock,
        sleep=pause,
        jitter=lambda: 0.0,
    )
    return Rig(clock, world, tokens, wechat, http, pauses)
