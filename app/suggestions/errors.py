"""What the workflow refuses, with what to do instead."""

from datetime import date

from app.kernel.errors import Conflict, Invalid, NotFound, Refused


class SuggestionUnknown(NotFound):
    """Absent, or not this actor's to see: the answer is the same."""

    code = "suggestion-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这件建议")


class AssignmentUnknown(NotFound):
    code = "assignment-unknown"

    def __init__(self) -> None:
        super().__init__("这件建议没有交由您的单位办理")


class ContactUnknown(NotFound):
    code = "contact-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条联系记录")


class SeatNeeded(Invalid):
    code = "seat-needed"

    def __init__(self) -> None:
        super().__init__("您担任多级代表，请选择以哪一级代表身份提出", field="seat_id")


class SeatNotYours(Invalid):
    code = "seat-not-yours"

    def __init__(self) -> None:
        super().__init__("这个代表身份不是您的，请重新选择", field="seat_id")


class ProxyBasisNeeded(Invalid):
    code = "proxy-basis-needed"

    def __init__(self) -> None:
        super().__init__("代为填报请注明代表和依据（签字原件、电话录音或当面）", field="proxy")


class ApprovalNeeded(Conflict):
    code = "approval-needed"

    def __init__(self, act: str) -> None:
        super().__init__("这一步须由人大主席审签，或有在有效期内的主席团授权", act=act)


class LegalDateInFuture(Invalid):
    code = "legal-date-in-future"

    def __init__(self) -> None:
        super().__init__("文件日期不能晚于今天", field="legal_date")


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


class ReasonMissing(Invalid):
    code = "reason-missing"

    def __init__(self, field: str) -> None:
        super().__init__("请写明原因", field=field)


class NotLeadDelegate(Refused):
    code = "not-lead-delegate"

    def __init__(self) -> None:
        super().__init__("只有领衔代表本人可以这样做，人大办可凭依据代为登记")


class SubmittedOnce(Conflict):
    code = "submitted-once"

    def __init__(self) -> None:
        super().__init__("这件建议曾经提交过，按档案要求不能删除，可以修改后重新提交")
