"""What opinions refuse, kindly: a resident reads these."""

from app.kernel.errors import Conflict, Invalid, NotFound, Refused


class OpinionUnknown(NotFound):
    """Absent, or not this actor's to see."""

    code = "opinion-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这件意见")


class ReceiptUnknown(NotFound):
    code = "receipt-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个回执号，请核对后再试；字母和数字请按回执原样输入")


class PhoneUnfit(Invalid):
    code = "phone-unfit"

    def __init__(self) -> None:
        super().__init__("电话号码不正确，请填写手机号或带区号的固定电话", field="contact.phone")


class PhotoUnknown(NotFound):
    code = "photo-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这张照片")


class AnalysisForwards(Invalid):
    """The delegate writes an analysis of his own; simply forwarding a letter is not allowed."""

    code = "analysis-forwards"

    def __init__(self) -> None:
        super().__init__("请写明您自己的调查和分析，不能只转述群众来信", field="analysis")


class AlreadyReopened(Conflict):
    code = "already-reopened"

    def __init__(self) -> None:
        super().__init__("这件意见已经重新办理过一次，如有新情况请另行反映")


class NotYourDesk(Refused):
    code = "not-your-desk"

    def __init__(self) -> None:
        super().__init__("这一步由人大办决定，您可以提出建议")
