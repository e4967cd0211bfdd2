"""The operator's questions: how many calls are left, and what a rid was about."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.wechat.auth import check_token
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, ok, world_of

DAILY_LIMIT = 500_000


async def quota_get(request: Request) -> JSONResponse:
    check_token(request)
    path = str((await body_of(request)).get("cgi_path", ""))
    if not path.startswith("/"):
        raise Refusal(76021, "cgi_path not found")
    used = world_of(request).calls[path]
    return ok(quota={"daily_limit": DAILY_LIMIT, "used": used, "remain": DAILY_LIMIT - used})


async def rid_get(request: Request) -> JSONResponse:
    check_token(request)
    rid = str((await body_of(request)).get("rid", ""))
    explained = world_of(request).refusals.get(rid)
    if explained is None:
        raise Refusal(76001, "rid not found")
    return ok(request=explained)
