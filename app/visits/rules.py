"""Which days a visit may have been on, and how an issue becomes a draft's title (pure)."""

from datetime import date

from app.kernel.clock import DAY
from app.visits.errors import VisitInFuture, VisitTooLongAgo

OLDEST = 366 * DAY  # a year, leap day included
TITLE_LENGTH = 30

# The delegate writes a proposal of his own before he hands the draft in: nothing stands in for it.
PROPOSAL_TO_COME = ""


def check_day(visited_on: date, *, today: date) -> None:
    """Both local days. Raises VisitInFuture, VisitTooLongAgo."""
    if visited_on > today:
        raise VisitInFuture
    if today - visited_on > OLDEST:
        raise VisitTooLongAgo


def title_of(content: str) -> str:
    """The first 30 characters, on one line."""
    return " ".join(content.split())[:TITLE_LENGTH]
