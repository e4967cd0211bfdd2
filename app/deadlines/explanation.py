"""Why a due date falls where it falls: every day, counted or not, and one sentence. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from app.deadlines.arithmetic import (
    Due,
    Extension,
    Period,
    TimeLimit,
    Unit,
    WorkingCalendar,
    days_between,
)
from app.kernel.clock import DAY

UNIT_WORDS = {Unit.WORKING_DAYS: "个工作日", Unit.CALENDAR_DAYS: "天", Unit.MONTHS: "个月"}
WEEKDAYS = "一二三四五六日"
ASSUMED = "（暂定）"


@dataclass(frozen=True)
class ExplainedDay:
    """One local day, whether it counts towards the limit, and the reason in Chinese."""

    date: date
    counted: bool
    why: str


@dataclass(frozen=True)
class Explanation:
    """`days` run from the start to the last day, both included; `sentence` is for a delegate."""

    days: tuple[ExplainedDay, ...]
    sentence: str

    @property
    def counted(self) -> int:
        """How many days count: working days for such a clock, else calendar days."""
        return sum(day.counted for day in self.days)


def explain(limit: TimeLimit, due: Due, calendar: WorkingCalendar, *, article: str) -> Explanation:
    """Explain `due`, which must be what `arithmetic.due` gives for this limit and calendar.

    `article`: the provision to name, e.g. 《代表法》第五十一条.
    """
    explained = partial(_explained, limit, due, calendar, _resumed_on(limit, due, calendar))
    days = tuple(explained(day) for day in days_between(limit.started_on, due.last_day))
    return Explanation(days, _sentence(limit, due, calendar, days, article))


def _explained(
    limit: TimeLimit, due: Due, calendar: WorkingCalendar, resumed_on: date | None, day: date
) -> ExplainedDay:
    counted, why = _verdict(limit, due, calendar, resumed_on, day)
    if day.year not in calendar.announced_years:
        why += ASSUMED
    return ExplainedDay(day, counted, why)


def _verdict(
    limit: TimeLimit, due: Due, calendar: WorkingCalendar, resumed_on: date | None, day: date
) -> tuple[bool, str]:
    if day == limit.started_on:
        return False, "起算日不计"
    if limit.is_paused(day) and day >= limit.pauses_from:
        return False, "中止"
    if day > due.unrolled:
        return False, _rolled_over(due, calendar, day)
    if not _is_countable(limit, calendar, day):
        return False, _rest(calendar, day)
    if day == resumed_on:
        return False, "起算日在中止期内，恢复首日不计"
    return True, _counted(limit, calendar, day)


def _rolled_over(due: Due, calendar: WorkingCalendar, day: date) -> str:
    return "顺延至本日" if day == due.last_day else f"{_rest(calendar, day)}，顺延"


def _is_countable(limit: TimeLimit, calendar: WorkingCalendar, day: date) -> bool:
    return limit.unit is not Unit.WORKING_DAYS or calendar.is_working(day)


def _rest(calendar: WorkingCalendar, day: date) -> str:
    name = calendar.name(day)
    return f"法定节假日（{name}）" if name else "周末" if day.weekday() >= 5 else "放假"


def _counted(limit: TimeLimit, calendar: WorkingCalendar, day: date) -> str:
    made_up = day.weekday() >= 5 and calendar.is_working(day)
    return "计入（调休上班）" if made_up and limit.unit is Unit.WORKING_DAYS else "计入"


def _resumed_on(limit: TimeLimit, due: Due, calendar: WorkingCalendar) -> date | None:
    """The day not counted in place of a start that lay in a pause, if there is one."""
    start = limit.started_on
    in_pause = limit.is_paused(start) and limit.pauses_from == start
    if not (in_pause and _is_countable(limit, calendar, start)):
        return None
    running = (
        day
        for day in days_between(start + DAY, due.unrolled)
        if not limit.is_paused(day) and _is_countable(limit, calendar, day)
    )
    return next(running, None)


def _sentence(
    limit: TimeLimit,
    due: Due,
    calendar: WorkingCalendar,
    days: tuple[ExplainedDay, ...],
    article: str,
) -> str:
    parts = (
        f"自{_said(limit.started_on)}起算，当日不计",
        _said_end(limit.end),
        *(_said_extension(extension) for extension in limit.extensions),
        _said_pauses(days),
        _said_roll(due, calendar),
        f"到{_said(due.last_day)}（星期{WEEKDAYS[due.last_day.weekday()]}）24时截止",
    )
    return "，".join(filter(None, parts)) + f"。依据：{article}。" + _caution(due)


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _said_end(end: Period | date) -> str:
    if isinstance(end, date):
        return f"期限定为{_said(end)}"
    if end.unit is Unit.WORKING_DAYS:
        return f"数满{_said_period(end)}（周末和节假日不计，调休上班日计入）"
    return f"期限{_said_period(end)}"


def _said_period(period: Period) -> str:
    return f"{period.amount}{UNIT_WORDS[period.unit]}"


def _said_extension(extension: Extension) -> str:
    by = extension.by
    to = f"至{_said(by)}" if isinstance(by, date) else _said_period(by)
    return f"经{_said(extension.decided_on)}批准延期{to}"


def _said_pauses(days: tuple[ExplainedDay, ...]) -> str:
    paused = sum(day.why.startswith("中止") for day in days)
    return f"其间中止{paused}天不计" if paused else ""


def _said_roll(due: Due, calendar: WorkingCalendar) -> str:
    if due.last_day == due.unrolled:
        return ""
    return f"期满日{_said(due.unrolled)}是{_rest(calendar, due.unrolled)}，顺延到下一个工作日"


def _caution(due: Due) -> str:
    if not due.provisional:
        return ""
    years = "、".join(f"{year}年" for year in due.assumed_years)
    return f"{years}放假安排尚未公布，此日期为暂定，公布后重新计算。"
