"""What stations refuse, with what to do instead."""

from app.kernel.errors import Conflict, Invalid, NotFound


class StationUnknown(NotFound):
    """Absent, or in another's care: the answer is the same."""

    code = "station-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个联络站，请核对后重试")


class TownshipNotInCare(NotFound):
    code = "township-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到由您管理的这个乡镇或街道", field="township_id")


class StationNameTaken(Conflict):
    code = "station-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"本乡镇已有名为“{name}”的联络站，请换一个名称")


class StationClosed(Conflict):
    code = "station-closed"

    def __init__(self) -> None:
        super().__init__("这个联络站已停用，请到本镇其他联络站，或拨打 12345")


class ShiftBackwards(Invalid):
    code = "shift-backwards"

    def __init__(self) -> None:
        super().__init__("接待结束时间应晚于开始时间，且不超过 24 小时", field="ends_at")


class ShiftOverlaps(Conflict):
    code = "shift-overlaps"

    def __init__(self) -> None:
        super().__init__("这位代表在该站的这段时间已有排班，请调整时间")


class DelegatesUnknown(Invalid):
    code = "delegates-unknown"

    def __init__(self, field: str) -> None:
        super().__init__("有代表不在名册中或已离任，请从名册中重新选择", field=field)


class SeatNotOwn(Invalid):
    code = "seat-not-own"

    def __init__(self) -> None:
        super().__init__("这个代表身份不是您的，请重新选择", field="delegate_id")


class StationCodeWrong(Invalid):
    code = "station-code-wrong"

    def __init__(self) -> None:
        super().__init__("这不是本站的签到码，请扫描站内张贴的二维码，或不扫码直接签到", field="code")


class OccurredTooLongAgo(Invalid):
    code = "occurred-too-long-ago"

    def __init__(self) -> None:
        super().__init__("签到时间早于一年前，请校准手机时间后再提交", field="occurred_at")


class AttendanceInFuture(Invalid):
    code = "attendance-in-future"

    def __init__(self) -> None:
        super().__init__("到站日期不能晚于今天", field="date")


class AttendanceTooLongAgo(Invalid):
    code = "attendance-too-long-ago"

    def __init__(self) -> None:
        super().__init__("到站日期早于一年前，不能再补登", field="date")


class CheckOutTooLate(Conflict):
    code = "check-out-too-late"

    def __init__(self) -> None:
        super().__init__("签到已过去一天以上，不必再补签退")


class ReceptionInFuture(Invalid):
    code = "reception-in-future"

    def __init__(self) -> None:
        super().__init__("接待时间不能晚于现在", field="received_at")


class ReceptionTooLongAgo(Invalid):
    code = "reception-too-long-ago"

    def __init__(self) -> None:
        super().__init__("接待时间不能早于一年前，请核对日期", field="received_at")


class CheckInUnknown(NotFound):
    """Absent, or another delegate's: the answer is the same."""

    code = "check-in-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条签到记录")


class DisputeTooLate(Conflict):
    code = "dispute-too-late"

    def __init__(self) -> None:
        super().__init__("对签到记录的异议应在登记后 7 天内提出，如有需要请联系联络站或人大办")


class DisputedAlready(Conflict):
    code = "disputed-already"

    def __init__(self) -> None:
        super().__init__("您对这条记录的异议已经登记，无需重复提交")
