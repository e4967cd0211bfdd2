"""Talking to the fake as any program would: by its paths."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from app.fakes.wechat.faults import Faults, InProcessLine
from app.fakes.wechat.world import World


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def in_process() -> Faults:
    return Faults(line=InProcessLine())


@dataclass
class Phone:
    clock: Clock
    world: World
    http: httpx.AsyncClient

    async def token(self) -> str:
        body = {
            "grant_type": "client_credential",
            "appid": self.world.appid,
            "secret": self.world.secret,
        }
        answer = (await self.http.post("/cgi-bin/stable_token", json=body)).json()
        return str(answer["access_token"])

    async def post(self, path: str, body: Any, **params: str) -> dict[str, Any]:
        query = {"access_token": await self.token(), **params}
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        answer = await self.http.post(path, params=query, content=content)
        parsed: dict[str, Any] = answer.json()
        return parsed

    async def errcode(self, path: str, body: Any, **params: str) -> int:
        return int((await self.post(path, body, **params))["errcode"])


def a_message(**changes: Any) -> dict[str, Any]:
    return {
        "touser": "oAlice",
        "template_id": "T1",
        "page": "pages/index",
        "data": {"thing1": {"value": "村道"}},
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        **changes,
    }
