"""What people read: plain, kind, without a resident's words, names or phones. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.adapters.wechat.values import date_text
from app.alerts.signals import Signal
from app.deadlines.lines import Kind, Line
from app.suggestions import events

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
SIGNAL_WORDS: Mapping[Signal, tuple[str, str]] = {
    Signal.STALLED: ("久无进展，请及时推进", "“{matter}”自{day}以来没有新的办理记录，请及时推进并填写进展。"),
    Signal.URGED: ("收到督办，请及时反馈", "人大已就“{matter}”发出督办，请尽快办理并反馈。"),
    Signal.SLIPPED: (
        "承诺事项已延期",
        "“{matter}”的承诺事项没有按原定日期完成，已改期，请查看新的日期和原因。",
    ),
    Signal.CALENDAR: (
        "工作日历即将用完",
        "下一年度的工作日安排还没有录入，期限将按暂定日期计算，请及时录入。",
    ),
    Signal.NO_SIGN_OF_LIFE: ("单位久未登录办理", "“{matter}”自{day}以来无人登录、无人办理，请提醒该单位。"),
    Signal.CREDIT_LOW: ("微信提醒次数将用完", "请打开小程序，点一次“接收提醒”，以免收不到到期提醒。"),
    Signal.ADDRESS_DEAD: ("有人的通知方式失效", "{matter}的手机号或微信已收不到消息，请核对后更新。"),
    Signal.UNREACHED: ("有代表尚未电话告知", "有代表多日未收到消息，待电话告知名单中仍未办理，请督促。"),
}
DIGEST_LONGEST = 14  # characters, so that “等12件” still fits into WeChat's 20
DIGEST = "您有{count}件事项待办"
DIGEST_MATTER = "{matter}等{count}件"
EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    events.SuggestionSubmitted.name: ("收到一件建议，待审核", "代表提交了“{title}”，请在审核期限内办理。"),
    events.SuggestionCosigning.name: (
        "有一件建议请您联名",
        "“{title}”请您确认是否联名，请看过全文后决定。",
    ),
    events.ApprovalAsked.name: ("有一项待您审签", "“{title}”有一项拟办意见待您审签。"),
    events.SuggestionAccepted.name: ("您的建议已受理", "“{title}”已审核立案，交办后会再告诉您。"),
    events.SuggestionSentBack.name: ("您的建议退回修改", "“{title}”已退回，请看退回原因，修改后可重新提交。"),
    events.SuggestionAssigned.name: ("交来一件建议，待签收", "“{title}”已交由您的单位办理，请及时签收。"),
    events.SuggestionTakenUp.name: ("承办单位已签收", "“{title}”已由承办单位签收，办理中会与您联系。"),
    events.ReturnRequested.name: ("承办单位申请退办", "承办单位申请退回“{title}”，请在审批期限内决定。"),
    events.ReturnDecided.name: ("退办申请已有决定", "“{title}”的退办申请已有决定，请查看。"),
    events.ExtensionRequested.name: ("承办单位申请延期", "承办单位申请延长“{title}”的办理期限，请及时审批。"),
    events.ExtensionDecided.name: ("延期申请已有决定", "“{title}”的延期申请已有决定，请查看新的期限。"),
    events.SuggestionReplied.name: ("建议已答复", "“{title}”已有答复，请查看；领衔代表请作出评价。"),
    events.FurtherReplied.name: ("建议有再次答复", "“{title}”的承诺事项有了再次答复，请查看。"),
    events.SuggestionWithdrawn.name: ("建议已撤回", "“{title}”已撤回。如非本意，请尽快与人大办联系。"),
    events.LeadSucceeded.name: ("领衔代表已变更", "“{title}”的领衔代表已变更。如有疑问，请与人大办联系。"),
    events.SuggestionElevated.name: (
        "建议已上报",
        "“{title}”属上一级职权，已按程序上报，后续会告诉您。",
    ),
    events.SuggestionTransferred.name: ("建议已转出", "“{title}”已转有权处理的单位，请查看去向和理由。"),
    events.SuggestionMerged.name: ("建议已并案", "“{title}”与内容相近的建议一并办理，仍会单独答复您。"),
    events.SuggestionReopened.name: ("建议重新办理", "“{title}”有了新的情况，已重新办理。"),
    events.EvaluationReminded.name: ("请您评价一件答复", "“{title}”的答复还没有收到您的评价，请抽空看看。"),
    events.ReplyRejected.name: ("一件答复待审查", "“{title}”的答复代表不满意，请在期限内提出处理意见。"),
    events.SuggestionRehandled.name: ("一件建议重新办理", "“{title}”已重新交办，请按新的期限办理并答复。"),
    events.ConferenceCalled.name: ("一件建议将会商", "“{title}”将召开会商，请留意会议通知。"),
    events.PromiseReported.name: ("承诺事项请您确认", "“{title}”的承诺事项，承办单位说已完成，请您确认。"),
    events.PressureReported.name: (
        "有代表向您本人反映情况",
        "内容只有您本人能看，请打开“受压情况”查看并过问。",
    ),
    events.PromiseDenied.name: ("承诺事项未获确认", "“{title}”的承诺事项没有得到确认，请核实并继续办理。"),
}


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def of_line(kind: Kind, line: Line, *, matter: str, last_day: date, promised: date | None = None) -> Words:
    """`last_day`: the local day at whose end the time limit ends. `promised`: an undertaking's day."""
    body = f"“{matter}”的{KIND_NAMES[kind]}期限到{date_text(last_day)}为止。"
    if promised:
        body += f"承办方说明将于{date_text(promised)}前办结。"
    return Words(what_to_do(kind, line), body)


def of_signal(signal: Signal, *, matter: str, day: date) -> Words:
    """`day`: the local day since which it has been so, where the words name one."""
    title, body = SIGNAL_WORDS[signal]
    return Words(title, body.replace("{day}", date_text(day)).replace("{matter}", matter))


def of_digest(words: Words, matter: str, count: int) -> tuple[str, str, str]:
    """(what to do, matter, text) of one message for `count` matters; the gravest is the one named."""
    what = DIGEST.format(count=count)
    short = matter if len(matter) <= DIGEST_LONGEST else matter[: DIGEST_LONGEST - 1] + "…"
    return (
        what,
        DIGEST_MATTER.replace("{count}", str(count)).replace("{matter}", short),
        f"{what}。{words.body}",
    )


def what_to_do(kind: Kind, line: Line) -> str:
    """At most 20 characters: WeChat cuts what is longer."""
    return f"{KIND_NAMES[kind]}{LINE_WORDS[line]}"


def of_event(name: str, *, matter: str) -> Words:
    title, body = EVENT_WORDS[name]
    return Words(title, body.replace("{title}", matter))
