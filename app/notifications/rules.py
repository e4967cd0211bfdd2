"""Who hears of what, when a phone may ring, how long a failed send waits. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from app.deadlines.lines import Line
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


def wait(after: timedelta, attempts: int) -> timedelta:
    """Machine time till the next attempt: the channel's own wish, four times longer each time.

    At most an hour, unless the channel itself asks for more (a daily quota).
    """
    return max(after, min(after * int(4 ** (attempts - 1)), LONGEST_WAIT))
