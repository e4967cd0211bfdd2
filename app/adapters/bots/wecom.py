"""What both of WeCom's ways have in common: error codes, byte limits, the reading of an answer. Pure."""

from typing import Any

import httpx

from app.adapters import http as outside
from app.adapters.delivery import (
    MINUTE,
    Ambiguous,
    Delivered,
    Outcome,
    Rejected,
    Retry,
    Stands,
    rejected,
)

REAL_WECOM = "https://qyapi.weixin.qq.com"

BUSY = -1
TOKEN_BAD = (40014, 42001, 41001)
WAITS = {45009: MINUTE, 45033: 1, 45011: MINUTE}
REFUSALS = {
    "40003": ("member-unknown", Stands.PERSON),
    "60111": ("member-unknown", Stands.PERSON),
    "81013": ("member-unknown", Stands.PERSON),
    "40058": ("value-refused", Stands.MESSAGE),
    "44004": ("value-refused", Stands.MESSAGE),
    "45002": ("value-refused", Stands.MESSAGE),
    "93000": ("refused", Stands.CHANNEL),  # the bot's key is wrong, or it was removed from its group
    "40001": ("refused", Stands.CHANNEL),  # a wrong secret
    "40013": ("refused", Stands.CHANNEL),
    "40056": ("refused", Stands.CHANNEL),
    "48002": ("refused", Stands.CHANNEL),
    "60020": ("refused", Stands.CHANNEL),  # our address is not on the application's list
    "301002": ("refused", Stands.CHANNEL),
}
LONGEST_TEXT = 2048  # bytes of UTF-8


def outcome_of(response: httpx.Response, *, hide: str) -> Outcome:
    """`hide`: a key or token, blotted out should the answer repeat it."""
    answer = outside.json_object(response)
    if answer is None or "errcode" not in answer:
        return Ambiguous(f"no answer of WeCom's, HTTP {response.status_code}")
    errcode, words = errcode_of(answer), str(answer.get("errmsg", "")).replace(hide or "\0", "***")
    if errcode == BUSY:
        return Ambiguous("busy")
    if errcode in WAITS:
        return Retry(WAITS[errcode], "rate")
    if errcode in TOKEN_BAD:
        return Retry(MINUTE, "token-refused")
    if errcode:
        return rejected(str(errcode), words, REFUSALS)
    if answer.get("invaliduser"):
        return Rejected("member-unknown", Stands.PERSON, "invaliduser")
    return Delivered(str(answer["msgid"]) if answer.get("msgid") else None)


def errcode_of(answer: dict[str, Any]) -> int:
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        return BUSY


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    """At most so many bytes of UTF-8, no character torn apart."""
    encoded = text.encode()
    if len(encoded) <= longest:
        return text
    return encoded[: longest - len("…".encode())].decode(errors="ignore") + "…"
