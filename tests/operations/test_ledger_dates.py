"""The date reader: whatever way a clerk writes a day, it is that day in China; what is no day is refused."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.cells import Cell
from app.kernel.clock import SHANGHAI, local_date, local_midnight
from app.operations.ledger_dates import instant

days = st.dates(date(1954, 10, 4), date(2099, 12, 31))
WIDE = str.maketrans("0123456789/-.", "０１２３４５６７８９／－．")
TENS = ("", "十", "二十", "三十")
ONES = ("", *"一二三四五六七八九")


def in_words(day: date) -> str:
    year = "".join("〇一二三四五六七八九"[int(figure)] for figure in str(day.year))
    month, number = ((TENS[n // 10] + ONES[n % 10]) for n in (day.month, day.day))
    return f"{year}年{month}月{number}日"


WAYS = {
    "cell": lambda d: d,
    "midnight cell": lambda d: datetime.combine(d, time.min),
    "day number": lambda d: (d - date(1899, 12, 30)).days,
    "day number as text": lambda d: str((d - date(1899, 12, 30)).days),
    "day number as decimal text": lambda d: f"{(d - date(1899, 12, 30)).days}.0",
    "figures as number": lambda d: int(f"{d:%Y%m%d}"),
    "figures": lambda d: f"{d:%Y%m%d}",
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dashes": lambda d: d.isoformat(),
    "points": lambda d: f"{d.year}.{d.month}.{d.day}",
    "年月日": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "年月号": lambda d: f"{d.year}年{d.month:02}月{d.day:02}号",
    "weekday beside": lambda d: f"{d.year}年{d.month}月{d.day}日（星期{'一二三四五六日'[d.weekday()]}）",
    "周 beside": lambda d: f"{d.isoformat()} 周{'一二三四五六日'[d.weekday()]}",
    "full width": lambda d: f"{d.year}/{d.month}/{d.day}".translate(WIDE),
    "spaced": lambda d: f"{d.year} 年 {d.month} 月 {d.day} 日",
    "in words": in_words,
}
edges = st.sampled_from(("", "\t", " ", "　", "\t\t", "\n", "\r\n", "\ufeff", "'"))


@given(
    day=days, way=st.sampled_from(sorted(WAYS)), before=edges, after=st.sampled_from(("", " ", "\t", "\n"))
)
def test_every_way_of_writing_a_day_is_its_local_midnight(
    day: date, way: str, before: str, after: str
) -> None:
    written: Cell = WAYS[way](day)
    cell = f"{before}{written}{after}" if isinstance(written, str) else written

    assert instant(cell) == local_midnight(day)


@given(
    day=days, at=st.times().map(lambda t: t.replace(microsecond=0)), marks=st.sampled_from(("- ", "/ ", "-T"))
)
def test_a_time_beside_the_day_is_kept_to_the_second(day: date, at: time, marks: str) -> None:
    written = f"{day:%Y{marks[0]}%m{marks[0]}%d}{marks[1]}{at.isoformat()}"

    assert instant(written) == datetime.combine(day, at, SHANGHAI).astimezone(UTC)


@given(day=days, seconds=st.integers(0, 86_399))
def test_a_day_number_with_a_fraction_is_a_time_of_that_day(day: date, seconds: int) -> None:
    number = (day - date(1899, 12, 30)).days + seconds / 86_400

    for cell in (number, f"{number:.10f}"):
        assert instant(cell) == local_midnight(day) + timedelta(seconds=seconds)


@given(st.text(max_size=12))
def test_whatever_stands_in_the_cell_it_is_an_instant_or_refused(written: str) -> None:
    try:
        at = instant(written)
    except ValueError:
        return
    assert at.tzinfo is UTC
    assert 1900 <= local_date(at).year <= 2200


@pytest.mark.parametrize(
    "written",
    [
        "",
        "3月1日",
        "2025年3月",
        "25.3.1",
        "2025-13-01",
        "2025年2月30日",
        "去年三月",
        "2025-3-1至2025-4-1",
        "123456",
        7,
        1e300,
    ],
)
def test_what_is_no_whole_day_is_refused(written: Cell) -> None:
    with pytest.raises(ValueError, match=r".*"):
        instant(written)
