"""Which events partners may learn of, and in what form (pure): one rule for feed and webhooks.

Fails closed: an event is public only if its family is, no hidden word is in its name, and its body says
that the item is not confidential.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

FAMILIES = ("opinion", "suggestion")
# Judging a reply and what follows from it, accusations, pressure on a delegate (domain.md 4).
HIDDEN = re.compile(r"evaluat|reject|rehandl|conference|accus|pressure|disciplin")
ACCUSED = "discipline"  # moved out to the discipline body: an accusation (检举控告)
GLOB = re.compile(r"\*|(?:opinion|suggestion)\.(?:\*|[a-z_]{1,60})")
LARGEST_BODY = 20_000  # bytes
TEST = "webhook.test"


class TooLargeToSend(ValueError):
    """An event is ids and dates: one of 20 kB is a fault of ours."""


def is_public(name: str, body: Mapping[str, Any]) -> bool:
    family, _, what = name.partition(".")
    if family not in FAMILIES or HIDDEN.search(what):
        return False
    accusation = body.get("to") == ACCUSED or bool(body.get("accusation"))
    return body.get("confidential") is False and not accusation


def data_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The ids and dates of a public event."""
    return {name: value for name, value in body.items() if name != "confidential"}


def wanted(name: str, globs: Sequence[str]) -> bool:
    """Does one of `*`, `opinion.*`, `suggestion.replied`, … name this event?"""
    family = name.partition(".")[0]
    return any(glob in ("*", f"{family}.*", name) for glob in globs)


def payload(name: str, occurred_at: datetime, data: Mapping[str, Any]) -> str:
    """The body of a delivery: thin, so that whoever reads it on the way learns next to nothing."""
    written = json.dumps(
        {"type": name, "timestamp": occurred_at.isoformat(), "data": data},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    if len(written.encode()) >= LARGEST_BODY:
        raise TooLargeToSend(name)
    return written
