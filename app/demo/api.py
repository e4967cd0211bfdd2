"""`/demo/*`: the movable clock, what the fakes received, faults. Never in production; no keys needed."""

from datetime import datetime, timedelta
from typing import Any, Literal

import httpx
from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field

from app.demo.fakes import PATHS
from app.infra.demo_clock import DemoClock
from app.infra.schemas import Body, Out
from app.kernel.clock import machine_now
from app.kernel.errors import Invalid

router = APIRouter(prefix="/demo", tags=["demo"])
FARTHEST = timedelta(days=3660)


class ClockTooFar(Invalid):
    code = "clock-too-far"

    def __init__(self) -> None:
        super().__init__("演示时间最多前后移动十年", field="now")


class ClockIn(Body):
    now: AwareDatetime


class ClockOut(Out):
    """Business time; `offset_seconds` beyond the machine's."""

    now: datetime
    offset_seconds: int


class FaultIn(Body):
    service: Literal["wechat", "sms", "bot", "mail"]
    kind: Literal["none", "timeout", "5xx", "busy", "lost_answer", "quota"]
    rate: float = Field(default=1.0, ge=0, le=1)


def _clock(request: Request) -> DemoClock:
    clock: DemoClock = request.app.state.now
    return clock


async def _shown(clock: DemoClock) -> ClockOut:
    now = await clock()
    return ClockOut(now=now, offset_seconds=round((now - machine_now()).total_seconds()))


@router.get("/clock")
async def read_clock(request: Request) -> ClockOut:
    return await _shown(_clock(request))


@router.put("/clock")
async def move_clock(body: ClockIn, request: Request) -> ClockOut:
    """Move business time for every process; the worker rings every sweep at once."""
    if abs(body.now - machine_now()) > FARTHEST:
        raise ClockTooFar
    clock = _clock(request)
    await clock.move_to(body.now)
    return await _shown(clock)


@router.get("/messages")
async def messages(request: Request, openid: str | None = None, phone: str | None = None) -> dict[str, Any]:
    """What the fakes received, oldest first: all of it, or by `openid` (WeChat), by `phone` (SMS)."""
    if openid is not None:
        return {"items": await _received(request, "wechat", openid=openid)}
    if phone is not None:
        return {"items": await _received(request, "sms", to=phone)}
    items = [item for service in PATHS for item in await _received(request, service)]
    return {"items": sorted(items, key=lambda item: str(item["at"]))}


async def _received(request: Request, service: str, **whose: str) -> list[dict[str, Any]]:
    answer = await _fake(request).get(f"{PATHS[service]}/_fake/messages", params=whose)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@router.post("/faults", status_code=204)
async def set_faults(body: FaultIn, request: Request) -> None:
    """Let trouble happen to calls of a service, at a rate."""
    trouble = {"kind": body.kind, "rate": body.rate}
    await _fake(request).post(f"{PATHS[body.service]}/_fake/faults", json=trouble)


def _fake(request: Request) -> httpx.AsyncClient:
    client: httpx.AsyncClient = request.app.state.outside[httpx.AsyncClient]
    return client
