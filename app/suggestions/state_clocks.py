"""Which clocks each state opens, and which may go on running in it (pure): invariant I5."""

from collections.abc import Mapping

from app.deadlines.lines import Kind
from app.suggestions.states import AssignmentState, Role, State

S, A, K = State, AssignmentState, Kind

OPENS: Mapping[State, frozenset[Kind]] = {
    S.SUBMITTED: frozenset({K.REVIEW, K.ACCEPTANCE_NOTICE, K.WITHDRAWAL_WINDOW}),
    S.ACCEPTED: frozenset({K.ASSIGNMENT}),
}
KEEPS: Mapping[State, frozenset[Kind]] = {S.ACCEPTED: frozenset({K.WITHDRAWAL_WINDOW})}

MAIN = K.REPLY  # in the first round; re-handled and reopened matters answer on REHANDLING_REPLY
AT_ASSIGNMENT = frozenset({K.RETURN_WINDOW, K.FIRST_CONTACT})  # opened once, with the assignment
ANSWERING_OPENS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.PENDING: frozenset({K.ACCEPTANCE, MAIN}),
    A.RETURN_REQUESTED: frozenset({K.RETURN_DECISION, MAIN}),
    A.HANDLING: frozenset({MAIN}),
    A.REPLY_DRAFTED: frozenset({MAIN}),
    A.REPLIED: frozenset({K.EVALUATION}),
    A.REJECTED: frozenset({K.REJECTION_DECISION}),
    A.CONFERENCE: frozenset({K.CONFERENCE}),
}
ANSWERING_KEEPS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.PENDING: AT_ASSIGNMENT,
    A.RETURN_REQUESTED: frozenset({K.FIRST_CONTACT}),
    A.HANDLING: AT_ASSIGNMENT,
    A.REPLY_DRAFTED: frozenset({K.FIRST_CONTACT}),
}
CO_OPENS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.PENDING: frozenset({K.ACCEPTANCE, K.CO_OPINION}),
    A.RETURN_REQUESTED: frozenset({K.RETURN_DECISION, K.CO_OPINION}),
    A.ACCEPTED: frozenset({K.CO_OPINION}),
}
CO_KEEPS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.PENDING: frozenset({K.RETURN_WINDOW}),
    A.ACCEPTED: frozenset({K.RETURN_WINDOW}),
}


def opens(role: Role, state: AssignmentState, round: int) -> frozenset[Kind]:
    """The clocks an assignment's state opens; from round 2 on the re-handling clock is the main one."""
    kinds = (CO_OPENS if role is Role.CO else ANSWERING_OPENS).get(state, frozenset())
    if round > 1 and MAIN in kinds:
        return kinds - {MAIN} | {K.REHANDLING_REPLY}
    return kinds


def keeps(role: Role, state: AssignmentState) -> frozenset[Kind]:
    return (CO_KEEPS if role is Role.CO else ANSWERING_KEEPS).get(state, frozenset())


def at_assignment(role: Role) -> frozenset[Kind]:
    """Opened once with the assignment, whatever its first state goes on to open."""
    return frozenset({K.RETURN_WINDOW}) if role is Role.CO else AT_ASSIGNMENT
