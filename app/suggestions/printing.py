"""The workflow table as Markdown, for the office to read and correct (pure)."""

from collections.abc import Iterable, Iterator

from app.suggestions.state_clocks import (
    ANSWERING_KEEPS,
    ANSWERING_OPENS,
    AT_ASSIGNMENT,
    CO_KEEPS,
    CO_OPENS,
    KEEPS,
    OPENS,
)
from app.suggestions.states import AssignmentState, State
from app.suggestions.workflow import ANSWERING_EDGES, CO_EDGES, SUGGESTION_EDGES, Edge

STATES = {
    State.DRAFT: "草稿",
    State.COSIGNING: "待联名确认",
    State.SUBMITTED: "待审核",
    State.ACCEPTED: "待交办",
    State.ASSIGNED: "已交办",
    State.RETURN_REQUESTED: "退办审批",
    State.HANDLING: "办理中",
    State.REPLY_DRAFTED: "待签发",
    State.REPLIED: "已答复",
    State.REJECTED: "不满意审查",
    State.CONFERENCE: "会商",
    State.COMMITTED: "承诺跟踪",
    State.CLOSED: "办结",
    State.ARCHIVED: "归档公开",
    State.WITHDRAWN: "已撤回",
    State.TRANSFERRED: "已转出",
    State.MERGED: "已并案",
}
ASSIGNMENT_STATES = {
    AssignmentState.PENDING: "待签收",
    AssignmentState.ACCEPTED: "会办已签收",
    AssignmentState.RETURN_REQUESTED: "退办审批",
    AssignmentState.RETURNED: "已退办",
    AssignmentState.HANDLING: "办理中",
    AssignmentState.REPLY_DRAFTED: "待签发",
    AssignmentState.REPLIED: "已答复",
    AssignmentState.REJECTED: "不满意审查",
    AssignmentState.CONFERENCE: "会商",
    AssignmentState.COMMITTED: "承诺跟踪",
    AssignmentState.SETTLED: "评价了结",
    AssignmentState.OPINION_GIVEN: "会办意见已出",
    AssignmentState.ENDED: "随建议终止",
}
BY = {"congress": "人大", "delegate": "代表", "government": "承办方", "system": "到时自动"}
HEAD = "| 状态 | 动作 | 谁 | 到 | 审签 | 条件 |\n|---|---|---|---|---|---|"


def printed() -> str:
    """The whole table; ends with a newline."""
    return "\n".join(
        (
            "## 建议",
            HEAD,
            *map(_row, SUGGESTION_EDGES),
            "\n## 承办：主办和分别办理",
            HEAD,
            *map(_row, ANSWERING_EDGES),
            "\n## 承办：会办",
            HEAD,
            *map(_row, CO_EDGES),
            "\n## 每个状态开出的时限",
            "| 状态 | 开出 | 可继续 |\n|---|---|---|",
            *_clocks(),
            f"\n交办时一并开出一次：{_kinds(AT_ASSIGNMENT)}。"
            "第二轮起 `reply` 由 `rehandling_reply` 代替；延期申请开出 `extension_decision`，"
            "每项承诺自答复签发起开出 `commitment`。",
            "",
        )
    )


def _row(edge: Edge) -> str:
    left = "、".join(f"`{state}`" for state in edge.left)
    entered = " 或 ".join(f"`{state}`" for state in edge.entered) or "不变"
    signed = "主席审签" if edge.signed else ""
    return f"| {left} | `{edge.act}` | {BY[edge.by]} | {entered} | {signed} | {edge.guard} |"


def _clocks() -> Iterator[str]:
    for before, kinds in OPENS.items():
        yield _clock_row("建议", before, STATES[before], kinds, KEEPS.get(before, ()))
    for title, opens, keeps in (
        ("主办、分别办理", ANSWERING_OPENS, ANSWERING_KEEPS),
        ("会办", CO_OPENS, CO_KEEPS),
    ):
        for state, kinds in opens.items():
            yield _clock_row(title, state, ASSIGNMENT_STATES[state], kinds, keeps.get(state, ()))


def _clock_row(title: str, state: str, name: str, kinds: Iterable[str], kept: Iterable[str]) -> str:
    return f"| {title} `{state}` {name} | {_kinds(kinds)} | {_kinds(kept)} |"


def _kinds(kinds: Iterable[str]) -> str:
    return "、".join(f"`{kind}`" for kind in sorted(kinds))
