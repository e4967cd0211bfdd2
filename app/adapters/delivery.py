"""What may become of one message handed to one channel; every channel's adapter answers so.

- `Delivered`: the channel took it.
- `Retry`: it certainly was not taken; try again after so many seconds.
- `Rejected`: it never will be; `stands` says how far the refusal reaches.
- `Ambiguous`: it may or may not have been taken. Sending again may tell a person twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.clock import end_of_day, local_date

MINUTE = 60
LONGEST_NOTE = 200


class Stands(StrEnum):
    """How far a refusal reaches."""

    MESSAGE = "message"  # this text will not pass; others may: a bug of ours
    PERSON = "person"  # nothing reaches this person here: take their next channel
    CHANNEL = "channel"  # nothing reaches anybody here: stop, and call the operator


@dataclass(frozen=True)
class Delivered:
    """`reference`: the channel's own id of the message, where it gives one."""

    reference: str | None = None


@dataclass(frozen=True)
class Retry:
    """`after`: seconds, at least 1."""

    after: int
    reason: str


@dataclass(frozen=True)
class Rejected:
    """`reason` is a stable word of ours, e.g. `not-subscribed`; `note` is for the operator."""

    reason: str
    stands: Stands
    note: str = ""


@dataclass(frozen=True)
class Ambiguous:
    reason: str


Outcome = Delivered | Retry | Rejected | Ambiguous

Refusals = Mapping[str, tuple[str, Stands]]
"""A provider's code → our word for it, and how far it reaches."""


def after_silence(why: str, *, arrived: bool) -> Retry | Ambiguous:
    """No answer came: only what may have left us is in doubt."""
    return Ambiguous(why) if arrived else Retry(MINUTE, "unreachable")


def rejected(code: str, words: str, refusals: Refusals) -> Rejected:
    """A provider's refusal. A code we don't know counts as our own fault, and is seen by a person."""
    reason, stands = refusals.get(code, ("refused", Stands.MESSAGE))
    return Rejected(reason, stands, f"{code} {words}"[:LONGEST_NOTE])


def seconds_to_midnight(now: datetime) -> int:
    """Till a daily quota returns, in Beijing."""
    return int((end_of_day(local_date(now)) - now).total_seconds()) + 1
