"""What alerts refuse."""

from datetime import date

from app.kernel.errors import Conflict, Invalid, NotFound


class AlertUnknown(NotFound):
    """Absent, or not this actor's to see: the answer is the same."""

    code = "alert-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条提醒")


class AlertSettled(Conflict):
    code = "alert-settled"

    def __init__(self) -> None:
        super().__init__("这件事已经办理，不需要再说明了")


class UndertakingTooLong(Invalid):
    """`latest`: the last local day that may be named."""

    code = "undertaking-too-long"

    def __init__(self, earliest: date, latest: date) -> None:
        super().__init__(
            f"承诺办结日期应在 {earliest.isoformat()} 至 {latest.isoformat()} 之间，请改选日期",
            field="until",
            earliest=earliest.isoformat(),
            latest=latest.isoformat(),
        )


class LineUnknown(NotFound):
    code = "alert-line-unknown"

    def __init__(self) -> None:
        super().__init__("没有这一类提醒")


class LineHasNoDays(Invalid):
    code = "alert-line-without-days"

    def __init__(self) -> None:
        super().__init__("这一类提醒不按天数触发，请不要填写天数", field="days")
