"""What the inbox, the call list and personal settings refuse."""

from app.kernel.errors import Conflict, Invalid, NotFound


class InboxItemUnknown(NotFound):
    """Absent, or somebody else's: the answer is the same."""

    code = "inbox-item-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条消息")


class CallUnknown(NotFound):
    """Absent, or another office's."""

    code = "call-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条待电话告知")


class StandInUnsuitable(Invalid):
    """Not a colleague who may read the same matters, or oneself."""

    code = "stand-in-unsuitable"

    def __init__(self) -> None:
        super().__init__("替岗人须是本单位（本乡镇）的其他在岗工作人员，请重新选择", field="stand_in_id")


class AccountOutOfReach(NotFound):
    code = "colleague-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这位同事")


class AbsenceInvalid(Invalid):
    code = "absence-invalid"

    def __init__(self) -> None:
        super().__init__("请假日期有误：结束日期不能早于开始日期，最长一年", field="until")


class DeliveryUnknown(NotFound):
    code = "delivery-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条发送记录")


class NothingToReplay(Conflict):
    code = "nothing-to-replay"

    def __init__(self) -> None:
        super().__init__("这条记录现在不需要重发")
