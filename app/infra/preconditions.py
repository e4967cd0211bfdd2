"""ETags from a row's revision: PUT and DELETE need If-Match, POST acts may carry it (RFC 9110 §13)."""

from fastapi import Request, Response

from app.kernel.errors import PreconditionMissing, Stale


class IfMatchMissing(PreconditionMissing):
    code = "if-match-missing"

    def __init__(self) -> None:
        super().__init__("请带上 If-Match 请求头（打开时得到的 ETag），以免覆盖他人的修改")


class IfMatchStale(Stale):
    code = "if-match-stale"

    def __init__(self) -> None:
        super().__init__("内容已被更新，请刷新后再改")


def etag(revision: int) -> str:
    return f'"r{revision}"'


def check(request: Request, revision: int) -> None:
    """Refuse a change of an older version; required on PUT and DELETE."""
    given = request.headers.get("if-match")
    if given is None:
        if request.method in {"PUT", "DELETE"}:
            raise IfMatchMissing
        return
    if given.strip() != "*" and etag(revision) not in {tag.strip() for tag in given.split(",")}:
        raise IfMatchStale


def mark(response: Response, revision: int) -> None:
    response.headers["ETag"] = etag(revision)
