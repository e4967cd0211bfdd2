"""What the inbox refuses."""

from app.kernel.errors import NotFound


class InboxItemUnknown(NotFound):
    """Absent, or somebody else's: the answer is the same."""

    code = "inbox-item-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这条消息")
