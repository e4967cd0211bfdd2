"""What is still true, which of several messages tells, how long a failed send waits. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.notifications.channels import Channel

MOST_ATTEMPTS = 5
# Sends whose answer is unknown: one more might tell a person again. A text message has no check for
# doubles and costs money: it is asked after, never sent again blindly.
MOST_DOUBTFUL: Mapping[Channel, int] = {
    Channel.WECHAT: 2,
    Channel.WECOM: 2,  # WeCom drops a double within half an hour itself
    Channel.SMS: 1,
    Channel.MAIL: 1,
    Channel.BOT: 1,
}
LONGEST_WAIT = timedelta(hours=1)
LONG_TO_WAIT = 300  # seconds: a channel that asks for more hands the message on to the next one
TOGETHER = timedelta(minutes=10)  # business time: lines noticed so near each other are one message
# Refusals that mean: this address leads nowhere, now and later.
ADDRESS_IS_DEAD = frozenset(
    {"openid-unknown", "member-unknown", "phone-unfit", "phone-refuses", "address-unfit", "address-unknown"}
)
BEFORE_DUE = (Line.DUE_SOON, Line.LAST_DAY)


def still_true(line: str, *, due_at: datetime, now: datetime) -> bool:
    """Of an open clock: nothing is "due soon" that is overdue already; overdue it stays."""
    return now < due_at if line in BEFORE_DUE else True


# Of several clocks of one matter that cross the same line together, the weightiest is named.
WEIGHT: tuple[Kind, ...] = (
    Kind.REPLY,
    Kind.REHANDLING_REPLY,
    Kind.CO_OPINION,
    Kind.COMMITMENT,
    Kind.CONFERENCE,
    Kind.ASSIGNMENT,
    Kind.REVIEW,
)
# Of several matters in one digest, the gravest is named.
GRAVITY: tuple[str, ...] = (
    Line.OVERDUE_10,
    Line.OVERDUE_3,
    Line.OVERDUE,
    Signal.SLIPPED,
    Signal.URGED,
    Line.LAST_DAY,
    Signal.UNREACHED,
    Signal.STALLED,
    Line.DUE_SOON,
)


def weight(kind: str | None) -> int:
    """Smaller is weightier; kinds not named come last."""
    return WEIGHT.index(Kind(kind)) if kind in WEIGHT else len(WEIGHT)


def gravity(line: str) -> int:
    """Smaller is graver; lines not named come last."""
    return GRAVITY.index(line) if line in GRAVITY else len(GRAVITY)


def told_by(own: tuple[str | None, UUID], others: Iterable[tuple[str | None, UUID, bool]]) -> UUID | None:
    """Which other push already tells this person of the same matter and line, or is about to.

    `own`: (kind, delivery); `others`: (kind, delivery, already sent). One sent already always does;
    of those that wait, the weightiest is sent, by id among equals.
    """
    mine = (weight(own[0]), own[1])
    for kind, id, sent in others:
        if sent or (weight(kind), id) < mine:
            return id
    return None


def wait(after: timedelta, attempts: int) -> timedelta:
    """Machine time till the next attempt: the channel's own wish, four times longer each time.

    At most an hour, unless the channel itself asks for more (a daily quota).
    """
    return max(after, min(after * int(4 ** (attempts - 1)), LONGEST_WAIT))
