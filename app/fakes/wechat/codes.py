"""getwxacodeunlimit: a picture that really scans, leading to the fake's own page."""

import io
import re
from html import escape
from typing import Any
from urllib.parse import urlencode

import segno
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.fakes.wechat.auth import check_token
from app.fakes.wechat.refusals import Refusal
from app.fakes.wechat.replies import body_of, world_of

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
VERSIONS = ("release", "trial", "develop")


async def getwxacodeunlimit(request: Request) -> Response:
    check_token(request)
    body, world = await body_of(request), world_of(request)
    scene, page = str(body.get("scene", "")), str(body.get("page", ""))
    check_code(scene, page, body.get("width", 430), body.get("env_version", "release"))
    link = f"{world.link_base}/_fake/open?{urlencode({'scene': scene, 'page': page})}"
    return Response(picture(link, body.get("width", 430)), media_type="image/png")


def check_code(scene: str, page: str, width: Any, version: Any) -> None:
    if not SCENE.fullmatch(scene):
        raise Refusal(40129, "invalid scene")
    if page.startswith("/") or "?" in page:
        raise Refusal(41030, "invalid page")
    if type(width) is not int or not 280 <= width <= 1280 or version not in VERSIONS:
        raise Refusal(40097, "invalid args")


def picture(link: str, width: int) -> bytes:
    """A PNG of at most `width` pixels."""
    code, png = segno.make(link, micro=False), io.BytesIO()
    code.save(png, kind="png", scale=max(1, width // code.symbol_size()[0]))
    return png.getvalue()


async def open_page(request: Request) -> HTMLResponse:
    """Where a scanned code leads."""
    page, scene = (request.query_params.get(name, "") for name in ("page", "scene"))
    return HTMLResponse(
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>演示数据</title>'
        f"<p>演示数据：小程序将打开 {escape(page or '首页')}，参数 {escape(scene)}</p></html>"
    )
