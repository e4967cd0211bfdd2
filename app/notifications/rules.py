"""Who hears of what, when a phone may ring, how long a failed send waits. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from app.deadlines.lines import Kind, Line
from app.deadlines.packs import Recipient
from app.kernel.clock import DAY, SHANGHAI
from app.suggestions.events import (
    SuggestionAccepted,
    SuggestionAssigned,
    SuggestionReplied,
    SuggestionSentBack,
    SuggestionSubmitted,
    SuggestionTakenUp,
)

OFFICE_HOURS = (time(8), time(20))  # local; the second is exclusive
URGENT: frozenset[str] = frozenset()  # lines that may wake a person: none of the clocks' does

MOST_ATTEMPTS = 5
MOST_DOUBTFUL_SENDS = 2  # a third might tell a person for the third time
LONGEST_WAIT = timedelta(hours=1)
TOGETHER = timedelta(minutes=10)  # business time: lines noticed so near each other are one message

# Steps of a suggestion told in the inbox alone; lines of clocks have their own ladder.
TOLD: Mapping[str, Recipient] = {
    SuggestionSubmitted.name: Recipient.CONGRESS_OFFICE,
    SuggestionAccepted.name: Recipient.DELEGATE,
    SuggestionSentBack.name: Recipient.DELEGATE,
    SuggestionAssigned.name: Recipient.UNIT_OFFICER,
    SuggestionTakenUp.name: Recipient.DELEGATE,
    SuggestionReplied.name: Recipient.DELEGATE,
}
INBOX_ONLY = frozenset({Recipient.MEETING_AGENDA})


def may_send_at(line: str, now: datetime) -> datetime:
    """The first instant (UTC) from `now` (business time) on at which a phone may ring for it."""
    local = now.astimezone(SHANGHAI)
    opens, closes = OFFICE_HOURS
    if line in URGENT or opens <= local.time() < closes:
        return now
    day = local.date() if local.time() < opens else local.date() + DAY
    return datetime.combine(day, opens, SHANGHAI).astimezone(UTC)


def still_true(line: str, *, due_at: datetime, now: datetime) -> bool:
    """Of an open clock: nothing is "due soon" that is overdue already; overdue it stays."""
    return now < due_at if line in (Line.DUE_SOON, Line.LAST_DAY) else True


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


def weight(kind: str) -> int:
    """Smaller is weightier; kinds not named come last."""
    return WEIGHT.index(Kind(kind)) if kind in WEIGHT else len(WEIGHT)


def told_by(own: tuple[str, UUID], others: Iterable[tuple[str, UUID, bool]]) -> UUID | None:
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
