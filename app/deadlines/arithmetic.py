"""When a time limit ends (期间的计算). Pure: the calendar is passed in, no clock is read.

Rules: 民法典 §200 (units), §201 (the first day is not counted), §202 (month ends), §203 (a last day
of rest moves to the next working day; the day ends at 24:00). All dates are local days in China.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from app.kernel.clock import DAY, end_of_day
from app.kernel.errors import Conflict, Invalid

LONGEST_AMOUNT = 1000  # a wrong entry, not a time limit
LONGEST_REST = 366  # days in a row; no lawful calendar comes near
LAST_YEAR = 9000  # far from the end of `date`, so that no sum overflows

# Rest days known without an announcement (全国年节及纪念日放假办法, 2024 text); lunar ones are not.
FIXED_HOLIDAYS: Mapping[tuple[int, int], str] = MappingProxyType(
    {(1, 1): "元旦"}
    | dict.fromkeys([(5, 1), (5, 2)], "劳动节")
    | dict.fromkeys([(10, 1), (10, 2), (10, 3)], "国庆节")
)


class CalendarWithoutWorkingDays(Conflict):
    code = "calendar-without-working-days"


class PeriodInvalid(Invalid):
    code = "period-invalid"


class ExtensionRefused(Conflict):
    code = "extension-refused"


class Unit(StrEnum):
    WORKING_DAYS = "working_days"  # 工作日
    CALENDAR_DAYS = "calendar_days"  # 自然日
    MONTHS = "months"  # 月


@dataclass(frozen=True)
class DayException:
    """A day that its weekday does not explain: a holiday, or a weekend day worked (调休上班)."""

    working: bool
    name: str = ""


@dataclass(frozen=True, eq=False)
class WorkingCalendar:
    """One version of the working calendar, immutable; it answers for every year.

    Exceptions always hold. In a year that is not announced, days without an exception are assumed:
    weekends and the fixed statutory holidays rest, nothing is known of the lunar ones.
    """

    label: str
    exceptions: Mapping[date, DayException]
    announced_years: frozenset[int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))

    @property
    def announced_through(self) -> date:
        """The last day of the last announced year; `date.min` if no year is announced."""
        return date(max(self.announced_years), 12, 31) if self.announced_years else date.min

    def unannounced_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from `first` to `last` of which the schedule of rest days is not known."""
        years = range(first.year, last.year + 1)
        return tuple(year for year in years if year not in self.announced_years)

    def is_working(self, day: date) -> bool:
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception.working
        return day.weekday() < 5 and not self._is_assumed_holiday(day)

    def name(self, day: date) -> str:
        """The holiday's name, also on a weekend day worked for it; empty for ordinary days."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception.name
        return FIXED_HOLIDAYS[day.month, day.day] if self._is_assumed_holiday(day) else ""

    def shift(self, day: date, count: int) -> date:
        """The working day `count` working days after `day`, or before it if negative."""
        step = DAY if count > 0 else -DAY
        for _ in range(abs(count)):
            day = self._first_working(day + step, forward=count > 0)
        return day

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is worked, else the next working day."""
        return self._first_working(day, forward=True)

    def _is_assumed_holiday(self, day: date) -> bool:
        return day.year not in self.announced_years and (day.month, day.day) in FIXED_HOLIDAYS

    def _first_working(self, day: date, *, forward: bool) -> date:
        step = DAY if forward else -DAY
        for _ in range(LONGEST_REST):
            if self.is_working(day):
                return day
            day += step
        detail = f"工作日历有误：连续 {LONGEST_REST} 天没有工作日（到 {day}），请先更正日历"
        raise CalendarWithoutWorkingDays(detail, calendar_version=self.label)


@dataclass(frozen=True)
class Period:
    """So many units of time. Raises PeriodInvalid unless 1 <= amount <= LONGEST_AMOUNT."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= LONGEST_AMOUNT:
            raise PeriodInvalid(f"期限应在 1 至 {LONGEST_AMOUNT} 之间", amount=self.amount)


@dataclass(frozen=True)
class Pause:
    """Whole local days [since, until) that do not run (中止); `until` is the day it runs again."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise PeriodInvalid("恢复日期不能早于中止日期", field="until")


@dataclass(frozen=True)
class Extension:
    """A granted extension (延期): a new last day, or an amount added to the un-rolled end."""

    by: Period | date
    decided_on: date


@dataclass(frozen=True)
class TimeLimit:
    """All that decides a due date, except the calendar.

    `end` is a period counted from `started_on` (which is not counted), or the last day itself, as
    in a promise. `rolls`: a last day of rest moves to the next working day.
    Extensions stand in the order in which they were granted.
    """

    started_on: date
    end: Period | date
    rolls: bool = True
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()

    def __post_init__(self) -> None:
        for day in (self.started_on, self.end, *(e.by for e in self.extensions)):
            if isinstance(day, date) and day.year > LAST_YEAR:
                raise PeriodInvalid(f"日期 {day} 超出可计算的范围", day=day.isoformat())

    @property
    def unit(self) -> Unit:
        """What is counted; a limit given as a date counts calendar days."""
        return self.end.unit if isinstance(self.end, Period) else Unit.CALENDAR_DAYS

    @property
    def pauses_from(self) -> date:
        """Pauses before this day move nothing: a date granted later already knew of them."""
        dated = [e.decided_on for e in self.extensions if isinstance(e.by, date)]
        return dated[-1] if dated else self.started_on

    def is_paused(self, day: date) -> bool:
        return any(pause.since <= day < pause.until for pause in self.pauses)


