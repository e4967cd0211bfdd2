"""WeChat's error codes, sorted by what can be done about them."""

import re
from collections.abc import Collection
from enum import StrEnum

from app.kernel.errors import Unavailable

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105  # a path
SYSTEM_BUSY = -1

RID = re.compile(r",?\s*rid:\s*([0-9a-f-]+)\s*$", re.IGNORECASE)
LONGEST_ERRMSG = 200


class Kind(StrEnum):
    TOKEN = "token"  # noqa: S105  # the access token is bad: renew it, call once more
    BUSY = "busy"  # no answer, or "busy": try again if that does no harm
    RATE_SHORT = "rate_short"  # wait for the next minute
    RATE_DAY = "rate_day"  # wait for midnight in Beijing
    CONFIG = "config"  # no call will succeed until the operator has acted
    TEMPLATE = "template"  # our data are wrong; the same data will fail again
    USER_FINAL = "user_final"  # about this user or this code: a result, not a fault


KINDS: dict[Kind, tuple[int, ...]] = {
    Kind.TOKEN: (40001, 40014, 42001),
    Kind.BUSY: (SYSTEM_BUSY,),
    Kind.RATE_SHORT: (43108, 44990, 44991, 45011),
    Kind.RATE_DAY: (44993, 45009),
    Kind.CONFIG: (
        *(40002, 40013, 40125, 40164, 40243, 41002, 41004, 43002, 43107, 47001, 48001, 48004),
        *(50002, 50004, 50007, 61004, 89503, 89506, 89507),
        45029,  # the lifetime cap of 100,000 codes: it never clears
    ),
    Kind.TEMPLATE: (40033, 40037, 40097, 40129, 40165, 40169, 40212, 41001, 41030, 45168, 47003),
    Kind.USER_FINAL: (*(40003, 40029, 40163, 40226, 42003, 43004, 43101, 43104, 61010, 87009, 87014),),
}
KIND_OF = {code: kind for kind, codes in KINDS.items() for code in codes}


def kind_of(errcode: int, path: str) -> Kind:
    """Codes we don't know count as our own fault: not repeated, and seen by a person."""
    if errcode == 40001 and path == STABLE_TOKEN:
        return Kind.CONFIG  # there it means a wrong AppSecret
    return KIND_OF.get(errcode, Kind.TEMPLATE)


class WeChatError(Unavailable):
    """A call that did not succeed. Carries neither URL nor token, secret, code or phone.

    `errcode`: WeChat's number, -1 where no answer came. `rid`: WeChat's id of the request, can be
    looked up for 7 days. `arrived`: False only if the request certainly never left us.
    """

    code = "wechat-unavailable"

    def __init__(
        self,
        errcode: int,
        errmsg: str,
        path: str,
        kind: Kind,
        rid: str | None = None,
        *,
        arrived: bool = True,
    ) -> None:
        super().__init__("微信暂时没有回应，请稍后再试")
        self.errcode, self.errmsg, self.path = errcode, errmsg, path
        self.kind, self.rid, self.arrived = kind, rid, arrived

    def __str__(self) -> str:
        return f"{self.path} errcode={self.errcode} {self.errmsg} rid={self.rid}"


def busy(why: str, path: str, *, arrived: bool = True) -> WeChatError:
    """No usable answer came: silence, a gateway's page, HTTP 5xx."""
    return WeChatError(SYSTEM_BUSY, why, path, Kind.BUSY, arrived=arrived)


def refused(errcode: int, errmsg: str, path: str, *, hide: Collection[str]) -> WeChatError:
    """WeChat's own refusal; the values in `hide` are blotted out should it repeat them."""
    rid = RID.search(errmsg)
    text = RID.sub("", errmsg)
    for value in filter(None, hide):
        text = text.replace(value, "***")
    kind = kind_of(errcode, path)
    return WeChatError(errcode, text[:LONGEST_ERRMSG], path, kind, rid and rid.group(1))
