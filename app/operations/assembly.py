"""One process put together from its settings: database, clock, adapters. Shared by web and worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from app.accounts.wechat import WechatDoor
from app.accounts.wechat_tokens import PgTokenStore
from app.adapters.http import make_client
from app.adapters.wechat.calls import App
from app.adapters.wechat.client import WeChat
from app.infra.anchors import Anchors
from app.infra.crypto import Keyring
from app.infra.db import Database
from app.infra.demo_clock import DemoClock
from app.infra.embedded import EmbeddedFailed, EmbeddedPostgres
from app.infra.logs import log
from app.kernel.clock import machine_now
from app.notifications.channels import Senders
from app.notifications.delivering import WechatChannel
from app.notifications.furnishing import channels
from app.notifications.links import LinkBase
from app.settings import Settings
from app.uploads.storage import Stores
from app.webhooks.sender import Sender, policy_of

Now = Callable[[], Awaitable[datetime]]
WATCH_SECONDS = 1.0


async def machine_time() -> datetime:
    """Business time outside the demo."""
    return machine_now()


@dataclass
class Process:
    """`outside` holds adapters by type; `demo_clock` None outside the demo."""

    settings: Settings
    database: Database
    now: Now
    demo_clock: DemoClock | None
    outside: dict[type, Any] = field(default_factory=dict)


def keyring_of(settings: Settings) -> Keyring:
    return Keyring(
        token_keys=settings.token_keys.get_secret_value(),
        field_keys=settings.field_keys.get_secret_value(),
        index_key=settings.index_key.get_secret_value(),
    )


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Process]:
    """A process while it runs: the embedded server is held and watched, adapters are closed after."""
    async with _dsn(settings) as dsn:
        keyring = keyring_of(settings)
        database = Database(
            dsn, keyring=keyring, pool_size=settings.database_pool, pooler=settings.database_pooler
        )
        clock = DemoClock(database) if settings.demo else None
        process = Process(settings, database, clock or machine_time, clock)
        http = make_client(settings.wechat_api_base)
        try:
            async with channels(settings, partial(PgTokenStore, database)) as senders:
                _furnish(process, http)
                process.outside[Senders] = senders
                yield process
        finally:
            await http.aclose()
            await database.close()


def _furnish(process: Process, http: Any) -> None:
    settings = process.settings
    app = App(settings.wechat_appid, settings.wechat_secret.get_secret_value())
    wechat = WeChat(app, PgTokenStore(process.database, settings.wechat_appid), http)
    process.outside = {
        WeChat: wechat,
        WechatDoor: WechatDoor(wechat, settings.wechat_appid),
        WechatChannel: WechatChannel.of(settings),
        LinkBase: LinkBase(settings.base_url),
        Stores: Stores(settings.files),
        Anchors: Anchors(settings.audit_anchor_dir),
        Sender: Sender(policy_of(settings)),
    }
    if settings.demo:
        process.outside[httpx.AsyncClient] = http  # the way to the fake's own control plane


@asynccontextmanager
async def _dsn(settings: Settings) -> AsyncIterator[str]:
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.var_dir / "postgres")
    await asyncio.to_thread(server.start)
    watch = asyncio.create_task(_watch(server))
    try:
        yield server.dsn()
    finally:
        watch.cancel()
        await asyncio.to_thread(server.release)


async def _watch(server: EmbeddedPostgres) -> None:
    """Bring a killed embedded server back; requests meanwhile get 503 and try again."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            if await asyncio.to_thread(server.ensure_up):
                log.warning("embedded PostgreSQL was down and is up again")
        except EmbeddedFailed as error:
            log.error("embedded PostgreSQL is down", why=str(error))
