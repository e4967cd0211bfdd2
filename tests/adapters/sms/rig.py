"""Both providers' clients wired to the one fake in-process, with a clock moved by hand."""

from dataclasses import dataclass, field

import httpx

from app.adapters.http import make_client
from app.adapters.sms.aliyun import AliyunAccount, AliyunSms
from app.adapters.sms.message import Sms, SmsChannel
from app.adapters.sms.signing import Key
from app.adapters.sms.tencent import TencentAccount, TencentSms
from app.fakes.faults import Faults, InProcessLine
from app.fakes.sms.app import make_app
from app.fakes.sms.world import SmsTemplate, SmsWorld
from tests.adapters.wechat.rig import HandClock

PHONE = "13800138000"
TEMPLATE = SmsTemplate("tpl-due", "您办理的“${matter}”期限到${day}为止，请协助。")
SMS = Sms(
    PHONE, TEMPLATE.id, {"matter": "关于修缮村道的建议", "day": "11月30日"}, "line=overdue&subject_id=0192"
)


@dataclass
class Rig:
    world: SmsWorld
    clock: HandClock
    provider: str
    transport: httpx.AsyncBaseTransport | None = None
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def sms(self) -> SmsChannel:
        if not self.clients:
            transport = self.transport or httpx.ASGITransport(make_app(self.world))
            self.clients.append(make_client("https://sms.test:8443", transport=transport))
        key, http = Key(self.world.key_id, self.world.key_secret), self.clients[0]
        if self.provider == "tencent":
            account = TencentAccount(key, self.world.app_id, self.world.sign_name)
            return TencentSms(account, http, clock=self.clock)
        return AliyunSms(AliyunAccount(key, self.world.sign_name), http, clock=self.clock)


def a_rig(provider: str, transport: httpx.AsyncBaseTransport | None = None) -> Rig:
    clock = HandClock()
    world = SmsWorld(clock, faults=Faults(line=InProcessLine(), chance=lambda: 0.0))
    world.add_template(TEMPLATE)
    return Rig(world, clock, provider, transport)
