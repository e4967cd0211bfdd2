"""What is refused about endpoints."""

from app.kernel.errors import Conflict, Invalid, NotFound


class EndpointNotFound(NotFound):
    code = "webhook-endpoint-not-found"

    def __init__(self) -> None:
        super().__init__("没有这个推送地址，请检查编号")


class UrlUnfit(Invalid):
    code = "webhook-url-unfit"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="url")


class AddressNotPublic(Invalid):
    code = "webhook-address-not-public"

    def __init__(self) -> None:
        super().__init__("推送地址须在公网上，不能是内网或本机地址", field="url")


class EventsUnfit(Invalid):
    code = "webhook-events-unfit"

    def __init__(self) -> None:
        super().__init__(
            "事件应写成 *、opinion.*、suggestion.* 或具体名称，如 suggestion.replied", field="events"
        )


class TooManyEndpoints(Conflict):
    code = "webhook-endpoints-full"

    def __init__(self, most: int) -> None:
        super().__init__(f"最多登记 {most} 个推送地址，请先删除不用的")


class EndpointDisabled(Conflict):
    code = "webhook-endpoint-disabled"

    def __init__(self) -> None:
        super().__init__("这个推送地址已停用；修好后请调用 replay，会重新启用并补发")
