"""Was the delegate at the station? Verdicts without surveillance; pure.

A coordinate goes in and is forgotten: what comes out, and may be kept, is a verdict and a
distance, never a place, and so never a track (国办函〔2026〕12号). A verdict informs the keeper,
who may confirm or correct it; none of them refuses a check-in (签到).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.errors import Invalid
from app.kernel.geo import Coordinate, metres_between

USUAL_RADIUS = 200  # metres; a station may set another
MOST_ALLOWANCE = 100  # metres: the most that a phone's stated inaccuracy may bring it nearer
TOO_VAGUE = 200  # metres: beyond it the position proves nothing, as often indoors

CODE_STEP = timedelta(seconds=15)
CODE_LENGTH = 10  # characters of base32: 50 bits

CLOCK_SKEW = timedelta(minutes=2)
LATE_AFTER = timedelta(days=7)


class Verdict(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Presence:
    """`distance`: whole metres to the station; None where one of the two places is not known."""

    verdict: Verdict
    distance: int | None


@dataclass(frozen=True)
class Occurrence:
    """When it happened by the phone's clock and when it reached us: both are kept."""

    occurred_at: datetime
    received_at: datetime
    late: bool


class OccurredInFuture(Invalid):
    code = "occurred-in-future"


def presence(
    station: Coordinate | None, phone: Coordinate | None, *, radius: float = USUAL_RADIUS
) -> Presence:
    """Whether the phone is within `radius` metres of the station, whatever frames they speak.

    The phone's stated accuracy counts in its favour, up to 100 m. Without an accuracy, or with one
    over 200 m, the answer is unknown.
    """
    if station is None or phone is None:
        return Presence(Verdict.UNKNOWN, None)
    metres = metres_between(station, phone)
    return Presence(_verdict(metres, phone.accuracy, radius), round(metres))


def _verdict(metres: float, accuracy: float | None, radius: float) -> Verdict:
    if accuracy is None or accuracy > TOO_VAGUE:
        return Verdict.UNKNOWN
    nearest = max(0.0, metres - min(accuracy, MOST_ALLOWANCE))
    return Verdict.INSIDE if nearest <= radius else Verdict.OUTSIDE


def rotating_code(
    secret: bytes, place: str, *, at: datetime, step: timedelta = CODE_STEP, steps_ago: int = 0
) -> str:
    """The code that the station's screen shows at an instant (machine time), or showed before.

    Raises ValueError without a secret: its codes could be computed by anyone.
    """
    if not secret:
        raise ValueError("a rotating code needs a secret")
    window = int(at.timestamp() // step.total_seconds()) - steps_ago
    digest = hmac.digest(secret, f"{place}:{window}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:CODE_LENGTH].decode()


def check_code(
    secret: bytes,
    place: str,
    code: str,
    *,
    at: datetime,
    step: timedelta = CODE_STEP,
    window: int = 1,
) -> bool:
    """Whether the screen shows this code at `at`, or showed it in the last `window` steps.

    Codes of the future are never accepted. Compared in constant time; upper or lower case, since
    people also type what they see.
    """
    given = code.strip().upper().encode(errors="replace")
    shown = (
        rotating_code(secret, place, at=at, step=step, steps_ago=steps_ago).encode()
        for steps_ago in range(window + 1)
    )
    return any([hmac.compare_digest(given, each) for each in shown])  # a list: tries all of them


def occurrence(occurred_at: datetime | None, *, now: datetime) -> Occurrence:
    """What the phone's time is worth; without one, now. Both aware, `now` is business time.

    Being offline for days is normal: a report older than 7 days is flagged late, not refused.
    Raises OccurredInFuture beyond the 2 minutes by which phones' clocks may differ.
    """
    happened = occurred_at or now
    if happened - now > CLOCK_SKEW:
        raise OccurredInFuture("填报的时间晚于现在，请校准手机时间后再提交", field="occurred_at")
    return Occurrence(happened, received_at=now, late=now - happened > LATE_AFTER)
