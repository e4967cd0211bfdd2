"""What may become of one message handed to one channel; every channel's adapter answers so.

- `Delivered`: the channel took it.
- `Retry`: it certainly was not taken; try again after so many seconds.
- `Rejected`: it never will be; `stands` says how far the refusal reaches.
- `Ambiguous`: it may or may not have been taken. Sending again may tell a person twice.
"""

from dataclasses import dataclass
from enum import StrEnum


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
