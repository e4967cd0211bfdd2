"""When a reception day counts as announced in time, and until when a record may be disputed; pure."""

from datetime import datetime, timedelta

from app.kernel.clock import DAY, end_of_day, local_date

PUBLISHED_BEFORE = 3 * DAY  # a rota is published at least 3 days before (domain.md 2, 接待日)
LONGEST_SHIFT = DAY
DISPUTE_WITHIN = 7 * DAY  # domain.md 6
RECENT = timedelta(days=366)  # what is older was dated by a wrong clock


def published_late(starts_at: datetime, published_at: datetime | None) -> bool:
    """Counted in local days: a shift on the 28th must be published on the 25th at the latest."""
    if published_at is None:
        return False
    return local_date(starts_at) - local_date(published_at) < PUBLISHED_BEFORE


def dispute_ends(received_at: datetime) -> datetime:
    """The exclusive end: midnight after the 7th local day that follows the record's."""
    return end_of_day(local_date(received_at) + DISPUTE_WITHIN)


def may_check_out(occurred_at: datetime, now: datetime) -> bool:
    """On the local day of the presence or the next one; whoever forgot for longer need not any more."""
    return local_date(now) - local_date(occurred_at) <= DAY


def forward(starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a shift ends after it begins, and within a day."""
    return starts_at < ends_at <= starts_at + LONGEST_SHIFT
