"""What the clocks refuse."""

from datetime import date

from app.kernel.errors import Conflict, Invalid, NotFound, Refused


class DeadlineUnknown(NotFound):
    code = "deadline-unknown"

    def __init__(self) -> None:
        super().__init__("没有找到这个时限")


class ClockNotRunning(Conflict):
    code = "deadline-not-running"

    def __init__(self, kind: str) -> None:
        super().__init__("这项时限没有在计时，可能已经办结，请刷新后再看", kind=kind)


class StartTooLate(Invalid):
    code = "deadline-start-too-late"

    def __init__(self, last_day: date) -> None:
        detail = f"起算日期应当早于到期日 {last_day}，请核对日期"
        super().__init__(detail, field="started_on", last_day=last_day.isoformat())


class PauseNotAllowed(Conflict):
    """Only a kind whose rule names an article may pause; a reply never does."""

    code = "deadline-pause-not-allowed"

    def __init__(self, article: str) -> None:
        detail = (
            "这项时限依规不能中止：所依规则没有可以中止的条文"
            f"（{article}）。等待上级或者情况复杂的，请在到期前申请延期"
        )
        super().__init__(detail, article=article)


class ClockPaused(Conflict):
    code = "deadline-paused"

    def __init__(self, since: date) -> None:
        super().__init__(f"这项时限自 {since} 起已中止，请先恢复再办理", paused_on=since.isoformat())


class ClockNotPaused(Conflict):
    code = "deadline-not-paused"

    def __init__(self) -> None:
        super().__init__("这项时限没有中止，不需要恢复")


class PauseDateWrong(Invalid):
    code = "deadline-pause-date-wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, field="on")


class OfficeOnly(Refused):
    code = "deadline-office-only"

    def __init__(self) -> None:
        super().__init__("中止和恢复时限由负责的人大办公室办理")


class RulesOfCounty(Refused):
    """A pack and the calendar hold for the whole county."""

    code = "rules-of-county"

    def __init__(self) -> None:
        super().__init__("规则包和工作日历全县通用，由县级人大办公室或安全管理员维护")


class YearAlreadyAnnounced(Conflict):
    code = "calendar-year-announced"

    def __init__(self, year: int) -> None:
        super().__init__(f"{year}年的放假安排已经公布。如要更正，请打开该年的日历修改", year=year)
