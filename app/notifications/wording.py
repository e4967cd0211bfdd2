"""What people read: plain, kind, without a resident's words, names or phones. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.adapters.wechat.values import date_text
from app.deadlines.lines import Kind, Line
from app.suggestions.events import (
    SuggestionAccepted,
    SuggestionAssigned,
    SuggestionReplied,
    SuggestionSentBack,
    SuggestionSubmitted,
    SuggestionTakenUp,
)

KIND_NAMES: Mapping[Kind, str] = {
    Kind.TRIAGE: "意见分流",
    Kind.MICRO_MATTER: "微实事办理",
    Kind.MICRO_RETURN: "微实事退回",
    Kind.TOLD_BACK: "反馈群众",
    Kind.REVIEW: "建议审核",
    Kind.ACCEPTANCE_NOTICE: "告知受理",
    Kind.ASSIGNMENT: "建议交办",
    Kind.ACCEPTANCE: "建议签收",
    Kind.RETURN_WINDOW: "申请退办",
    Kind.RETURN_DECISION: "退办审批",
    Kind.FIRST_CONTACT: "首次联系代表",
    Kind.CO_OPINION: "会办意见",
    Kind.EXTENSION_DECISION: "延期审批",
    Kind.REPLY: "建议答复",
    Kind.EVALUATION: "代表评价",
    Kind.REJECTION_DECISION: "不满意审查",
    Kind.REHANDLING_REPLY: "重新办理答复",
    Kind.CONFERENCE: "会商",
    Kind.COMMITMENT: "承诺兑现",
    Kind.WITHDRAWAL_WINDOW: "撤回建议",
    Kind.HANDLING_REPORT: "办理情况报告",
    Kind.PETITION_NOTICE: "信访告知",
    Kind.PETITION_OBJECTION: "信访转送异议",
    Kind.PETITION_FINISH: "信访办结",
}
LINE_WORDS: Mapping[Line, str] = {
    Line.DUE_SOON: "即将到期，请按期办理",
    Line.LAST_DAY: "今天到期，请尽快办理",
    Line.OVERDUE: "已逾期，请尽快办理",
    Line.OVERDUE_3: "逾期3个工作日，请协助",
    Line.OVERDUE_10: "逾期10个工作日，请协助",
}
EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    SuggestionSubmitted.name: ("收到一件建议，待审核", "代表提交了“{title}”，请在审核期限内办理。"),
    SuggestionAccepted.name: ("您的建议已受理", "“{title}”已审核立案，交办后会再告诉您。"),
    SuggestionSentBack.name: ("您的建议退回修改", "“{title}”已退回，请看退回原因，修改后可重新提交。"),
    SuggestionAssigned.name: ("交来一件建议，待签收", "“{title}”已交由您的单位办理，请及时签收。"),
    SuggestionTakenUp.name: ("承办单位已签收", "“{title}”已由承办单位签收，办理中会与您联系。"),
    SuggestionReplied.name: ("您的建议已答复", "“{title}”已有答复，请查看并作出评价。"),
}


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def of_line(kind: Kind, line: Line, *, matter: str, last_day: date) -> Words:
    """`last_day`: the local day at whose end the time limit ends."""
    body = f"“{matter}”的{KIND_NAMES[kind]}期限到{date_text(last_day)}为止。"
    return Words(what_to_do(kind, line), body)


def what_to_do(kind: Kind, line: Line) -> str:
    """At most 20 characters: WeChat cuts what is longer."""
    return f"{KIND_NAMES[kind]}{LINE_WORDS[line]}"


def of_event(name: str, *, matter: str) -> Words:
    title, body = EVENT_WORDS[name]
    return Words(title, body.format(title=matter))
