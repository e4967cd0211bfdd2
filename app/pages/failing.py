"""When something goes wrong on a page, a person reads it: a page with a way on, never problem+json."""

import json
from typing import Any

from fastapi import HTTPException, Request, Response

from app.infra.http_errors import TITLES, answer_of
from app.kernel.errors import TooMany
from app.opinions.errors import ReceiptUnknown
from app.pages.responding import home_path, page
from app.pages.views import ErrorPage, OpinionForm, ReceiptUnknownPage, TooManyPage
from app.stations.errors import StationUnknown

OF_HTTP = {
    400: "提交的内容不完整，请返回再试一次。照片最多 9 张。",
    413: "照片和内容加起来太大了，没有收到。每张照片不超过 10 MB，请少选几张或换小一点的再试。",
}
NO_STATION = ErrorPage(
    status=404,
    title="没有找到这个联络站",
    detail="请重新扫一扫站里的二维码。如果是手工输入的网址，请看看有没有抄错。",
)
LOST = "您的意见还没有收到。您写的内容就在下面，请过一分钟再点一次提交。"


def failed(request: Request, error: Exception) -> Response:
    """The page for whatever was raised; what no code foresaw is logged as the APIs log it."""
    if isinstance(error, ReceiptUnknown):
        return page(request, "receipt_unknown.html", ReceiptUnknownPage(), 404)
    if isinstance(error, TooMany):
        wait = {"Retry-After": str(error.retry_after)}
        return page(request, "too_many.html", TooManyPage(retry_after=error.retry_after), 429, wait)
    if isinstance(error, HTTPException):
        return _plain(request, error.status_code, OF_HTTP.get(error.status_code, "请返回再试一次。"))
    if isinstance(error, StationUnknown):
        return page(request, "error.html", NO_STATION, 404)
    status, told, headers = facts(request, error)
    return _plain(request, status, told, headers, back=home_path(request))


def not_received(request: Request, error: Exception, form: OpinionForm) -> Response:
    """The database is away or worse: no form can be drawn, but what was written comes back."""
    status, _, headers = facts(request, error)
    return _plain(request, status, LOST, headers, back=home_path(request), again=form)


def facts(request: Request, error: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, sentence and headers as the APIs would give them."""
    answer = answer_of(request, error)
    told: dict[str, Any] = json.loads(bytes(answer.body))
    wait = answer.headers.get("retry-after")
    return answer.status_code, told["detail"], {"Retry-After": wait} if wait else {}


def _plain(
    request: Request,
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    back: str | None = None,
    again: OpinionForm | None = None,
) -> Response:
    view = ErrorPage(
        status=status,
        title=TITLES.get(status, "没有完成"),
        detail=detail,
        request_id=request.state.request_id if status >= 500 else None,
        back=back or (home_path(request) if status in OF_HTTP else None),
        again=again,
    )
    return page(request, "error.html", view, status, headers)
