"""What a failed send means for the message, the person and the channel. Pure."""

from datetime import datetime

from app.adapters.delivery import (
    MINUTE,
    Outcome,
    Rejected,
    Retry,
    Stands,
    after_silence,
    seconds_to_midnight,
)
from app.adapters.wechat.errors import Kind, WeChatError

SEND = "/cgi-bin/message/subscribe/send"

NOT_SUBSCRIBED = 43101
SAME_PERSON_AT_ONCE = 43108

REASONS: dict[int, tuple[str, Stands]] = {
    40003: ("openid-unknown", Stands.PERSON),
    40037: ("template-unknown", Stands.CHANNEL),
    NOT_SUBSCRIBED: ("not-subscribed", Stands.PERSON),
    43107: ("banned", Stands.CHANNEL),
    45168: ("sensitive-word", Stands.MESSAGE),
    47003: ("value-refused", Stands.MESSAGE),
}
STANDS = {
    Kind.CONFIG: Stands.CHANNEL,
    Kind.TEMPLATE: Stands.MESSAGE,
    Kind.USER_FINAL: Stands.PERSON,
}


def outcome_of(error: WeChatError, *, now: datetime) -> Outcome:
    """`now`: machine time; a daily quota returns at midnight in Beijing."""
    match error.kind:
        case Kind.BUSY:
            return _after_silence(error)
        case Kind.TOKEN:
            return Retry(MINUTE, "token-refused")
        case Kind.RATE_SHORT:
            return Retry(1 if error.errcode == SAME_PERSON_AT_ONCE else MINUTE, "rate")
        case Kind.RATE_DAY:
            return Retry(seconds_to_midnight(now), "daily-quota")
    reason, stands = REASONS.get(error.errcode, ("refused", STANDS[error.kind]))
    return Rejected(reason, stands, str(error))


def _after_silence(error: WeChatError) -> Outcome:
    """Only a send that may have arrived is in doubt; failing to get a token is not."""
    return after_silence(error.errmsg, arrived=error.path == SEND and error.arrived)
