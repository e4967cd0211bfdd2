"""What the directory refuses."""

from app.kernel.errors import Conflict, Invalid, NotFound


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


class PhoneOfAnother(Conflict):
    """A phone logs one person in."""

    code = "phone-of-another"

    def __init__(self) -> None:
        super().__init__("手机号码已登记在另一位代表名下，请核对后填本人的号码，没有就留空", field="phone")


class PhoneDiffers(Conflict):
    """Somebody who changed the number, or a namesake: only the office knows."""

    code = "phone-differs"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"名册里同一选区或小组已有{name}，手机号码不同。若是换号，请先在名册里更正号码；"
            "若是同名的另一位，请写明不同的选区或小组",
            field="phone",
        )


class NamesakesUnclear(Conflict):
    code = "namesakes-unclear"

    def __init__(self, name: str) -> None:
        super().__init__(f"名册里有几位{name}，分不清是哪一位，请填手机、选区或小组", field="name")
