"""What alerts refuse."""

from app.kernel.errors import NotFound


class AlertUnknown(NotFound):
    """Absent, or not this actor's to see: the answer is the same."""

    code = "alert-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条提醒")
