"""What stands in a cell of a sheet: texts, codes and instants as a person reads them; pure."""

import re
from datetime import UTC, date, datetime, time, timedelta

from app.kernel.clock import SHANGHAI

Cell = str | int | float | datetime | date | time | timedelta | None

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # NUL and C0, but for tab and newline
SERIALS = range(20_000, 80_000)  # Excel day numbers, 1954 to 2119

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
HALF_WIDTH = {code: code - 0xFEE0 for code in WIDE} | {0x3000: 0x20}
WRITTEN_TIME = re.compile(
    r"(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?"
    r"(?:[T ]?(上午|下午)?(\d\d?)[:时点](?:(\d\d?)分?)?(?::?(\d\d?)(?:\.\d+)?秒?)?)?"
)


def plain(cell: Cell) -> str:
    """What a person reads in the cell; whole numbers without a point, midnights as dates."""
    match cell:
        case None:
            return ""
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            return cell.isoformat(" ").removesuffix(" 00:00:00")
        case _:
            return str(cell)


def cleaned(text: str) -> str:
    """Without NUL and C0 (but tab and newline) and outer blanks; nothing else is lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text).strip()


def one_line(text: str) -> str:
    """For names and codes: digits and letters half-width, no invisible marks, single spaces."""
    return " ".join(INVISIBLE.sub("", cleaned(text).translate(HALF_WIDTH)).split())


def moment(cell: Cell) -> datetime:
    """The instant meant, in UTC to the second; without an offset it is Shanghai time.

    Knows Excel dates and day numbers, 2018/11/5 9:07:23, 2018-11-05, 2018.11.5, 20181105, ISO 8601
    and 2018年11月5日 下午3时07分. Raises ValueError.
    """
    try:
        at = _local(cell)
        at = (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC)
        at = (at + timedelta(milliseconds=500)).replace(microsecond=0)  # day numbers are fractions
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error
    if not 1900 <= at.year < 2200:
        raise ValueError("not a year of ours")
    return at


def _local(cell: Cell) -> datetime:
    match cell:
        case datetime():
            return cell
        case date():
            return datetime.combine(cell, time.min)
        case int() | float() if int(cell) in SERIALS:
            return datetime.combine(date(1899, 12, 30), time.min) + timedelta(days=cell)
        case _:
            return _written(one_line(plain(cell)))


def _written(text: str) -> datetime:
    text = re.sub(r"\s*([-/.:年月日时点分])\s*", r"\1", text.replace("：", ":"))
    found = WRITTEN_TIME.fullmatch(text)
    if not found:
        return datetime.fromisoformat(text)
    year, month, day, hour, minute, second = (int(n or 0) for n in found.group(1, 2, 3, 5, 6, 7))
    if found[4] and hour <= 12:
        hour = hour % 12 + (12 if found[4] == "下午" else 0)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (moment() gives it)
