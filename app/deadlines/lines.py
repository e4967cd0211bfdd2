"""The kinds of clocks, and the lines that each crosses on its way (预警、到期、超期). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.deadlines.arithmetic import WorkingCalendar
from app.kernel.clock import end_of_day, local_midnight


class Kind(StrEnum):
    TRIAGE = "triage"  # 群众意见分流
    MICRO_MATTER = "micro_matter"  # 微实事办理
    MICRO_RETURN = "micro_return"  # 微实事退回
    TOLD_BACK = "told_back"  # 反馈群众
    REVIEW = "review"  # 审核
    ACCEPTANCE_NOTICE = "acceptance_notice"  # 告知受理
    ASSIGNMENT = "assignment"  # 交办
    ACCEPTANCE = "acceptance"  # 签收
    RETURN_WINDOW = "return_window"  # 申请退办
    RETURN_DECISION = "return_decision"  # 退办审批
    FIRST_CONTACT = "first_contact"  # 首次联系代表
    CO_OPINION = "co_opinion"  # 会办意见
    EXTENSION_DECISION = "extension_decision"  # 延期审批
    REPLY = "reply"  # 答复
    EVALUATION = "evaluation"  # 代表评价
    REJECTION_DECISION = "rejection_decision"  # 不满意审查
    REHANDLING_REPLY = "rehandling_reply"  # 重新办理答复
    CONFERENCE = "conference"  # 会商
    COMMITMENT = "commitment"  # 承诺兑现
    WITHDRAWAL_WINDOW = "withdrawal_window"  # 撤回
    HANDLING_REPORT = "handling_report"  # 年度办理情况报告
    PETITION_NOTICE = "petition_notice"  # 信访告知
    PETITION_OBJECTION = "petition_objection"  # 转送异议
    PETITION_FINISH = "petition_finish"  # 信访办结


class Nature(StrEnum):
    DUTY = "duty"
    WINDOW = "window"  # a right: it expires silently, nobody is late


WINDOWS = frozenset({Kind.MICRO_RETURN, Kind.RETURN_WINDOW, Kind.EVALUATION, Kind.WITHDRAWAL_WINDOW})


def nature_of(kind: Kind) -> Nature:
    return Nature.WINDOW if kind in WINDOWS else Nature.DUTY


class Line(StrEnum):
    DUE_SOON = "due_soon"
    LAST_DAY = "last_day"
    OVERDUE = "overdue"
    OVERDUE_3 = "overdue_3"
    OVERDUE_10 = "overdue_10"


@dataclass(frozen=True)
class Crossing:
    """A line and the instant (UTC) at which it is crossed: a local midnight."""

    line: Line
    at: datetime


def crossings(
    *,
    started_on: date,
    last_day: date,
    nature: Nature,
    warn_days: int | None,
    calendar: WorkingCalendar,
) -> tuple[Crossing, ...]:
    """Every line of a clock, in the order in which they are crossed.

    `warn_days`: working days before the last day; no such line if it falls on the start or before.
    `overdue` is the first instant after the last day (`due_at`); the two after it open the third
    and the tenth working day after the last day.
    """
    return (
        *_before(started_on, last_day, warn_days, calendar),
        Crossing(Line.LAST_DAY, local_midnight(last_day)),
        *(_after(last_day, calendar) if nature is Nature.DUTY else ()),
    )


def next_crossing(planned: Sequence[Crossing], after: datetime) -> Crossing | None:
    """The first line strictly after an instant; None once past the last."""
    return next((crossing for crossing in planned if crossing.at > after), None)


def crossed(planned: Sequence[Crossing], since: datetime, until: datetime) -> list[Crossing]:
    """Lines in (since, until]: looking twice over adjoining spans finds each line once."""
    return [crossing for crossing in planned if since < crossing.at <= until]


def _before(
    started_on: date, last_day: date, warn_days: int | None, calendar: WorkingCalendar
) -> Iterator[Crossing]:
    if warn_days is None:
        return
    warned_on = calendar.shift(last_day, -warn_days)
    if warned_on > started_on:
        yield Crossing(Line.DUE_SOON, local_midnight(warned_on))


def _after(last_day: date, calendar: WorkingCalendar) -> Iterator[Crossing]:
    yield Crossing(Line.OVERDUE, end_of_day(last_day))
    yield Crossing(Line.OVERDUE_3, local_midnight(calendar.shift(last_day, 3)))
    yield Crossing(Line.OVERDUE_10, local_midnight(calendar.shift(last_day, 10)))
