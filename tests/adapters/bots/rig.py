"""WeCom's two ways wired to the fake in-process, with a clock moved by hand."""

from dataclasses import dataclass

import httpx

from app.adapters.bots.app_message import AppMessages, MemberMessage, WecomApp
from app.adapters.bots.group_bot import GroupBot, GroupNotice, News
from app.adapters.http import make_client
from app.adapters.wechat.tokens import MemoryTokenStore
from app.fakes.bots.app import make_app
from app.fakes.bots.world import WecomWorld
from app.fakes.faults import Faults, InProcessLine
from tests.adapters.wechat.rig import HandClock

LINK = "https://npc.test/desk/items"
NOTICE = GroupNotice(News.OVERDUE, 3, LINK)
BOB = "bob"
MESSAGE = MemberMessage(
    BOB, "建议办理即将到期", "“关于修缮村道的建议”请协助。", f"{LINK}/0192?line=due_soon&subject_id=0192"
)


@dataclass
class Rig:
    world: WecomWorld
    clock: HandClock
    http: httpx.AsyncClient
    tokens: MemoryTokenStore

    @property
    def bot(self) -> GroupBot:
        return GroupBot(self.world.bot_key, self.http)

    @property
    def app(self) -> AppMessages:
        app = WecomApp(self.world.corpid, self.world.agentid, self.world.secret)
        return AppMessages(app, self.tokens, self.http, clock=self.clock)


def a_rig(transport: httpx.AsyncBaseTransport | None = None) -> Rig:
    clock = HandClock()
    world = WecomWorld(clock, faults=Faults(line=InProcessLine(), chance=lambda: 0.0), members={BOB})
    http = make_client("https://wecom.test", transport=transport or httpx.ASGITransport(make_app(world)))
    return Rig(world, clock, http, MemoryTokenStore(clock))