@dataclass(frozen=True)
class Due:
    """Where a time limit ends.

    `due_at` is the exclusive end in UTC: local midnight after `last_day`. `unrolled` is the end
    before it moved off rest days. `assumed_years`: unannounced years on which the date rests.
    """

    last_day: date
    due_at: datetime
    unrolled: date
    assumed_years: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        """True until every year on which the date rests has been announced."""
        return bool(self.assumed_years)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    return (first + n * DAY for n in range((last - first).days + 1))


def months_after(start: date, count: int) -> date:
    """The same day `count` months on, or that month's last day (民法典 §202)."""
    index = start.month - 1 + count
    year, month = start.year + index // 12, index % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def add(start: date, period: Period, calendar: WorkingCalendar) -> date:
    """The day on which `period` ends if `start` is not counted (民法典 §201), before any roll."""
    match period.unit:
        case Unit.WORKING_DAYS:
            return calendar.shift(start, period.amount)
        case Unit.CALENDAR_DAYS:
            return start + period.amount * DAY
        case Unit.MONTHS:
            return months_after(start, period.amount)


def due(limit: TimeLimit, calendar: WorkingCalendar) -> Due:
    """The end of a time limit: extended, then moved by its pauses, then rolled."""
    unrolled = _past_pauses(limit, _nominal_end(limit, calendar), calendar)
    last_day = _rolled(limit, unrolled, calendar) if limit.rolls else unrolled
    assumed = calendar.unannounced_years(_calendar_needed_from(limit, unrolled), last_day)
    return Due(last_day, end_of_day(last_day), unrolled, assumed)


def extended(
    limit: TimeLimit, extension: Extension, cap: Period | None, calendar: WorkingCalendar
) -> TimeLimit:
    """The limit with one more extension. `cap` is counted from the start, and paused like it.

    Raises ExtensionRefused: none allowed (no cap), decided after the old last day, not later than
    it, or beyond the cap.
    """
    if cap is None:
        raise ExtensionRefused("该时限依规不能延期")
    old = due(limit, calendar).last_day
    if extension.decided_on > old:
        raise ExtensionRefused(f"原期限已于 {old} 届满，不能再批准延期", last_day=old.isoformat())
    longer = replace(limit, extensions=(*limit.extensions, extension))
    new = due(longer, calendar).last_day
    longest = due(replace(limit, end=cap, extensions=()), calendar).last_day
    if new <= old:
        raise ExtensionRefused(f"延期后的日期应当晚于原期限 {old}", last_day=old.isoformat())
    if new > longest:
        raise ExtensionRefused(f"延期最长到 {longest}", longest=longest.isoformat())
    return longer


def _nominal_end(limit: TimeLimit, calendar: WorkingCalendar) -> date:
    end = limit.started_on
    for by in (limit.end, *(extension.by for extension in limit.extensions)):
        end = by if isinstance(by, date) else add(end, by, calendar)
    return end


def _past_pauses(limit: TimeLimit, nominal: date, calendar: WorkingCalendar) -> date:
    """`nominal` moved by the paused days before the end, which grows until it takes no more in."""
    end = nominal
    while (moved := _moved(limit, nominal, _paused_units(limit, end, calendar), calendar)) > end:
        end = moved
    return end


def _paused_units(limit: TimeLimit, last: date, calendar: WorkingCalendar) -> int:
    """Paused days that the clock's unit would count, the first day among them."""
    if not limit.pauses:
        return 0
    days = filter(limit.is_paused, days_between(limit.pauses_from, last))
    all_count = limit.unit is not Unit.WORKING_DAYS
    return sum(all_count or calendar.is_working(day) for day in days)


def _moved(limit: TimeLimit, day: date, count: int, calendar: WorkingCalendar) -> date:
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.shift(day, count)
    return day + count * DAY


def _rolled(limit: TimeLimit, day: date, calendar: WorkingCalendar) -> date:
    """The first working day on or after `day` that is not paused (民法典 §203)."""
    day = calendar.on_or_after(day)
    while limit.is_paused(day):
        day = calendar.on_or_after(day + DAY)
    return day


def _calendar_needed_from(limit: TimeLimit, unrolled: date) -> date:
    """From which day on the calendar matters: all the way for working days, else at the end."""
    ends = (limit.end, *(extension.by for extension in limit.extensions))
    if any(isinstance(end, Period) and end.unit is Unit.WORKING_DAYS for end in ends):
        return min(limit.started_on + DAY, unrolled)
    return unrolled
