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


class ExternalIdReused(Conflict):
    code = "external-id-reused"

    def __init__(self) -> None:
        super().__init__("这个编号以前报送过另一份内容，请核对编号；内容有补充时请用新的编号报送")


class PlaceUnknown(Invalid):
    code = "place-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个区划代码，请填写本县乡镇或街道的代码", field="township_code")


class ResultNotYours(Conflict):
    """Only what the partner pushed itself, or what was moved to the hotline, is the partner's to finish."""

    code = "result-not-yours"

    def __init__(self) -> None:
        super().__init__("这件意见由本县办理，不由贵平台反馈结果；转给热线办理的意见才能反馈")


class AccusationStays(Conflict):
    """检举控告 never reach the accused unit or its staff (domain.md 3)."""

    code = "accusation-stays"

    def __init__(self) -> None:
        super().__init__("这件意见可能涉及检举控告，不能交给承办单位，请由人大办直接答复或转有权机关")


class ReferralUnknown(NotFound):
    code = "referral-unknown"

    def __init__(self) -> None:
        super().__init__("这件意见没有交由您的单位办理，或已办结")


class ReturnTooLate(Conflict):
    code = "return-too-late"

    def __init__(self) -> None:
        super().__init__("退回的期限已过，请签收办理；确有困难的，请与人大办联系")


class ExtensionAskedAlready(Conflict):
    code = "extension-asked-already"

    def __init__(self) -> None:
        super().__init__("延期申请正在等人大办决定，无需重复提交")


class ExtensionNotAsked(Conflict):
    code = "extension-not-asked"

    def __init__(self) -> None:
        super().__init__("没有等待决定的延期申请，请刷新后再看")


class MergeUnfit(Invalid):
    code = "merge-unfit"

    def __init__(self) -> None:
        super().__init__("只能并入另一件还没有结果的意见，请重新选择", field="into_id")


class NotToldYet(Conflict):
    code = "not-told-yet"

    def __init__(self) -> None:
        super().__init__("请先告知群众结果再办结；没有留联系方式的，结果挂出满 15 天后可以办结")


class NotForThePublic(Conflict):
    code = "not-for-the-public"

    def __init__(self) -> None:
        super().__init__(
            "保密的意见、涉及检举控告的意见和还没有结果的意见不能公开或在站内公示，请改用其他方式告知本人"
        )


class CommitmentUnknown(NotFound):
    code = "commitment-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这项承诺，请刷新页面后再试")


class NotYourDesk(Refused):
    code = "not-your-desk"

    def __init__(self) -> None:
        super().__init__("这一步由人大办决定，您可以提出建议")
