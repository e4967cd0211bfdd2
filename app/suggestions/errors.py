"""What the workflow refuses up to the assignment, with what to do instead."""

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


class ReasonMissing(Invalid):
    code = "reason-missing"

    def __init__(self, field: str) -> None:
        super().__init__("请写明原因", field=field)


class SubmittedOnce(Conflict):
    code = "submitted-once"

    def __init__(self) -> None:
        super().__init__("这件建议曾经提交过，按档案要求不能删除，可以修改后重新提交")


class CosignerUnknown(NotFound):
    code = "cosigner-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这位联名人")


class CosignerElsewhere(Invalid):
    code = "cosigner-elsewhere"

    def __init__(self) -> None:
        super().__init__("联名人须是同一级人大的在任代表，且不是领衔代表本人", field="cosigner_ids")


class NotCosigner(Refused):
    code = "not-cosigner"

    def __init__(self) -> None:
        super().__init__("您不是这件建议的联名人，或已经表过态")


class NotChair(Refused):
    code = "not-chair"

    def __init__(self) -> None:
        super().__init__("这一步由人大主席本人办理")


class ReasonCodeMissing(Invalid):
    code = "reason-code-missing"

    def __init__(self) -> None:
        super().__init__("退回修改请选择理由类别", field="reason_code")


class MergeTargetWrong(Invalid):
    code = "merge-target-wrong"

    def __init__(self) -> None:
        super().__init__("请选择同一受理机关、尚未办结的另一件建议", field="into_id")


class ApprovalUnknown(NotFound):
    code = "approval-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这件待审签的事项")


class ApprovalDecided(Conflict):
    code = "approval-decided"

    def __init__(self) -> None:
        super().__init__("这件事项已经审签过了")


class ApprovalWaiting(Conflict):
    code = "approval-waiting"

    def __init__(self) -> None:
        super().__init__("同一事项已在等待主席审签")


class ReturnClosed(Conflict):
    code = "return-closed"

    def __init__(self) -> None:
        super().__init__("退办只能在规定期限内提出一次，现在不能再申请")


class RequestUnknown(NotFound):
    code = "request-unknown"

    def __init__(self) -> None:
        super().__init__("没有待决定的申请")


class ExtensionWaiting(Conflict):
    code = "extension-waiting"

    def __init__(self) -> None:
        super().__init__("已有一件延期申请在等待决定")


class UntilMissing(Invalid):
    code = "until-missing"

    def __init__(self) -> None:
        super().__init__("请写明新的办理期限", field="until")


class SessionUnknown(NotFound):
    code = "session-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这次会议")


class DuplicateUnit(Invalid):
    code = "duplicate-unit"

    def __init__(self) -> None:
        super().__init__("同一单位不能重复交办", field="lead_unit_id")


class AlreadyAssigned(Conflict):
    """Somebody was quicker: the unit has it already, or another leads. Tells the state of the suggestion."""

    code = "already-assigned"

    def __init__(self, state: str) -> None:
        super().__init__("这件建议已有主办单位，或已交该单位办理，请刷新后再看", state=state)


class LeadMissing(Invalid):
    code = "lead-missing"

    def __init__(self) -> None:
        super().__init__("请写明主办单位，或至少两个分别办理单位", field="lead_unit_id")


class DelegateAbsent(Refused):
    code = "delegate-elsewhere"

    def __init__(self) -> None:
        super().__init__("只有同一级人大的代表可以附议")


class ProposalMissing(Invalid):
    """A visit's draft has no proposal yet: the delegate writes it before handing in (一事一议)."""

    code = "proposal-missing"

    def __init__(self) -> None:
        super().__init__("请写明建议怎样解决，再提交", field="proposal")


class ApprovalStale(Conflict):
    code = "approval-stale"

    def __init__(self) -> None:
        super().__init__("拟办以后情况有了变动，请退回人大办重新拟办")


class UnitElsewhere(Invalid):
    code = "unit-elsewhere"

    def __init__(self, unit: str, field: str) -> None:
        super().__init__(f"{unit}不属于本镇，也不是县级单位，请重新选择承办单位", field=field)
