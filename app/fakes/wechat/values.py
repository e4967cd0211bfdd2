"""What WeChat takes in each field of a subscription message; written apart from our clipping."""

import re
import unicodedata
from collections.abc import Callable

HAN = re.compile(r"[\u4e00-\u9fff]+")
HOUR = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
DATED_HOUR = rf"([0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日 ?)?{HOUR}"
DAY = (
    r"([0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
    r"|[0-9]{4}-[0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2})"
)
TIMED_DAY = rf"{DAY}( {HOUR})?"


def _whole(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _range(pattern: str) -> Callable[[str], bool]:
    return _whole(f"{pattern}( ?~ ?{pattern})?")


def _utf16_units(value: str) -> int:
    return len(value.encode("utf-16-le")) // 2


def _name(value: str) -> bool:
    """At most 10 with Chinese in it, else at most 20 letters and symbols."""
    longest = 10 if HAN.search(value) else 20
    return len(value) <= longest and not re.search("[0-9]", value) and max(value) <= "\uffff"


def _number(value: str) -> bool:
    digits = len(re.sub("[^0-9]", "", value))
    return digits <= 32 and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None


RULES: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: _utf16_units(value) <= 20,
    "name": _name,
    "phrase": lambda value: len(value) <= 5 and HAN.fullmatch(value) is not None,
    "number": _number,
    "letter": _whole(r"[A-Za-z]{1,32}"),
    "symbol": _whole(r"([^\w\s]|_){1,5}"),
    "character_string": _whole(r"[\x21-\x7e]{1,32}"),
    "time": _range(DATED_HOUR),
    "date": _range(TIMED_DAY),
    "amount": _whole(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
    "phone_number": _whole(r"[0-9+()\- ]{1,17}"),
    "car_number": lambda value: len(value) <= 8,
}


def fault_of(key: str, value: object) -> str | None:
    """Why WeChat would refuse this value, in its words and with its spelling; None if it's fine."""
    if value in (None, ""):
        return f"argument invalid! data.{key}.value is emtpy"
    rule = RULES.get(key.rstrip("0123456789"))
    if rule is None or not isinstance(value, str) or has_controls(value) or not rule(value):
        return f"argument invalid! data.{key}.value invalid"
    return None


def has_controls(value: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value)
