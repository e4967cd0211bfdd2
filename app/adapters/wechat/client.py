"""The mini-program's server interface, as far as we use it."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx

from app.adapters.delivery import Delivered, Outcome, Rejected, Stands
from app.adapters.wechat.calls import App, Call, Caller, Jitter, Sleep
from app.adapters.wechat.errors import WeChatError, busy
from app.adapters.wechat.outcomes import SEND, outcome_of
from app.adapters.wechat.tokens import TokenStore
from app.adapters.wechat.values import Unfit, template_data
from app.kernel.clock import Clock, machine_now

CODE2SESSION = "/sns/jscode2session"
PHONE_NUMBER = "/wxa/business/getuserphonenumber"
WXACODE = "/wxa/getwxacodeunlimit"

Version = Literal["formal", "trial", "developer"]
ENV_VERSION = {"formal": "release", "trial": "trial", "developer": "develop"}


_chance = secrets.SystemRandom().random


@dataclass(frozen=True)
class Session:
    """Who logged in. `session_key` opens encrypted user data: never send it to the client."""

    openid: str
    session_key: str = field(repr=False)
    unionid: str | None = None


@dataclass(frozen=True)
class PhoneNumber:
    """`number` without its country code."""

    number: str = field(repr=False)
    country_code: str


class WeChat:
    """Every method raises WeChatError, except sending, whose failure is an outcome."""

    def __init__(
        self,
        app: App,
        tokens: TokenStore,
        http: httpx.AsyncClient,
        *,
        version: Version = "formal",
        clock: Clock = machine_now,
        sleep: Sleep = asyncio.sleep,
        jitter: Jitter = _chance,
    ) -> None:
        self._caller = Caller(app, tokens, http, clock, sleep, jitter)
        self._version = version

    async def code2session(self, js_code: str) -> Session:
        """Exchange the code of wx.login. It works once: after silence ask for a fresh code."""
        app = self._caller.app
        params = {
            "appid": app.appid,
            "secret": app.secret,
            "js_code": js_code,
            "grant_type": "authorization_code",
        }
        call = Call("GET", CODE2SESSION, params=params, idempotent=False)
        answer = await self._caller.answer(call, with_token=False)
        if not answer.get("openid"):
            raise busy("no openid in the answer", CODE2SESSION)
        return Session(answer["openid"], answer.get("session_key", ""), answer.get("unionid"))

    async def get_user_phone_number(self, code: str, *, openid: str) -> PhoneNumber:
        """Exchange the code of the phone button, which works once; WeChat checks its owner."""
        body = {"code": code, "openid": openid}
        call = Call("POST", PHONE_NUMBER, body=body, idempotent=False)
        info = (await self._caller.answer(call)).get("phone_info") or {}
        number, owner = info.get("purePhoneNumber"), info.get("watermark", {}).get("appid")
        if not number or owner != self._caller.app.appid:
            raise busy("no phone for this appid in the answer", PHONE_NUMBER)
        return PhoneNumber(str(number), str(info.get("countryCode", "")))

    async def send_subscribe_message(
        self, openid: str, template_id: str, page: str, data: Mapping[str, str]
    ) -> Outcome:
        """Send one message (订阅消息), at most once; it spends one of the person's credits.

        `data`: the template's keys (`thing1`, `time2` …) with plain texts, cut here to size.
        """
        try:
            body = {
                "touser": openid,
                "template_id": template_id,
                "page": page,
                "data": template_data(data),
                "miniprogram_state": self._version,
                "lang": "zh_CN",
            }
            answer = await self._caller.answer(Call("POST", SEND, body=body, idempotent=False))
        except Unfit as unfit:
            return Rejected("value-unfit", Stands.MESSAGE, str(unfit))
        except WeChatError as error:
            return outcome_of(error, now=self._caller.clock())
        msgid = answer.get("msgid")
        return Delivered(None if msgid is None else str(msgid))

    async def get_wxacode_unlimit(self, scene: str, page: str, *, width: int = 430) -> bytes:
        """A picture (JPEG or PNG) of a mini-program code (小程序码), permanent, any number of them.

        `scene`: 1-32 of WeChat's visible characters, opaque. `page`: no leading slash, no query.
        `width`: pixels, 280-1280.
        """
        body = {
            "scene": scene,
            "page": page,
            "width": width,
            "env_version": ENV_VERSION[self._version],
        }
        return await self._caller.image(Call("POST", WXACODE, body=body))
