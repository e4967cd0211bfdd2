"""What reports refuse."""

from app.kernel.errors import Conflict, Invalid, NotFound, Refused


class TownshipUnknown(NotFound):
    code = "township-not-counted"

    def __init__(self) -> None:
        super().__init__("没有找到这个乡镇、街道，或者它不在您的工作范围内")


class SpanBackwards(Invalid):
    code = "span-backwards"

    def __init__(self) -> None:
        super().__init__("开始日期晚于结束日期，请核对", field="from")


class ArchiveNotYours(Refused):
    code = "archive-not-yours"

    def __init__(self) -> None:
        super().__init__("案卷含代表评价，只供受理的人大机关和领衔代表查阅")


class NotArchived(Conflict):
    code = "not-archived"

    def __init__(self) -> None:
        super().__init__("这件建议还没有归档，归档后才能导出案卷")


class ReportUnknown(NotFound):
    code = "handling-report-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这份办理情况报告")


class ReportExists(Conflict):
    code = "handling-report-exists"

    def __init__(self, id: object) -> None:
        super().__init__("这一年的办理情况报告已经起草，请打开原稿修改", id=str(id))


class RefusalReasonMissing(Invalid):
    code = "report-reason-missing"

    def __init__(self) -> None:
        super().__init__("退回报告请写明理由", field="reason")


class ContactInReport(Conflict):
    code = "contact-in-report"

    def __init__(self, found: str) -> None:
        super().__init__(f"报告要公开，不能写联系电话（{found[:3]}…），请先退回删去")


class PaperNotYours(Refused):
    code = "paper-not-yours"

    def __init__(self) -> None:
        super().__init__("这份材料由人大办管理，您不能打印或归入")


class PaperNotReady(Conflict):
    code = "paper-not-ready"

    def __init__(self) -> None:
        super().__init__("还没有到这一步，办到这一步后才能打印这份材料")


class PaperFileClosed(Conflict):
    code = "paper-file-closed"

    def __init__(self) -> None:
        super().__init__("案卷已归档，不能再归入材料")


class PaperDatedInFuture(Invalid):
    code = "paper-dated-in-future"

    def __init__(self) -> None:
        super().__init__("材料的日期晚于今天，请核对", field="dated")


class PaperTemplateBroken(Conflict):
    code = "paper-template-broken"

    def __init__(self, reason: str) -> None:
        super().__init__(f"本地的材料模板有问题，请管理员改好或删去：{reason}")
