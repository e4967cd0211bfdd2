"""Log-in and phone number. Besides minted codes, `demo:<openid>` and `demo:<phone>` always work."""

import json
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.fakes.wechat.auth import check_app, check_token
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, ok, world_of

DEMO = "demo:"


def demo_value(code: str) -> str | None:
    """What stands behind `demo:`, if anything does."""
    return code.removeprefix(DEMO) or None if code.startswith(DEMO) else None


async def jscode2session(request: Request) -> Response:
    query, world = request.query_params, world_of(request)
    check_app(request, query.get("appid"), query.get("secret"))
    if query.get("grant_type") != "authorization_code":
        raise Refusal(40002, "invalid grant_type")
    code = query.get("js_code", "")
    openid = demo_value(code) or world.login_codes.redeem(code).openid
    world.visit(openid)
    session = {"openid": openid, "session_key": world.session_key(openid)}
    return Response(json.dumps(session), media_type="text/plain")


async def getuserphonenumber(request: Request) -> JSONResponse:
    check_token(request)
    body, world = await body_of(request), world_of(request)
    code, openid = str(body.get("code", "")), body.get("openid")
    phone = demo_value(code)
    if phone is None:
        redeemed = world.phone_codes.redeem(code)
        if openid not in (None, redeemed.openid):
            raise Refusal(40029, "invalid code: not of this openid")
        phone = redeemed.phone
    return ok(phone_info=phone_info(phone, world.appid, world.clock()))


def phone_info(phone: str, appid: str, now: datetime) -> dict[str, object]:
    return {
        "phoneNumber": phone,
        "purePhoneNumber": phone,
        "countryCode": "86",
        "watermark": {"timestamp": int(now.timestamp()), "appid": appid},
    }
