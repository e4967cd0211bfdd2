"""A message of our WeCom application to one member of the organisation.

WeCom compares the bodies of messages within `duplicate_check_interval` and shows equal ones once, so
a send whose answer was lost may be repeated: the body must then be the same to the byte.
"""

from dataclasses import dataclass, field

import httpx

from app.adapters import http as outside
from app.adapters.bots.wecom import TOKEN_BAD, cut, errcode_of, outcome_of
from app.adapters.delivery import MINUTE, Outcome, Rejected, Retry, after_silence
from app.adapters.wechat.errors import WeChatError
from app.adapters.wechat.tokens import Token, TokenStore, usable_until
from app.kernel.clock import Clock, machine_now

GETTOKEN = "/cgi-bin/gettoken"
SEND = "/cgi-bin/message/send"
SAME_FOR = 4 * 3600  # seconds, the most WeCom allows: longer than our attempts take


@dataclass(frozen=True)
class WecomApp:
    corpid: str
    agentid: int
    secret: str = field(repr=False)

    @property
    def token_key(self) -> str:
        """Under which the shared store keeps this application's token."""
        return f"wecom:{self.corpid}:{self.agentid}"


@dataclass(frozen=True)
class MemberMessage:
    """`member`: WeCom's userid. Long texts are cut; the link stays whole."""

    member: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    link: str = field(repr=False)

    def content(self) -> str:
        head = cut(f"{self.title}\n{self.text}", 2048 - len(self.link.encode()) - 1)
        return f"{head}\n{self.link}"


class _NoToken(Exception):
    """WeCom gave none: what became of the message is known without sending it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class AppMessages:
    """`tokens` is shared by all processes and asked for one by one: see TokenStore."""

    def __init__(
        self, app: WecomApp, tokens: TokenStore, http: httpx.AsyncClient, *, clock: Clock = machine_now
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._http = http
        self._clock = clock

    async def send(self, message: MemberMessage) -> Outcome:
        """A refused token is renewed and the call made once more: WeCom did not carry it out."""
        try:
            token = await self._live_token()
            response = await self._post(message, token)
            if errcode_of(outside.json_object(response) or {}) in TOKEN_BAD:
                token = await self._renewed(token.value)
                response = await self._post(message, token)
        except _NoToken as none:
            return none.outcome
        except outside.Unreachable as silence:
            return after_silence(str(silence), arrived=silence.arrived)
        return outcome_of(response, hide=token.value)

    async def _post(self, message: MemberMessage, token: Token) -> httpx.Response:
        body = {
            "touser": message.member,
            "msgtype": "text",
            "agentid": self._app.agentid,
            "text": {"content": message.content()},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_FOR,
        }
        params = {"access_token": token.value}
        return await outside.send_in_time(self._http, "POST", SEND, params=params, json=body)

    async def _live_token(self) -> Token:
        token = await self._tokens.current()
        return token if token and token.is_live(self._clock()) else await self._renewed(None)

    async def _renewed(self, bad: str | None) -> Token:
        try:
            return await self._tokens.replace(bad, self._ask)
        except WeChatError:
            raise _NoToken(Retry(MINUTE, "token-refused")) from None

    async def _ask(self, force: bool) -> Token:
        """WeCom knows no force: it hands out the same token till its end, then another."""
        params = {"corpid": self._app.corpid, "corpsecret": self._app.secret}
        try:
            response = await outside.send_in_time(self._http, "GET", GETTOKEN, params=params)
        except outside.Unreachable:
            raise _NoToken(Retry(MINUTE, "unreachable")) from None
        answer = outside.json_object(response) or {}
        try:
            value, seconds = str(answer["access_token"]), int(answer["expires_in"])
        except (KeyError, TypeError, ValueError):
            raise _NoToken(self._without_token(response)) from None
        return Token(value, usable_until(self._clock(), seconds))

    def _without_token(self, response: httpx.Response) -> Outcome:
        """A refusal stands; anything else did no harm, for no message has left."""
        outcome = outcome_of(response, hide=self._app.secret)
        return outcome if isinstance(outcome, Rejected) else Retry(MINUTE, "unreachable")
