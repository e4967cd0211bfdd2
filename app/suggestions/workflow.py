"""The state table of domain.md 4 (pure). Print it with `python -m app workflow`; the office can correct it.

Before assignment a suggestion has a stage of its own. From 交办 on, acts hang on the assignment, and
the suggestion's state is that of its least advanced answering assignment.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from app.deadlines.lines import Kind
from app.kernel.errors import StepNotAllowed


class State(StrEnum):
    """A suggestion's state, as the contract names it."""

    DRAFT = "draft"  # S0 草稿
    COSIGNING = "cosigning"  # S1 待联名确认
    SUBMITTED = "submitted"  # S2 待审核
    ACCEPTED = "accepted"  # S3 待交办
    ASSIGNED = "assigned"  # S4 已交办
    RETURN_REQUESTED = "return_requested"  # S4r 退办审批
    HANDLING = "handling"  # S5 办理中
    REPLY_DRAFTED = "reply_drafted"  # S6 待签发
    REPLIED = "replied"  # S7 已答复
    REJECTED = "rejected"  # S7u 不满意审查
    CONFERENCE = "conference"  # S7c 会商
    COMMITTED = "committed"  # S8 承诺跟踪
    CLOSED = "closed"  # S9 办结
    ARCHIVED = "archived"  # S10 归档公开
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    MERGED = "merged"


class AssignmentState(StrEnum):
    PENDING = "pending"  # 待签收
    ACCEPTED = "accepted"
    RETURN_REQUESTED = "return_requested"
    RETURNED = "returned"
    HANDLING = "handling"
    REPLY_DRAFTED = "reply_drafted"
    REPLIED = "replied"
    OPINION_GIVEN = "opinion_given"  # a co-unit's opinion to the lead


class Role(StrEnum):
    LEAD = "lead"  # 主办
    CO = "co"  # 会办
    SEPARATE = "separate"  # 分别办理


class Act(StrEnum):
    """Acts of the office, the unit and the delegate, named like their paths."""

    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submission"
    ACCEPT_FOR_HANDLING = "review.accept"
    SEND_BACK = "review.send_back"
    ASSIGN = "assignment"
    ACCEPT = "acceptance"
    CONTACT = "contacts"
    DRAFT_REPLY = "reply-draft"
    RETURN_REPLY = "reply-return"
    ISSUE = "reply"
    EVALUATE = "evaluation"
    FULFIL = "fulfilment"
    CONFIRM_KEPT = "confirmation"
    CLOSE = "closure"
    DELETE = "delete"


S, A = State, AssignmentState

# 建议 before 交办 and after the evaluation.
STEPS: Mapping[tuple[State, Act], State] = {
    (S.DRAFT, Act.EDIT): S.DRAFT,
    (S.DRAFT, Act.SUBMIT): S.SUBMITTED,  # 提交
    (S.SUBMITTED, Act.ACCEPT_FOR_HANDLING): S.ACCEPTED,  # 审核：立案编号
    (S.SUBMITTED, Act.SEND_BACK): S.DRAFT,  # 退回修改
    (S.ACCEPTED, Act.ASSIGN): S.ASSIGNED,  # 交办
    (S.COMMITTED, Act.CLOSE): S.CLOSED,  # 承诺兑现后办结
}

# 承办 after 交办: one row moves one unit's assignment.
ASSIGNMENT_STEPS: Mapping[tuple[AssignmentState, Act], AssignmentState] = {
    (A.PENDING, Act.ACCEPT): A.HANDLING,  # 签收
    (A.HANDLING, Act.CONTACT): A.HANDLING,  # 面商、电话、走访
    (A.HANDLING, Act.DRAFT_REPLY): A.REPLY_DRAFTED,  # 拟稿
    (A.REPLY_DRAFTED, Act.CONTACT): A.REPLY_DRAFTED,
    (A.REPLY_DRAFTED, Act.RETURN_REPLY): A.HANDLING,  # 退回重拟
    (A.REPLY_DRAFTED, Act.ISSUE): A.REPLIED,  # 签发答复
    (A.REPLIED, Act.EVALUATE): A.REPLIED,  # 评价: the suggestion moves on
}

