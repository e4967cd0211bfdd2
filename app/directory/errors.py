"""What the directory refuses."""

from app.kernel.errors import Invalid, NotFound


class CongressUnknown(NotFound):
    code = "congress-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个人大，请核对后重试")


class UnitUnknown(Invalid):
    code = "unit-unknown"

    def __init__(self, field: str = "unit_id") -> None:
        super().__init__("没有找到这个承办单位，请从列表中选择", field=field)


class UnitMayNotReply(Invalid):
    code = "unit-may-not-reply"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}是内设机构，不能以自己名义答复，请选择其所属单位", field="lead_unit_id")


class DelegateUnknown(NotFound):
    code = "delegate-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这位代表")
