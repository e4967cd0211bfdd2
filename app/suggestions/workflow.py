"""The state table of domain.md 4 (pure). Print it with `python -m app workflow`; the office can correct it.

Before 交办 a suggestion has a stage of its own. From then on acts hang on the assignment: what the unit
does (its half), then what delegate and congress make of the reply (the other half, hidden from the
unit). The suggestion's state is that of its least advanced answering assignment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.accounts.permissions import Side
from app.kernel.errors import StepNotAllowed
from app.suggestions.states import Act, AssignmentState, Role, State

S, A = State, AssignmentState
CONGRESS, DELEGATE, UNIT, TIME = "congress", "delegate", "government", "system"


@dataclass(frozen=True)
class Edge:
    """One way on: from where, by which act of whom, to where. `guard`: what must hold, in Chinese.

    `entered` is a tuple where a rule beside the table chooses. `signed`: 代表法 §51 gives the act to
    the presidium, so it needs the chair's signature or a standing authorisation.
    """

    left: tuple[str, ...]
    act: Act
    entered: tuple[str, ...]
    by: str
    guard: str = ""
    signed: bool = False


RUNNING = (S.ASSIGNED, S.RETURN_REQUESTED, S.HANDLING, S.REPLY_DRAFTED, S.REPLIED)
JUDGED = (S.REJECTED, S.CONFERENCE, S.COMMITTED)
AFTER_REVIEW = (S.ACCEPTED, *RUNNING, *JUDGED)
# The same acts in each of them: what the unit may do must not tell it how its reply was judged.
ANSWERED = (A.REPLIED, A.REJECTED, A.CONFERENCE, A.COMMITTED, A.SETTLED)
PROMISING = ANSWERED[:-1]  # a settled reply has no promise left to confirm
STAYS: tuple[str, ...] = ()  # an act that leaves the state as it is

# 建议本身
SUGGESTION_EDGES: tuple[Edge, ...] = (
    Edge((S.DRAFT,), Act.EDIT, STAYS, DELEGATE),
    Edge((S.DRAFT,), Act.DELETE, STAYS, DELEGATE, "从未提交过"),
    Edge((S.DRAFT,), Act.SUBMIT, (S.COSIGNING, S.SUBMITTED), DELEGATE, "有联名人的先待其确认"),
    Edge((S.COSIGNING,), Act.COSIGN, STAYS, DELEGATE, "本人是联名人且尚未表态"),
    Edge((S.DRAFT, S.COSIGNING), Act.REMOVE_COSIGNER, STAYS, DELEGATE, "领衔代表"),
    Edge((S.COSIGNING,), Act.COSIGNED, (S.SUBMITTED,), DELEGATE, "联名人都已表态"),
    Edge((S.SUBMITTED, *AFTER_REVIEW), Act.SECOND, STAYS, DELEGATE, "同一届人大的代表"),
    Edge((S.SUBMITTED,), Act.ACCEPT_FOR_HANDLING, (S.ACCEPTED,), CONGRESS, "立案编号"),
    Edge((S.SUBMITTED,), Act.SEND_BACK, (S.DRAFT,), CONGRESS, "写明理由类别", signed=True),
    Edge((S.SUBMITTED,), Act.TRANSFER, (S.TRANSFERRED,), CONGRESS, "写明去向和理由", signed=True),
    Edge((S.SUBMITTED,), Act.MERGE, (S.MERGED,), CONGRESS, "并入同一受理机关未办结的建议", signed=True),
    Edge((S.MERGED,), Act.UNMERGE, (S.SUBMITTED,), CONGRESS, "写明理由"),
    Edge((S.ACCEPTED,), Act.ELEVATE, STAYS, CONGRESS, "写明理由", signed=True),
    Edge((S.ACCEPTED,), Act.ASSIGN, (S.ASSIGNED,), CONGRESS, "主办单位可独立答复", signed=True),
    Edge(RUNNING, Act.ADD_UNITS, STAYS, CONGRESS, "退办后补交会办或分别办理单位", signed=True),
    Edge(AFTER_REVIEW[1:], Act.SUPERVISE, STAYS, CONGRESS),
    Edge((*AFTER_REVIEW[1:], S.CLOSED), Act.FEEDBACK, STAYS, UNIT),
    Edge(AFTER_REVIEW, Act.DESIGNATE_KEY, STAYS, CONGRESS, "人大主席"),
    Edge((S.SUBMITTED, *AFTER_REVIEW), Act.SUCCEED_LEAD, STAYS, CONGRESS, "由已确认的联名人接任"),
    Edge(
        (S.COSIGNING, S.SUBMITTED, S.ACCEPTED, *RUNNING),
        Act.ASK_WITHDRAWAL,
        STAYS,
        DELEGATE,
        "领衔代表；规则包准许的环节",
    ),
    Edge((S.COSIGNING, S.SUBMITTED, S.ACCEPTED, *RUNNING), Act.CONSENT_WITHDRAWAL, STAYS, DELEGATE),
    Edge(RUNNING, Act.TALK_OF_WITHDRAWAL, STAYS, CONGRESS, "交办后须先与代表单独谈话"),
    Edge(
        (S.COSIGNING, S.SUBMITTED, S.ACCEPTED, *RUNNING),
        Act.WITHDRAW,
        (S.WITHDRAWN,),
        DELEGATE,
        "联名人全部同意；交办后已谈话",
    ),
    Edge((S.COMMITTED,), Act.CLOSE, (S.CLOSED,), CONGRESS, "承诺均已兑现、再次答复，背后的群众已告知"),
    Edge((S.CLOSED,), Act.REOPEN, (S.HANDLING,), CONGRESS, "有新的事实"),
    Edge((S.CLOSED,), Act.PREPARE_PUBLICATION, STAYS, CONGRESS, "背后的群众已告知"),
    Edge((S.CLOSED,), Act.APPROVE_PUBLICATION, (S.ARCHIVED,), CONGRESS, "由另一人复核"),
)

# 主办、分别办理单位的承办
ANSWERING_EDGES: tuple[Edge, ...] = (
    Edge((A.PENDING,), Act.DISPATCH, (A.PENDING,), UNIT, "政府办；办理时限不变"),
    Edge((A.PENDING,), Act.ACCEPT, (A.HANDLING,), UNIT),
    Edge((A.PENDING, A.HANDLING), Act.REQUEST_RETURN, (A.RETURN_REQUESTED,), UNIT, "退办期内，限一次"),
    Edge((A.RETURN_REQUESTED,), Act.AGREE_RETURN, (A.RETURNED,), CONGRESS, signed=True),
    Edge((A.RETURN_REQUESTED,), Act.REFUSE_RETURN, (A.PENDING,), CONGRESS, signed=True),
    Edge((A.HANDLING,), Act.CONTACT, (A.HANDLING,), UNIT),
    Edge((A.REPLY_DRAFTED,), Act.CONTACT, (A.REPLY_DRAFTED,), UNIT),
    Edge((A.HANDLING, A.REPLY_DRAFTED), Act.REQUEST_EXTENSION, STAYS, UNIT, "在原期限内，且未复杂立项"),
    Edge((A.HANDLING, A.REPLY_DRAFTED), Act.DECIDE_EXTENSION, STAYS, CONGRESS, "在原期限内决定", signed=True),
    Edge((A.HANDLING,), Act.DRAFT_REPLY, (A.REPLY_DRAFTED,), UNIT, "逐条答复；列入计划的须有承诺"),
    Edge((A.REPLY_DRAFTED,), Act.RETURN_REPLY, (A.HANDLING,), UNIT, "单位负责人"),
    Edge((A.REPLY_DRAFTED,), Act.ISSUE, (A.REPLIED,), UNIT, "单位负责人；已与代表联系且未被否认"),
    Edge(
        (A.REPLIED,),
        Act.EVALUATE,
        (A.SETTLED, A.COMMITTED, A.REJECTED),
        DELEGATE,
        "领衔代表；不满意须写明理由",
    ),
    Edge((A.REPLIED,), Act.REMIND, (A.REPLIED,), TIME, "评价期满"),
    Edge((A.REPLIED,), Act.LAPSE, (A.SETTLED, A.COMMITTED), TIME, "提醒后仍未评价：不计入满意度"),
    Edge((A.REJECTED,), Act.REHANDLE, (A.HANDLING,), CONGRESS, "第一次不满意", signed=True),
    Edge(
        (A.REJECTED,),
        Act.STAND,
        (A.SETTLED, A.COMMITTED),
        CONGRESS,
        "规则包载明条款，或代表书面同意",
        signed=True,
    ),
    Edge((A.REJECTED,), Act.CALL_CONFERENCE, (A.CONFERENCE,), CONGRESS, signed=True),
    Edge((A.CONFERENCE,), Act.NEW_PLAN, (A.HANDLING,), CONGRESS, "有新的期限"),
    Edge((A.CONFERENCE,), Act.CONFERENCE_CLOSED, (A.SETTLED, A.COMMITTED), CONGRESS, "有会商纪要"),
    Edge(ANSWERED, Act.FULFIL, STAYS, UNIT, "承诺未兑现；附依据"),
    Edge(ANSWERED, Act.SLIP, STAYS, UNIT, "新日期晚于原日期；写明原因"),
    Edge(PROMISING, Act.CONFIRM_KEPT, STAYS, DELEGATE, "单位已报告兑现"),
    Edge(PROMISING, Act.CLEAR, STAYS, CONGRESS, "单位已报告；代表经提醒未表态，人大现场核实"),
    Edge(ANSWERED, Act.FURTHER_REPLY, STAYS, UNIT, "再次答复，送每位联名人"),
    Edge((A.COMMITTED,), Act.CLOSE, (A.SETTLED,), CONGRESS),
    Edge((A.SETTLED,), Act.REOPEN, (A.HANDLING,), CONGRESS),
)

# 会办单位: answers the lead unit
CO_EDGES: tuple[Edge, ...] = (
    Edge((A.PENDING,), Act.ACCEPT, (A.ACCEPTED,), UNIT),
    Edge((A.PENDING, A.ACCEPTED), Act.REQUEST_RETURN, (A.RETURN_REQUESTED,), UNIT, "退办期内，限一次"),
    Edge((A.RETURN_REQUESTED,), Act.AGREE_RETURN, (A.RETURNED,), CONGRESS, signed=True),
    Edge((A.RETURN_REQUESTED,), Act.REFUSE_RETURN, (A.PENDING,), CONGRESS, signed=True),
    Edge((A.ACCEPTED,), Act.CO_OPINION, (A.OPINION_GIVEN,), UNIT),
    Edge((A.OPINION_GIVEN,), Act.ACCEPT_CO_OPINION, (A.OPINION_GIVEN,), UNIT, "主办单位"),
    Edge((A.OPINION_GIVEN,), Act.REDO_CO_OPINION, (A.ACCEPTED,), UNIT, "主办单位，限一次"),
)

# What a unit may not learn: that, how, and with what result its reply was judged (domain.md 4).
HIDDEN_FROM_UNITS = frozenset(
    {
        Act.EVALUATE,
        Act.REMIND,
        Act.LAPSE,
        Act.STAND,
        Act.CALL_CONFERENCE,
        Act.CONFERENCE_CLOSED,
        Act.CLOSE,
        Act.PREPARE_PUBLICATION,
        Act.ASK_WITHDRAWAL,
        Act.CONSENT_WITHDRAWAL,
        Act.TALK_OF_WITHDRAWAL,
    }
)

# From the least to the most advanced: the suggestion shows the first that applies.
PROGRESS: tuple[tuple[AssignmentState, State], ...] = (
    (A.RETURN_REQUESTED, S.RETURN_REQUESTED),
    (A.PENDING, S.ASSIGNED),
    (A.HANDLING, S.HANDLING),
    (A.REPLY_DRAFTED, S.REPLY_DRAFTED),
    (A.REJECTED, S.REJECTED),
    (A.CONFERENCE, S.CONFERENCE),
    (A.REPLIED, S.REPLIED),
    (A.COMMITTED, S.COMMITTED),
    (A.SETTLED, S.CLOSED),
)

ANSWERING = frozenset({Role.LEAD, Role.SEPARATE})
BEFORE_ASSIGNMENT = frozenset({S.DRAFT, S.COSIGNING, S.SUBMITTED, S.ACCEPTED})
ENDED = frozenset({S.CLOSED, S.ARCHIVED, S.WITHDRAWN, S.TRANSFERRED, S.MERGED})
GONE = frozenset({A.RETURNED, A.ENDED})  # the unit owes nothing any more
# What becomes of a reply is the congress's and the delegate's: outside it all reads `replied`.
JUDGING = frozenset(ANSWERED)


def _table(edges: Iterable[Edge]) -> dict[tuple[str, str], Edge]:
    return {(left, edge.act): edge for edge in edges for left in edge.left}


SUGGESTION_TABLE = _table(SUGGESTION_EDGES)
ANSWERING_TABLE = _table(ANSWERING_EDGES)
CO_TABLE = _table(CO_EDGES)


def table_of(role: Role) -> Mapping[tuple[str, str], Edge]:
    return CO_TABLE if role is Role.CO else ANSWERING_TABLE


def advance(state: State, act: Act, *, to: State | None = None) -> State:
    """The suggestion's next state, or StepNotAllowed. `to` chooses where the table leaves a choice."""
    edge = SUGGESTION_TABLE.get((state, act))
    if edge is None:
        raise StepNotAllowed(state, act, allowed(state))
    return State(_entered(edge, state, to))