# Which clocks a state opens; "keeps" may go on running if they run already. This is invariant I5.
OPENS: Mapping[State, frozenset[Kind]] = {
    S.SUBMITTED: frozenset({Kind.REVIEW, Kind.ACCEPTANCE_NOTICE}),
    S.ACCEPTED: frozenset({Kind.ASSIGNMENT}),
    S.REJECTED: frozenset({Kind.REJECTION_DECISION}),
}
ASSIGNMENT_OPENS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.PENDING: frozenset({Kind.ACCEPTANCE, Kind.RETURN_WINDOW, Kind.FIRST_CONTACT, Kind.REPLY}),
    A.HANDLING: frozenset({Kind.REPLY}),
    A.REPLY_DRAFTED: frozenset({Kind.REPLY}),
    A.REPLIED: frozenset({Kind.EVALUATION}),
}
ASSIGNMENT_KEEPS: Mapping[AssignmentState, frozenset[Kind]] = {
    A.HANDLING: frozenset({Kind.FIRST_CONTACT, Kind.RETURN_WINDOW}),
    A.REPLY_DRAFTED: frozenset({Kind.FIRST_CONTACT}),
}

# From the least to the most advanced: the suggestion shows the first that applies.
PROGRESS: tuple[tuple[AssignmentState, State], ...] = (
    (A.RETURN_REQUESTED, S.RETURN_REQUESTED),
    (A.PENDING, S.ASSIGNED),
    (A.ACCEPTED, S.HANDLING),
    (A.HANDLING, S.HANDLING),
    (A.REPLY_DRAFTED, S.REPLY_DRAFTED),
    (A.REPLIED, S.REPLIED),
)


# 评价: the mark, and whether a promise is open, decide where a replied suggestion goes.
def after_evaluation(*, satisfied: bool, promises_open: bool) -> State:
    """S7 → S8 or S9 when satisfied or basically so, S7u otherwise."""
    if not satisfied:
        return State.REJECTED
    return State.COMMITTED if promises_open else State.CLOSED


ANSWERING = frozenset({Role.LEAD, Role.SEPARATE})
BEFORE_ASSIGNMENT = frozenset({S.DRAFT, S.COSIGNING, S.SUBMITTED, S.ACCEPTED})
ENDED = frozenset({S.CLOSED, S.ARCHIVED, S.WITHDRAWN, S.TRANSFERRED, S.MERGED})


def advance(state: State, act: Act) -> State:
    """The suggestion's next state, or StepNotAllowed."""
    try:
        return STEPS[state, act]
    except KeyError:
        raise StepNotAllowed(state, act, allowed(state)) from None


def advance_assignment(state: AssignmentState, act: Act) -> AssignmentState:
    """The assignment's next state, or StepNotAllowed."""
    try:
        return ASSIGNMENT_STEPS[state, act]
    except KeyError:
        raise StepNotAllowed(state, act, allowed_on_assignment(state)) from None


def allowed(state: State) -> list[str]:
    return [act for (left, act) in STEPS if left is state]


def allowed_on_assignment(state: AssignmentState) -> list[str]:
    return [act for (left, act) in ASSIGNMENT_STEPS if left is state]


def derive(assignments: Iterable[tuple[Role, AssignmentState]]) -> State:
    """The state of a suggestion whose assignments stand like this: the least advanced answers."""
    standing = {state for role, state in assignments if role in ANSWERING}
    for state, shown in PROGRESS:
        if state in standing:
            return shown
    return State.ACCEPTED  # all returned: it waits to be assigned anew


def printed() -> str:
    """The whole table as text, for the office to read and correct."""
    lines = ["建议  状态 + 动作 → 状态"]
    lines += [f"  {left} + {act} → {entered}" for (left, act), entered in STEPS.items()]
    lines += ["", "承办  状态 + 动作 → 状态"]
    lines += [f"  {left} + {act} → {entered}" for (left, act), entered in ASSIGNMENT_STEPS.items()]
    lines += ["", "每个状态的时限"]
    for opens in (OPENS, ASSIGNMENT_OPENS):
        lines += [f"  {state}: {'、'.join(sorted(kinds))}" for state, kinds in opens.items()]
    return "\n".join(lines)
