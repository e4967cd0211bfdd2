"""Which days a visit may have been on, and how an issue becomes a draft's title (pure)."""

from datetime import date

from app.kernel.clock import DAY
from app.visits.errors import VisitInFuture, VisitTooLongAgo

OLDEST = 366 * DAY  # a year, leap day included
TITLE_LENGTH = 30

# Stands in the draft until the delegate writes a proposal of his own.
PROPOSAL_TO_COME = "（走访时登记，请补充具体建议）"


def check_day(visited_on: date, *, today: date) -> None:
    """Both local days. Raises VisitInFuture, VisitTooLongAgo."""
    if visited_on > today:
        raise VisitInFuture
    if today - visited_on > OLDEST:
        raise VisitTooLongAgo


def title_of(content: str) -> str:
    """The first 30 characters, on one line."""
    return " ".join(content.split())[:TITLE_LENGTH]
