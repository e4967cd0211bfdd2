"""msg_sec_check: a few words stand for the model."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse

from app.fakes.wechat.auth import check_token
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, ok, world_of

LONGEST = 2500
RECENT = timedelta(hours=2)

WORDS = {
    "违禁测试": ("risky", 20006),
    "广告测试": ("review", 10001),
    "时政测试": ("review", 20001),
}
GRAVITY = ("pass", "review", "risky")


async def msg_sec_check(request: Request) -> JSONResponse:
    check_token(request)
    body, world = await body_of(request), world_of(request)
    openid, content = str(body.get("openid", "")), str(body.get("content", ""))
    if body.get("version") != 2 or body.get("scene") not in (1, 2, 3, 4):
        raise Refusal(40129, "invalid scene or version")
    if not world.knows(openid):
        raise Refusal(40003, "invalid openid")
    if not visited_recently(world.last_visits.get(openid), world.clock()):
        raise Refusal(61010, "code is expired: user not active")
    if not content or len(content) > LONGEST:
        raise Refusal(47001, "data format error")
    suggest, label = verdict(content)
    return ok(result={"suggest": suggest, "label": label}, detail=[], trace_id="fake")


def visited_recently(last: datetime | None, now: datetime) -> bool:
    return last is not None and now - last <= RECENT


def verdict(content: str) -> tuple[str, int]:
    """The gravest of the words found; 100 is 正常."""
    found = [answer for word, answer in WORDS.items() if word in content]
    return max(found, key=lambda answer: GRAVITY.index(answer[0]), default=("pass", 100))
