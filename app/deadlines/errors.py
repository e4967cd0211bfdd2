"""What the clocks refuse."""

from app.kernel.errors import NotFound


class DeadlineUnknown(NotFound):
    code = "deadline-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个时限")
