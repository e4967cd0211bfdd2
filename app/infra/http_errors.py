"""Errors on the wire: RFC 9457 problem+json with a stable `code` and a Chinese `detail`.

The only place that knows HTTP statuses. Never a stack trace, SQL or personal data.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.infra.logs import log
from app.infra.tenants import UnknownHost
from app.kernel.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    PreconditionMissing,
    Refused,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from app.kernel.text import TextUnusable

STATUS: dict[type[DomainError], int] = {
    UnknownHost: 421,
    Invalid: 422,
    Unauthenticated: 401,
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    PreconditionMissing: 428,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}
TITLES = {
    400: "请求格式有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    409: "现在不能这样办理",
    412: "内容已被他人更新",
    413: "内容过大",
    415: "格式不支持",
    421: "网址不对",
    422: "填写有误",
    428: "缺少版本标记",
    429: "操作太频繁",
    500: "系统出错",
    503: "暂时不可用",
}
MEDIA = "application/problem+json"


class DatabaseAway(Unavailable):
    code = "database-away"

    def __init__(self) -> None:
        super().__init__("系统正在恢复，您的内容还没有提交，请稍候重试", retry_after=2)


def status_of(kind: type[DomainError]) -> int:
    """The status of the nearest ancestor that has one; a class may name its own as `status`."""
    own: int | None = getattr(kind, "status", None)
    if own:
        return own
    for base in kind.__mro__:
        if base in STATUS:
            return STATUS[base]
    raise LookupError(f"{kind.__name__} has no HTTP status")


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **facts: Any,
) -> JSONResponse:
    body = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, "请求未完成"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": getattr(request.state, "request_id", None),
        **facts,
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA, headers=headers)


def of_domain(request: Request, error: DomainError) -> JSONResponse:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if isinstance(error, TooMany | Unavailable) or hasattr(error, "retry_after"):
        headers["Retry-After"] = str(getattr(error, "retry_after", 2))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    facts = dict(error.facts)
    if "field" in facts and "errors" not in facts:
        facts["errors"] = [{"field": facts.pop("field"), "message": error.detail}]
    status = status_of(type(error))
    return problem(request, status, error.code, error.detail, headers=headers, **facts)


# pydantic's error types → what to do about it. {…} are filled from the error's context.
MESSAGES = {
    "missing": "必填，请补充",
    "extra_forbidden": "没有这个字段，请去掉",
    "string_too_long": "最多 {max_length} 个字",
    "string_too_short": "至少 {min_length} 个字",
    "string_type": "应为文字",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "float_parsing": "应为数字",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "uuid_parsing": "编号格式不对",
    "uuid_type": "编号格式不对",
    "literal_error": "只能是 {expected} 之一",
    "enum": "只能是 {expected} 之一",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "date_from_datetime_parsing": "日期应写成 2026-11-30",
    "date_parsing": "日期应写成 2026-11-30",
    "date_type": "日期应写成 2026-11-30",
    "datetime_parsing": "时间应写成 2026-11-30T09:00:00+08:00",
    "datetime_from_date_parsing": "时间应写成 2026-11-30T09:00:00+08:00",
    "timezone_aware": "时间要带时区，如 2026-11-30T09:00:00+08:00",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "finite_number": "应为有限的数字",
    "model_attributes_type": "应为 JSON 对象",
}


def sentence(error: Mapping[str, Any]) -> str:
    """What to do about one of pydantic's errors, in Chinese; the pages say the same as the APIs."""
    context = error.get("ctx") or {}
    if "detail" in context:  # our own text rules (kernel/text.py)
        return str(context["detail"])
    template = MESSAGES.get(error["type"], "填写不正确，请检查")
    try:
        return template.format(**context)
    except KeyError:
        return "填写不正确，请检查"


def _field(location: tuple[Any, ...]) -> str:
    shown = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(shown) or "body"


async def _domain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    return of_domain(request, error)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(request, 400, "json-invalid", "提交的内容不是有效的 JSON，请检查格式")
    listed = [{"field": _field(f["loc"]), "message": sentence(f)} for f in faults]
    first = listed[0]
    detail = f"{first['field']}：{first['message']}"
    return problem(request, 422, "invalid", detail, errors=listed)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 400: "bad-request"}
    details = {
        404: "没有这个地址，请检查链接",
        405: "这个地址不支持这种操作",
        413: "提交的内容过大",
        400: "请求格式有误，请检查后重试",
    }
    code = codes.get(error.status_code, f"http-{error.status_code}")
    detail = details.get(error.status_code, "请求没有完成，请稍后重试")
    headers = dict(error.headers) if error.headers else None
    return problem(request, error.status_code, code, detail, headers=headers)


DATABASE_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server was killed in the middle of the greeting
    PoolTimeout,
)


def database_away(error: BaseException) -> bool:
    """Is this the server gone, going or full, rather than a wrong statement?"""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or isinstance(cause, DATABASE_AWAY)
    return isinstance(error, DATABASE_AWAY)


def _sqlstate(error: BaseException) -> str:
    """Of SQLAlchemy's errors and of the driver's own (hot paths); empty for all others."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")


def _unstorable(error: BaseException) -> bool:
    """A character PostgreSQL has no place for (NUL), where no schema had refused it."""
    return _sqlstate(error) == "22021"


def lock_busy(error: BaseException) -> bool:
    return _sqlstate(error) == "55P03"


def answer_of(request: Request, error: Exception) -> JSONResponse:
    """The answer to whatever was raised; what no code foresaw is logged and told in plain words."""
    if isinstance(error, DomainError):
        return of_domain(request, error)
    if database_away(error):
        log.warning("database away", error=type(error).__name__)
        return of_domain(request, DatabaseAway())
    if _unstorable(error):
        return of_domain(request, TextUnusable("内容里有无法保存的特殊符号，请删去后再试"))
    if lock_busy(error):
        busy = "有人正在办理同一件事，请稍候再试"
        return problem(request, 409, "busy", busy, headers={"Retry-After": "1"})
    if _sqlstate(error).startswith("23"):
        log.warning("guarded by the database", constraint=_constraint(error))
        return problem(request, 409, "conflict", "与已有的记录冲突，请刷新后再试")
    log.error("unexpected", error=type(error).__name__, exc_info=error)
    return problem(request, 500, "internal", "系统出了差错，我们已记录，请稍后再试")


def _constraint(error: Exception) -> str | None:
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
    name: str | None = getattr(cause, "constraint_name", None)
    return name


def install(app: FastAPI) -> None:
    """What FastAPI itself raises or expects; HttpFrame answers everything else."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
