"""Both providers as one ASGI application: the headers of a request say which of them it is for."""

from typing import cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from app.fakes.control import CONTROL
from app.fakes.faults import Fault
from app.fakes.gate import Gate
from app.fakes.sms import aliyun, tencent
from app.fakes.sms.aliyun import AliyunError
from app.fakes.sms.tencent import TencentError
from app.fakes.sms.world import SmsWorld

ACTIONS = {
    ("x-tc-action", "SendSms"): tencent.send_sms,
    ("x-tc-action", "PullSmsSendStatusByPhoneNumber"): tencent.pull_status,
    ("x-acs-action", "SendSms"): aliyun.send_sms,
    ("x-acs-action", "QuerySendDetails"): aliyun.query_details,
}
VERSIONS = {"x-tc-version": "2021-01-11", "x-acs-version": "2017-05-25"}


def make_app(world: SmsWorld, *, environment: str = "development") -> Starlette:
    """Raises RuntimeError in production."""
    if environment == "production":
        raise RuntimeError("the fake SMS providers are not for production")
    app = Starlette(
        routes=[Route("/", act, methods=["POST"]), *CONTROL],
        middleware=[Middleware(Gate, world=world, trouble=trouble)],
    )
    app.state.world = world
    return app


async def act(request: Request) -> Response:
    world = cast(SmsWorld, request.app.state.world)
    versioned = any(request.headers.get(name) == version for name, version in VERSIONS.items())
    for (header, action), answer in ACTIONS.items():
        if versioned and request.headers.get(header) == action:
            return await answer(request, world)
    return JSONResponse({"error": "neither an action of Tencent's nor one of Aliyun's"}, status_code=404)


def trouble(scope: Scope, fault: Fault) -> ASGIApp | None:
    """Busy, or the quota spent, in the words of whoever was asked."""
    for_tencent = "x-tc-action" in Request(scope).headers
    match fault:
        case Fault.BUSY if for_tencent:
            return tencent.whole_error(TencentError("RequestLimitExceeded", "too many requests"))
        case Fault.BUSY:
            return aliyun.refusal(AliyunError("Throttling.User", "Request was denied", 400))
        case Fault.QUOTA if for_tencent:
            return tencent.whole_error(TencentError("LimitExceeded.AppDailyLimit", "daily limit"))
        case Fault.QUOTA:
            return aliyun.refusal(AliyunError("isv.DAY_LIMIT_CONTROL", "触发日发送限额"))
    return None
