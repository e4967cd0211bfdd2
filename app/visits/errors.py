"""What visits refuse."""

from app.kernel.errors import Invalid, NotFound


class VisitUnknown(NotFound):
    """Absent, or not this actor's to see: the answer is the same."""

    code = "visit-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这次走访记录")


class VisitInFuture(Invalid):
    code = "visit-in-future"

    def __init__(self) -> None:
        super().__init__("走访日期不能晚于今天", field="visited_on")


class VisitTooLongAgo(Invalid):
    code = "visit-too-long-ago"

    def __init__(self) -> None:
        super().__init__("走访日期不能早于一年前，请核对日期", field="visited_on")
