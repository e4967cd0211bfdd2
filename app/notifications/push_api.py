"""`/wechat/push/{appid}`: WeChat tells us what people chose and what became of messages (消息推送).

One mini-program serves every county of the installation, so the tenant is found by who is bound to
the person, not by the address. WeChat wants `success` within 5 seconds and tries three times: the
route is exempt from idempotency keys, a repeat changes nothing.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from app.accounts import queries as accounts
from app.adapters.wechat.events import WeChatEvent, dedupe_key, events_of
from app.adapters.wechat.push import PushCrypto, PushReceiver, PushRefused
from app.infra.tenants import Tenant
from app.kernel.clock import machine_now
from app.kernel.errors import NotFound, TooLarge, Unavailable
from app.notifications import credit
from app.settings import Settings

LARGEST = 64 * 1024  # bytes; WeChat's events are below 2 KB
FRESH = timedelta(minutes=10)  # far less than a push is remembered
SECONDS = 4.0

router = APIRouter(prefix="/wechat/push", tags=["wechat"], include_in_schema=False)


class MiniProgramUnknown(NotFound):
    code = "mini-program-unknown"

    def __init__(self) -> None:
        super().__init__("这里没有这个小程序")


class PushTooLarge(TooLarge):
    code = "wechat-push-too-large"

    def __init__(self) -> None:
        super().__init__("推送内容过大")


class PushTooSlow(Unavailable):
    code = "wechat-push-too-slow"

    def __init__(self) -> None:
        super().__init__("暂时来不及处理，请稍后重推")


@router.get("/{appid}")
async def verify(appid: str, request: Request) -> PlainTextResponse:
    """WeChat's question when the address is entered in its console: answered with `echostr`."""
    return PlainTextResponse(_receiver(request, appid).echo(request.query_params))


@router.post("/{appid}")
async def receive(appid: str, request: Request) -> PlainTextResponse:
    """Act on a push once. Raises PushRefused for a forged or stale one before it is read."""
    receiver = _receiver(request, appid)
    push = receiver.open(request.query_params, await _body(request))
    _check_fresh(request.query_params.get("timestamp", ""), machine_now())
    try:
        async with asyncio.timeout(SECONDS):
            await _act(request, appid, push)
    except TimeoutError:
        raise PushTooSlow from None
    return PlainTextResponse("success")


def _receiver(request: Request, appid: str) -> PushReceiver:
    settings: Settings = request.app.state.settings
    if not appid or appid != settings.wechat_appid:
        raise MiniProgramUnknown
    aes_key = settings.wechat_push_aes_key.get_secret_value()
    crypto = PushCrypto(aes_key, appid) if aes_key else None
    return PushReceiver(settings.wechat_push_token.get_secret_value(), crypto)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise PushTooLarge
    return bytes(body)


def _check_fresh(timestamp: str, now: datetime) -> None:
    """The signature covers the timestamp; an old one is a recording played again."""
    if not timestamp.isascii() or not timestamp.isdigit():
        raise PushRefused
    if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        raise PushRefused


async def _act(request: Request, appid: str, push: dict[str, Any]) -> None:
    events = events_of(push)
    if not events:
        return
    for tenant in (await request.app.state.database.tenants()).all():
        if tenant.state == "live":
            await _correct(request, tenant, appid, events, dedupe_key(push))


async def _correct(request: Request, tenant: Tenant, appid: str, events: list[WeChatEvent], key: str) -> None:
    """In a unit of its own: what is remembered as done is done."""
    at = machine_now()
    long_term = request.app.state.settings.long_term_templates
    async with request.app.state.database.unit(tenant) as tx:
        known = await accounts.by_wechat(tx, appid=appid, openid=events[0].openid)
        if known is not None and await credit.first_time(tx, key, at=at):
            await credit.correct(tx, events, appid=appid, long_term=long_term, at=at)
