"""What log-in and permission checks refuse."""

from typing import Any

from app.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany, Unauthenticated


class TokenMissing(Unauthenticated):
    code = "token-missing"

    def __init__(self) -> None:
        super().__init__("请先登录")


class TokenInvalid(Unauthenticated):
    code = "token-invalid"

    def __init__(self) -> None:
        super().__init__("登录状态无效，请重新登录")


class TokenExpired(Unauthenticated):
    code = "token-expired"

    def __init__(self) -> None:
        super().__init__("登录已过期，请刷新或重新登录")


class SessionEnded(Unauthenticated):
    code = "session-ended"

    def __init__(self) -> None:
        super().__init__("这次登录已退出或已失效，请重新登录")


class RefreshReused(Unauthenticated):
    """A spent refresh token came back: its whole session is ended."""

    code = "refresh-reused"

    def __init__(self) -> None:
        super().__init__("登录凭证被重复使用，为安全起见已退出，请重新登录")


class WrongCredentials(Unauthenticated):
    """The same words and work for a wrong password and an unknown name."""

    code = "wrong-credentials"

    def __init__(self) -> None:
        super().__init__("用户名或密码不正确")


class LoginLocked(TooMany):
    code = "login-locked"

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        super().__init__(f"连续输错次数过多，请 {minutes} 分钟后再试", retry_after=retry_after)


class WechatNotBound(Conflict):
    code = "wechat-not-bound"

    def __init__(self, binding_token: str) -> None:
        super().__init__("这个微信还没有绑定，请用手机号或邀请码绑定", binding_token=binding_token)


class WechatRefused(Unauthenticated):
    code = "wechat-refused"

    def __init__(self) -> None:
        super().__init__("微信登录没有通过，请重新进入小程序再试")


class NotInRoster(NotFound):
    code = "not-in-roster"

    def __init__(self) -> None:
        super().__init__("名册里没有这个手机号或邀请码，请联系镇人大办核对")


class BindingIncomplete(Invalid):
    code = "binding-incomplete"

    def __init__(self) -> None:
        super().__init__("请提供手机号授权或邀请码之一", field="phone_code")


class PermissionMissing(Refused):
    code = "permission-missing"

    def __init__(self, permission: str) -> None:
        super().__init__("您没有办理这一步的权限", permission=permission)


class Recused(Refused):
    code = "recused"

    def __init__(self) -> None:
        super().__init__("您已在这件事上代表另一方办理过，按回避要求请由他人办理")


class AccountConflict(Conflict):
    code = "account-conflict"

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
