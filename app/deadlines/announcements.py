"""A year's schedule of rest days as the State Council announces it (部分节假日安排): checked and read. Pure.

A file may be YAML, by holidays, or CSV with the columns 日期,安排,名称. Whatever is wrong is refused in one
sentence with its line.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from app.deadlines.arithmetic import FIXED_HOLIDAYS, DayException, days_between
from app.kernel.errors import Invalid

FIRST_YEAR, LAST_YEAR = 2004, 2100
FIXED_SINCE = 2025  # 2 May is a holiday by the text of 2024
LONGEST_HOLIDAY = 20  # days in a row; more is a mistyped date
MOST_DAYS = 80
REST, WORK = {"休", "休息", "放假"}, {"班", "上班", "补班"}


class AnnouncementInvalid(Invalid):
    """`line` is counted from 1; none if the whole is wrong."""

    code = "calendar-announcement-invalid"

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        where = f"第 {line} 行：" if line else ""
        super().__init__(f"放假安排{where}{reason}", line=line, reason=reason)


@dataclass(frozen=True)
class Announcement:
    """The days of one year that their weekday does not explain. `source`: the document (文号)."""

    year: int
    days: dict[date, DayException]
    source: str | None = None


def check(announcement: Announcement, *, whole: bool = True) -> Announcement:
    """Refuse what cannot be a year's schedule, the `whole` of it or a draft; raises AnnouncementInvalid."""
    year, days = announcement.year, announcement.days
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise AnnouncementInvalid(f"的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    for reason in (*_faults(year, days), *(_forgotten(year, days) if whole else ())):
        raise AnnouncementInvalid(reason)
    return announcement


def _faults(year: int, days: dict[date, DayException]) -> Iterator[str]:
    for day, exception in sorted(days.items()):
        if day.year != year:
            yield f"里的 {day} 不是 {year} 年的日子"
        if exception.working and day.weekday() < 5:
            yield f"里的 {day} 是星期{'一二三四五'[day.weekday()]}，本来就上班，不用写"
        if not exception.name.strip():
            yield f"里的 {day} 没有写节日名称"
    if len(days) > MOST_DAYS:
        yield f"有 {len(days)} 天，一年不会超过 {MOST_DAYS} 天，请核对"


def _forgotten(year: int, days: dict[date, DayException]) -> Iterator[str]:
    if year < FIXED_SINCE:
        return
    for (month, day), name in FIXED_HOLIDAYS.items():
        found = days.get(date(year, month, day))
        if found is None or found.working:
            yield f"缺少{name}（{month}月{day}日）：请录入全年的安排，不能只录一部分"


def collected(rows: Iterable[tuple[date, DayException, int | None]]) -> dict[date, DayException]:
    """Days by date; raises AnnouncementInvalid for a day given twice, with its line."""
    days: dict[date, DayException] = {}
    for day, exception, line in rows:
        if day in days:
            raise AnnouncementInvalid(f"{day} 写了两次", line=line)
        days[day] = exception
    return days


def read_announcement(text: str) -> Announcement:
    """Read a file's text, YAML or CSV; raises AnnouncementInvalid."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return check(_read_csv(text) if "," in first and ":" not in first else _read_yaml(text))


def _read_csv(text: str) -> Announcement:
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if not rows or [cell.strip() for cell in rows[0]] != ["日期", "安排", "名称"]:
        raise AnnouncementInvalid("第一行应为：日期,安排,名称", line=1)
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    days = collected(_csv_day(row, number) for number, row in filled)
    if not days:
        raise AnnouncementInvalid("是空的")
    return Announcement(min(days).year, days)


def _csv_day(row: list[str], line: int) -> tuple[date, DayException, int]:
    if len(row) != 3:
        raise AnnouncementInvalid("应有日期、安排、名称三格", line=line)
    when, what, name = (cell.strip() for cell in row)
    if what not in REST | WORK:
        raise AnnouncementInvalid(f"安排“{what}”应写“休”或“班”", line=line)
    return _date(when, line), DayException(what in WORK, name), line


def _read_yaml(text: str) -> Announcement:
    try:
        # BaseLoader makes texts only: a date that does not exist is then refused with its line.
        data = yaml.load(text, yaml.BaseLoader)  # noqa: S506
        tree = yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise AnnouncementInvalid("不是正确的 YAML", line=mark.line + 1 if mark else 1) from error
    if not isinstance(data, dict) or not isinstance(tree, yaml.MappingNode):
        raise AnnouncementInvalid("应写明 year 和 holidays", line=1)
    if unknown := sorted(str(key) for key in data.keys() - {"year", "source", "holidays"}):
        raise AnnouncementInvalid(f"里有不认识的字段 {unknown[0]}")
    year = str(data.get("year"))
    if not (year.isascii() and year.isdigit()):
        raise AnnouncementInvalid("应写明 year，例如 year: 2027")
    source = data.get("source")
    days = collected(_yaml_days(data.get("holidays"), _lines(tree)))
    return Announcement(int(year), days, None if source is None else str(source))


def _lines(tree: yaml.MappingNode) -> list[int]:
    """The line on which each holiday begins."""
    for key, value in tree.value:
        if key.value == "holidays" and isinstance(value, yaml.SequenceNode):
            return [node.start_mark.line + 1 for node in value.value]
    return []


def _yaml_days(holidays: Any, lines: list[int]) -> Iterator[tuple[date, DayException, int]]:
    if not isinstance(holidays, list):
        raise AnnouncementInvalid("的 holidays 应是节日的列表")
    for holiday, line in zip(holidays, lines, strict=True):
        yield from _holiday(holiday, line)


def _holiday(holiday: Any, line: int) -> Iterator[tuple[date, DayException, int]]:
    if not isinstance(holiday, dict) or not holiday.keys() <= {"name", "rest", "worked"}:
        raise AnnouncementInvalid("每个节日只写 name、rest（起止两日）、worked（补班日）", line=line)
    name = str(holiday.get("name") or "")
    for day in _span(holiday.get("rest"), line):
        yield day, DayException(working=False, name=name), line
    for day in holiday.get("worked") or ():
        yield _date(day, line), DayException(working=True, name=name), line


def _span(rest: Any, line: int) -> Iterator[date]:
    """From the first to the last day of rest, both included."""
    if not isinstance(rest, list) or len(rest) != 2:
        raise AnnouncementInvalid("rest 应写起止两日，例如 rest: [2027-02-05, 2027-02-11]", line=line)
    first, last = (_date(day, line) for day in rest)
    if not 0 <= (last - first).days < LONGEST_HOLIDAY:
        raise AnnouncementInvalid(f"rest 的起止日期不对：{first} 至 {last}", line=line)
    return days_between(first, last)


def _date(given: Any, line: int) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise AnnouncementInvalid(f"日期“{given}”应写成 2027-02-05 这样", line=line) from error
