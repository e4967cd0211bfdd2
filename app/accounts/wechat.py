"""The door through which people come in from WeChat. No database connection is held meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.accounts.errors import WechatRefused
from app.adapters.wechat.client import WeChat
from app.adapters.wechat.errors import Kind, WeChatError


class WechatDoor:
    """`appid`: the mini-program whose users come in; an openid means nothing without it."""

    def __init__(self, wechat: WeChat, appid: str) -> None:
        self._wechat = wechat
        self.appid = appid

    async def openid(self, code: str) -> str:
        """Who logged in by this code of wx.login, good once. Raises WechatRefused, Unavailable."""
        with _refusals():
            return (await self._wechat.code2session(code)).openid

    async def phone(self, phone_code: str, openid: str) -> str:
        """The number behind the phone button's code, good once. Raises WechatRefused, Unavailable."""
        with _refusals():
            return (await self._wechat.get_user_phone_number(phone_code, openid=openid)).number


@contextmanager
def _refusals() -> Iterator[None]:
    """A bad or spent code is the person's to mend: 401. All other trouble stays a WeChatError: 503."""
    try:
        yield
    except WeChatError as error:
        if error.kind is Kind.USER_FINAL:
            raise WechatRefused from error
        raise
