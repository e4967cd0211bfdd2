"""Cutting texts to what WeChat takes in each field of a subscription message. Pure.

The key names its type: `thing1` is a `thing`. Limits: the page 发送订阅消息 of the official
documentation. Whether a length counts characters or UTF-16 units is not documented: we count
units, the stricter.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime

from app.kernel.clock import SHANGHAI

NOTHING = "无"
HAN = "\u4e00-\u9fff"

CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
CHINESE_DAY = r"[0-9]{4}年(0?[1-9]|1[0-2])月(0?[1-9]|[12][0-9]|3[01])日"
MONTH_AND_DAY = r"(0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])"
DAY = rf"({CHINESE_DAY}|[0-9]{{4}}[-/.]{MONTH_AND_DAY}|[0-9]{{4}}-(0?[1-9]|1[0-2])|{MONTH_AND_DAY})"
TIME = rf"({CHINESE_DAY} )?{CLOCK}"
DATE = rf"{DAY}( {CLOCK})?"


class Unfit(ValueError):
    """The text can't be a value of this type, and inventing one would mislead. Never shows it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"not a value of type {kind}")


def template_data(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The `data` of a message. Raises Unfit."""
    return {key: {"value": clip(key.rstrip("0123456789"), text)} for key, text in texts.items()}


def clip(kind: str, text: str) -> str:
    """The text as a value WeChat accepts. Raises Unfit for a number, date … that is none."""
    value = CLIPS[kind](tidy(text)) if kind in CLIPS else None
    if not value:
        raise Unfit(kind)
    return value


def date_text(day: date) -> str:
    return f"{day.year:04}年{day.month}月{day.day}日"


def time_text(instant: datetime) -> str:
    """To the minute, in Beijing time."""
    local = instant.astimezone(SHANGHAI)
    return f"{date_text(local.date())} {local:%H:%M}"


def tidy(text: str) -> str:
    """One line without control characters, lone surrogates or pictographs."""
    line = " ".join(text.split())
    return "".join(c for c in line if not _is_unprintable(c)).strip()


def _is_unprintable(char: str) -> bool:
    return unicodedata.category(char).startswith("C") or (_is_astral(char) and not char.isalpha())


def _is_astral(char: str) -> bool:
    return ord(char) > 0xFFFF


def units(text: str) -> int:
    """UTF-16 units: rare characters (生僻字) count twice."""
    return len(text) + sum(map(_is_astral, text))


def _thing(text: str) -> str:
    if units(text) <= 20:
        return text or NOTHING
    while units(text) > 19:
        text = text[:-1]
    return text + "…"


def _name(text: str) -> str:
    """Han, letters and symbols; digits are not taken, rare characters are shown as `*`."""
    kept = "".join("*" if _is_astral(c) else c for c in text if _fits_name(c))
    longest = 10 if re.search(f"[{HAN}]", kept) else 20
    return kept[:longest].strip() or NOTHING


def _fits_name(char: str) -> bool:
    return bool(re.match(rf"[{HAN}A-Za-z·.*\- ]", char)) or _is_astral(char)


def _keep(allowed: str, longest: int) -> Callable[[str], str]:
    """Only these characters, and so many of them."""
    return lambda text: re.sub(f"[^{allowed}]", "", text)[:longest]


def _match(pattern: str, *, or_range: bool = False) -> Callable[[str], str]:
    """The text itself if it has this form, else nothing."""
    whole = re.compile(f"{pattern}( ?~ ?{pattern})?" if or_range else pattern)
    return lambda text: text if whole.fullmatch(text) else ""


def _phrase(text: str) -> str:
    return _keep(HAN, 5)(text) or NOTHING


CLIPS: dict[str, Callable[[str], str]] = {
    "thing": _thing,
    "name": _name,
    "phrase": _phrase,
    "character_string": _keep(r"\x21-\x7e", 32),
    "letter": _keep("A-Za-z", 32),
    "symbol": _keep(r"!-/:-@\[-`{-~", 5),
    "number": _match(r"-?[0-9]{1,24}(\.[0-9]{1,8})?"),
    "amount": _match(r"[¥￥$]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
    "time": _match(TIME, or_range=True),
    "date": _match(DATE, or_range=True),
    "phone_number": _match(r"[0-9+()\- ]{1,17}"),
    "car_number": _keep(rf"{HAN}A-Z0-9", 8),
}
