"""What partner systems are refused. The token endpoint answers in the words of RFC 6749 §5.2."""

from typing import ClassVar

from app.kernel.errors import Invalid, Refused, TooMany, Unauthenticated


class PartnerTokenMissing(Unauthenticated):
    code = "partner-token-missing"

    def __init__(self) -> None:
        super().__init__("请在 Authorization 请求头带上 Bearer 令牌")


class PartnerTokenInvalid(Unauthenticated):
    code = "partner-token-invalid"

    def __init__(self) -> None:
        super().__init__("令牌无效或对接已停用，请重新获取令牌；仍不行请联系本县管理员")


class PartnerTokenExpired(Unauthenticated):
    code = "partner-token-expired"

    def __init__(self) -> None:
        super().__init__("令牌已过期，请重新获取")


class ScopeMissing(Refused):
    code = "scope-missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"令牌没有 {scope} 权限，需要时请联系本县管理员开通", scope=scope)


class ScopeUnknown(Invalid):
    code = "scope-unknown"

    def __init__(self, known: list[str]) -> None:
        super().__init__(f"权限名不对，只能是：{'、'.join(known)}", field="scopes")


class QuotaSpent(TooMany):
    """`headers`: the RateLimit fields (draft-ietf-httpapi-ratelimit-headers)."""

    code = "quota-spent"

    def __init__(self, *, quota: int, retry_after: int, headers: dict[str, str]) -> None:
        said = f"每分钟最多 {quota} 次请求，请 {retry_after} 秒后再试"
        super().__init__(said, retry_after=retry_after)
        self.headers = headers


class OAuthRefused(Exception):
    """`description` is ASCII, as RFC 6749 wants it; `detail` is for the people who wire systems up."""

    error: ClassVar[str]
    status: ClassVar[int] = 400

    def __init__(self, description: str, detail: str) -> None:
        super().__init__(description)
        self.description = description
        self.detail = detail


class RequestInvalid(OAuthRefused):
    error = "invalid_request"


class GrantUnsupported(OAuthRefused):
    error = "unsupported_grant_type"

    def __init__(self) -> None:
        super().__init__("only client_credentials is supported", "grant_type 只支持 client_credentials")


class ClientUnknown(OAuthRefused):
    """The same words for an unknown client, a wrong secret and a disabled client."""

    error = "invalid_client"
    status = 401

    def __init__(self) -> None:
        super().__init__("client authentication failed", "client_id 或 client_secret 不正确，或对接已停用")


class ScopeRefused(OAuthRefused):
    error = "invalid_scope"

    def __init__(self) -> None:
        super().__init__("scope exceeds what the client was granted", "申请的权限超出了开通的范围")
