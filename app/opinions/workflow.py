"""What may become of a resident's opinion (pure): domain.md 3 as a table, with the clocks of each state."""

from collections.abc import Mapping
from enum import StrEnum

from app.deadlines.lines import Kind
from app.kernel.errors import StepNotAllowed


class State(StrEnum):
    RECEIVED = "received"
    REFERRED = "referred"  # 微实事 with a unit
    HANDLING = "handling"
    AWAITING_RESIDENT = "awaiting_resident"  # 已回问，等群众补充
    ADOPTED = "adopted"  # 转为代表建议
    TRANSFERRED = "transferred"
    MERGED = "merged"
    ANSWERED = "answered"
    TOLD = "told"
    CLOSED = "closed"
    REOPENED = "reopened"


class Act(StrEnum):
    RECEIVE = "receive"
    RECOMMEND = "recommendation"
    ASK = "message"  # the office asks back
    SUPPLEMENT = "supplement"  # the resident adds or answers
    ANSWER = "answer"
    ADOPT = "adoption"
    RELEASE = "release"  # the adopted draft was thrown away
    RESULT = "result"  # the adopted suggestion, or the opinion it was merged into, brought one
    OUTSIDE_RESULT = "partner_result"  # a partner system brought one, as 12345 does
    REFER = "referral"  # 交办微实事
    TAKE_UP = "referral_acceptance"  # 签收
    HAND_BACK = "referral_return"  # 退回
    ASK_TIME = "extension_request"  # 申请延期
    GIVE_TIME = "extension_decision"
    REPLY = "referral_reply"  # the unit's answer
    MERGE = "merge"  # 并案
    PUBLISH = "publication"  # 公开
    WITHDRAW_PUBLICATION = "publication_withdrawal"
    CONFIRM_KEPT = "commitment_confirmation"  # the resident's word on a promise
    TRANSFER = "transfer"
    TELL = "told"
    RATE = "rating"
    CLOSE = "closure"
    REOPEN = "reopening"


S = State
OPEN = (S.RECEIVED, S.REOPENED)

STEPS: Mapping[tuple[State, Act], State] = {
    **{(state, Act.RECOMMEND): state for state in OPEN},
    **{(state, Act.ASK): S.AWAITING_RESIDENT for state in OPEN},
    **{(state, Act.SUPPLEMENT): state for state in OPEN},
    **{(state, Act.ANSWER): S.ANSWERED for state in OPEN},
    **{(state, Act.ADOPT): S.ADOPTED for state in OPEN},
    **{(state, Act.TRANSFER): S.TRANSFERRED for state in OPEN},
    **{(state, Act.OUTSIDE_RESULT): S.ANSWERED for state in (*OPEN, S.AWAITING_RESIDENT)},
    **{(state, Act.REFER): S.REFERRED for state in (*OPEN, S.AWAITING_RESIDENT)},
    **{(state, Act.MERGE): S.MERGED for state in (*OPEN, S.AWAITING_RESIDENT)},
    (S.REFERRED, Act.TAKE_UP): S.HANDLING,
    (S.REFERRED, Act.HAND_BACK): S.RECEIVED,
    (S.REFERRED, Act.SUPPLEMENT): S.REFERRED,
    (S.HANDLING, Act.ASK_TIME): S.HANDLING,
    (S.HANDLING, Act.GIVE_TIME): S.HANDLING,
    (S.HANDLING, Act.REPLY): S.ANSWERED,
    (S.HANDLING, Act.SUPPLEMENT): S.HANDLING,
    **{
        (state, act): state
        for state in (S.ANSWERED, S.TOLD, S.CLOSED)
        for act in (Act.PUBLISH, Act.WITHDRAW_PUBLICATION, Act.CONFIRM_KEPT)
    },
    (S.MERGED, Act.SUPPLEMENT): S.MERGED,
    (S.MERGED, Act.RESULT): S.ANSWERED,
    (S.TRANSFERRED, Act.OUTSIDE_RESULT): S.ANSWERED,
    (S.AWAITING_RESIDENT, Act.ASK): S.AWAITING_RESIDENT,
    (S.AWAITING_RESIDENT, Act.SUPPLEMENT): S.RECEIVED,
    (S.AWAITING_RESIDENT, Act.ANSWER): S.ANSWERED,
    (S.AWAITING_RESIDENT, Act.ADOPT): S.ADOPTED,
    (S.AWAITING_RESIDENT, Act.TRANSFER): S.TRANSFERRED,
    (S.ADOPTED, Act.SUPPLEMENT): S.ADOPTED,
    (S.ADOPTED, Act.RELEASE): S.RECEIVED,
    (S.ADOPTED, Act.RESULT): S.ANSWERED,
    (S.ANSWERED, Act.TELL): S.TOLD,
    (S.ANSWERED, Act.RATE): S.CLOSED,
    (S.ANSWERED, Act.CLOSE): S.CLOSED,
    (S.TRANSFERRED, Act.TELL): S.TOLD,
    (S.TOLD, Act.RATE): S.CLOSED,
    (S.TOLD, Act.CLOSE): S.CLOSED,
    (S.TOLD, Act.REOPEN): S.REOPENED,
    (S.TOLD, Act.OUTSIDE_RESULT): S.ANSWERED,  # told of the moving out; now of what came of it
    (S.CLOSED, Act.REOPEN): S.REOPENED,
    (S.CLOSED, Act.RATE): S.CLOSED,
    (S.CLOSED, Act.OUTSIDE_RESULT): S.ANSWERED,
}

# Invariant I5: a state has exactly these clocks. Waiting for the resident stops no clock of the office.
OPENS: Mapping[State, frozenset[Kind]] = {
    S.RECEIVED: frozenset({Kind.TRIAGE}),
    S.REOPENED: frozenset({Kind.TRIAGE}),
    S.AWAITING_RESIDENT: frozenset({Kind.TRIAGE}),
    S.REFERRED: frozenset({Kind.MICRO_MATTER, Kind.MICRO_RETURN}),
    S.HANDLING: frozenset({Kind.MICRO_MATTER}),  # whoever signed for it no longer hands it back
    S.ANSWERED: frozenset({Kind.TOLD_BACK}),
    S.TRANSFERRED: frozenset({Kind.TOLD_BACK}),
}


def advance(state: State, act: Act) -> State:
    """The next state, or StepNotAllowed."""
    try:
        return STEPS[state, act]
    except KeyError:
        raise StepNotAllowed(state, act, allowed(state)) from None


def allowed(state: State) -> list[str]:
    return [act for (left, act) in STEPS if left is state]
