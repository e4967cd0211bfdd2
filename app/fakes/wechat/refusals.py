"""How WeChat says no."""


class Refusal(Exception):
    """An errcode with its errmsg; answered with HTTP 200, as WeChat does."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode, self.errmsg = errcode, errmsg