def advance_assignment(
    role: Role, state: AssignmentState, act: Act, *, to: AssignmentState | None = None
) -> AssignmentState:
    """The assignment's next state, or StepNotAllowed."""
    edge = table_of(role).get((state, act))
    if edge is None:
        raise StepNotAllowed(shown_outside(state), act, allowed_on_assignment(role, state))
    return AssignmentState(_entered(edge, state, to))


def _entered(edge: Edge, state: str, to: str | None) -> str:
    if not edge.entered:
        return state
    if to is not None and to not in edge.entered:
        raise ValueError(f"{edge.act} does not lead to {to}")
    return to or edge.entered[0]


def allowed(state: State, side: Side | None = None) -> list[str]:
    """Acts on the suggestion itself in this state, of one side or of all."""
    return _acts(SUGGESTION_TABLE, state, side)


def allowed_on_assignment(role: Role, state: AssignmentState, side: Side | None = None) -> list[str]:
    return _acts(table_of(role), state, side)


def _acts(table: Mapping[tuple[str, str], Edge], state: str, side: Side | None) -> list[str]:
    of = {edge.act for (left, _), edge in table.items() if left == state and side in (None, edge.by)}
    return sorted({act.partition(".")[0] for act in of})


def after_judgement(*, satisfied: bool, promises_open: bool) -> AssignmentState:
    """S7 → S8 or S9 when satisfied, basically so, or silent; S7u otherwise."""
    if not satisfied:
        return A.REJECTED
    return A.COMMITTED if promises_open else A.SETTLED


def derive(assignments: Iterable[tuple[Role, AssignmentState]]) -> State:
    """The state of a suggestion whose assignments stand like this: the least advanced answers."""
    standing = {state for role, state in assignments if role in ANSWERING}
    for state, shown in PROGRESS:
        if state in standing:
            return shown
    return State.ACCEPTED  # all returned: it waits to be assigned anew


def shown_outside(state: AssignmentState) -> AssignmentState:
    """An assignment's state as everybody but the congress's own rules may read it."""
    return A.REPLIED if state in JUDGING else state
