"""What is refused from the unit's contact to the archive, with what to do instead."""

from datetime import date

from app.kernel.errors import Conflict, Invalid, NotFound, Refused


class ContactUnknown(NotFound):
    code = "contact-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条联系记录")


class ContactMissing(Conflict):
    """代表法 §51: the unit must talk with the delegate before it replies."""

    code = "contact-missing"

    def __init__(self) -> None:
        super().__init__("签发答复前请先与代表联系沟通并登记（面商、电话或走访均可）")


class PromiseMissing(Invalid):
    code = "promise-missing"

    def __init__(self) -> None:
        super().__init__(
            "结果为“列入计划”或“跨年度办理”时，请写明承诺事项、期限和责任人", field="commitments"
        )


class PromiseInPast(Invalid):
    code = "promise-in-past"

    def __init__(self, due_on: date) -> None:
        super().__init__(f"承诺期限 {due_on} 已过，请填写今后的日期", field="commitments")


class NotLeadDelegate(Refused):
    code = "not-lead-delegate"

    def __init__(self) -> None:
        super().__init__("只有领衔代表本人可以这样做，人大办可凭依据代为登记")


class CoOpinionUnknown(NotFound):
    code = "co-opinion-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个会办单位的意见")


class RedoOnce(Conflict):
    code = "redo-once"

    def __init__(self) -> None:
        super().__init__("会办意见只能退回重提一次")


class NotLeadUnit(Refused):
    code = "not-lead-unit"

    def __init__(self) -> None:
        super().__init__("这一步由主办单位办理")


class NotCoUnit(Refused):
    code = "not-co-unit"

    def __init__(self) -> None:
        super().__init__("会办意见由会办单位提出")


class ReplyNeeded(Invalid):
    code = "reply-needed"

    def __init__(self) -> None:
        super().__init__("这件建议有多个单位分别答复，请写明评价哪一份答复", field="reply_id")


class StandNeedsBasis(Conflict):
    code = "stand-needs-basis"

    def __init__(self) -> None:
        super().__init__("维持原答复须规则包载明条款，或上传代表签字同意书（upload_id）")


class ConferenceNeeded(Conflict):
    code = "conference-needed"

    def __init__(self) -> None:
        super().__init__("再次不满意的，请召集会商")


class PlanDateMissing(Invalid):
    code = "plan-date-missing"

    def __init__(self) -> None:
        super().__init__("形成新方案的请写明新的办理期限", field="due_on")


class CommitmentUnknown(NotFound):
    code = "promise-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这项承诺")


class CommitmentSettled(Conflict):
    code = "commitment-settled"

    def __init__(self) -> None:
        super().__init__("这项承诺已经了结或尚未到这一步，请刷新后再看")


class SlipNotLater(Invalid):
    code = "slip-not-later"

    def __init__(self) -> None:
        super().__init__("新的日期应晚于原定日期和今天", field="new_due_on")


class PromisesOpen(Conflict):
    code = "promises-open"

    def __init__(self) -> None:
        super().__init__("还有承诺事项没有兑现或核实，暂不能办结")


class FurtherReplyMissing(Conflict):
    code = "further-reply-missing"

    def __init__(self) -> None:
        super().__init__("承诺兑现后请承办单位先作再次答复，再办结")


class ResidentsNotTold(Conflict):
    code = "residents-not-told"

    def __init__(self) -> None:
        super().__init__("这件建议背后的群众还没有得到反馈，请先告知再继续")


class SupervisionUnknown(NotFound):
    code = "supervision-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这次督办")


class WithdrawalUnknown(NotFound):
    code = "withdrawal-unknown"

    def __init__(self) -> None:
        super().__init__("代表没有提出撤回")


class WithdrawalTooLate(Conflict):
    code = "withdrawal-too-late"

    def __init__(self) -> None:
        super().__init__("按规则包的规定，这一环节不能再撤回")


class SuccessorWrong(Invalid):
    code = "successor-wrong"

    def __init__(self) -> None:
        super().__init__("接任者应是已确认的联名人", field="to_delegate_id")


class SecondPersonNeeded(Refused):
    code = "second-person-needed"

    def __init__(self) -> None:
        super().__init__("公开内容须由另一人复核，请换一位同事")


class PublicationUnknown(NotFound):
    code = "publication-unknown"

    def __init__(self) -> None:
        super().__init__("还没有人提出公开方案")


class LeadStillHere(Conflict):
    code = "lead-still-here"

    def __init__(self) -> None:
        super().__init__("领衔代表仍在任，不能改为“无评价人”；请先在代表名册登记离任")
