"""All that the fake WeChat remembers, in memory, and what may happen in it."""

import base64
import secrets
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.fakes.faults import Faults
from app.fakes.wechat.one_time_codes import CodeDesk
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.subscriptions import Credits, Message, Template
from app.fakes.wechat.tokens import TokenDesk
from app.kernel.clock import Clock

APPID_PREFIX = "wxfake"
REFUSALS_KEPT = 1000


@dataclass
class World:
    """`clock`: what time it is here. `default_credit`: messages each person may get unasked.

    `admit_strangers`: an openid never seen is taken for a user. `link_base`: where the demo is
    reached, for the mini-program codes. Raises ValueError for an appid that could be real.
    """

    clock: Clock
    appid: str = "wxfake0000000001"
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    default_credit: int = 0
    admit_strangers: bool = False
    link_base: str = "http://127.0.0.1:8000"
    faults: Faults = field(default_factory=Faults)
    pushes: deque[dict[str, Any]] = field(default_factory=deque)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        if not self.appid.startswith(APPID_PREFIX):
            raise ValueError(f"a fake appid begins with {APPID_PREFIX}")
        self.reset()

    def reset(self) -> None:
        """Forget everything but the templates' owner, the credentials and the clock."""
        self.tokens = TokenDesk(self.clock)
        self.login_codes, self.phone_codes = CodeDesk(self.clock), CodeDesk(self.clock)
        self.credits = Credits(self.default_credit)
        self.last_visits: dict[str, datetime | None] = {}
        self.session_keys: dict[str, str] = {}
        self.templates: dict[str, Template] = {}
        self.outbox: list[Message] = []
        self.scripted: deque[tuple[str, Refusal]] = deque()
        self.refusals: dict[str, dict[str, Any]] = {}
        self.pushes.clear()
        self.calls.clear()

    def add_template(self, template: Template) -> None:
        self.templates[template.id] = template

    def add_user(self, openid: str) -> None:
        """Known, but not seen yet."""
        self.last_visits.setdefault(openid, None)

    def visit(self, openid: str) -> None:
        self.last_visits[openid] = self.clock()

    def knows(self, openid: str) -> bool:
        return openid in self.last_visits or (self.admit_strangers and bool(openid))

    def session_key(self, openid: str) -> str:
        """The same for one person until reset."""
        new = base64.b64encode(secrets.token_bytes(16)).decode()
        return self.session_keys.setdefault(openid, new)

    def choose(self, openid: str, template_id: str, *, accept: bool) -> None:
        """The person answers the prompt in the mini-program; the push says so."""
        self.add_user(openid)
        if accept:
            self.credits.grant(openid, template_id)
        word = "accept" if accept else "reject"
        entry = {
            "TemplateId": template_id,
            "SubscribeStatusString": word,
            "PopupScene": "0",
        }
        self._push(openid, "subscribe_msg_popup_event", [entry])

    def receive(self, openid: str, template: Template, page: str, data: dict[str, str]) -> Message:
        """A message reaches the phone; the push reports it."""
        msgid = 1_800_000_000_000_000_000 + len(self.outbox)
        message = Message(self.clock(), openid, template, page, data, msgid)
        self.outbox.append(message)
        entry = {
            "TemplateId": template.id,
            "MsgID": str(msgid),
            "ErrorCode": "0",
            "ErrorStatus": "success",
        }
        self._push(openid, "subscribe_msg_sent_event", entry)
        return message

    def messages(self, openid: str | None = None) -> list[dict[str, Any]]:
        """What was received, in order of arrival."""
        return [m.as_item() for m in self.outbox if openid in (None, m.openid)]

    def refuse_next(self, path: str, errcode: int, errmsg: str = "scripted", times: int = 1) -> None:
        """The next calls to `path` are refused so, before anything is done."""
        self.scripted.extend([(path, Refusal(errcode, errmsg))] * times)

    def scripted_refusal(self, path: str) -> Refusal | None:
        for entry in self.scripted:
            if entry[0] == path:
                self.scripted.remove(entry)
                return entry[1]
        return None

    def remember_refusal(self, path: str, errcode: int) -> str:
        """The rid under which rid/get explains it; the oldest are forgotten."""
        rid = f"{int(self.clock().timestamp()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        self.refusals[rid] = {
            "invoke_time": int(self.clock().timestamp()),
            "request_url": path,  # without its query: that holds the token
            "response_body": f'{{"errcode":{errcode}}}',
        }
        if len(self.refusals) > REFUSALS_KEPT:
            del self.refusals[next(iter(self.refusals))]
        return rid

    def _push(self, openid: str, event: str, listed: Any) -> None:
        self.pushes.append(
            {
                "ToUserName": "gh_fake",
                "FromUserName": openid,
                "CreateTime": int(self.clock().timestamp()),
                "MsgType": "event",
                "Event": event,
                "List": listed,
            }
        )
