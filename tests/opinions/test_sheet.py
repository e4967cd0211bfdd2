"""Messages and past cases as other systems export them; the texts are invented."""

import csv
import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.infra.cells import Cell
from app.infra.records import Duplicate, Reading, RefusedRow
from app.infra.sheets import SheetRow, SheetUnreadable, rows_of
from app.opinions.cases_sheet import CaseRow, read_cases
from app.opinions.sheet import OpinionRow, read_opinions

SHARED = Path(os.environ.get("LIANLUO_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
DATA = SHARED / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data are not here (set LIANLUO_SHARED)")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADINGS = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"]
CASE = ["留言编号", "留言时间", "留言详情", "答复意见", "答复时间"]


def rows(headings: Sequence[str], *below: Sequence[Cell]) -> list[SheetRow]:
    return [SheetRow(number, tuple(row)) for number, row in enumerate([headings, *below], start=1)]


def opinions(headings: Sequence[str], *below: Sequence[Cell]) -> Reading[OpinionRow]:
    return read_opinions(iter(rows(headings, *below)), now=NOW)


def cases(*below: Sequence[Cell]) -> Reading[CaseRow]:
    return read_cases(iter(rows(CASE, *below)), now=NOW)


def a_workbook(headings: Sequence[str], *below: Sequence[Cell]) -> io.BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (headings, *below):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file


def test_a_workbook_gives_opinions_with_whole_texts_and_utc_times() -> None:
    text = "村口的路灯不亮，" * 1_125 + "😀"
    raw = f"\n\t\t\t\n\t\t\t{text}\n\t\t\t"
    file = a_workbook([*HEADINGS, "点赞数"], [7, "U001", "路灯\u3000", "2018/11/5 9:07:23", raw, 3])

    reading = read_opinions(rows_of(file), now=NOW)

    assert reading.rows == (
        OpinionRow(
            number=2,
            external_id="7",
            author="U001",
            title="路灯",
            content=text,
            received_at=datetime(2018, 11, 5, 1, 7, 23, tzinfo=UTC),
            category=None,
            likes=3,
            dislikes=None,
        ),
    )
    assert len(reading.rows[0].content) == 9_001
    assert reading.variants == ()


@pytest.mark.parametrize(
    ("written", "noted"),
    [
        ("2018/11/5 9:07:23", False),
        ("2018-11-05 09:07:23", False),
        (datetime(2018, 11, 5, 9, 7, 23), False),
        ("\n\t2018/11/5 9:07:23", True),
        ("2018年11月5日 9时07分23秒", True),
        (43409.38012731481, True),
    ],
)
def test_times_of_every_form_are_read_and_the_unusual_reported(written: Cell, noted: bool) -> None:
    reading = opinions(HEADINGS, [1, "U", "路灯", written, "不亮"])
    assert [row.received_at for row in reading.rows] == [datetime(2018, 11, 5, 1, 7, 23, tzinfo=UTC)]
    assert [v.taken_as for v in reading.variants] == ["2018-11-05 09:07:23"] * noted


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        ([1, "U", "路灯", "2018/11/5", " \n"], "content", "是空的"),
        ([1, "U", "路灯", None, "不亮"], "received_at", "是空的"),
        ([1, "U", "路灯", "去年冬天", "不亮"], "received_at", "请写成 2018-11-05"),
        ([1, "U", "路灯", "2918/11/5", "不亮"], "received_at", "认不出"),
        ([1, "U", "路灯", "2091/11/5", "不亮"], "received_at", "晚于现在"),
        ([1, "U", "路灯", "2018/11/5", "#VALUE!"], "content", "公式"),
    ],
)
def test_a_bad_row_is_refused_with_what_to_do_and_the_others_go_on(
    row: list[Cell], field: str, says: str
) -> None:
    reading = opinions(HEADINGS, row, [2, "U", "水渠", "2018/11/6", "堵了"])

    [refused] = reading.refused
    assert (refused.number, refused.field) == (2, field)
    assert says in refused.reason
    assert [(good.number, good.external_id) for good in reading.rows] == [(3, "2")]


def test_likes_are_whole_numbers_or_unknown() -> None:
    headings = ["留言详情", "留言时间", "点赞数"]
    below = [["甲", "2018/11/5", "12"], ["乙", "2018/11/5", ""], ["丙", "2018/11/5", "1.2万"]]
    reading = opinions(headings, *below)
    assert [row.likes for row in reading.rows] == [12, None]
    assert [(row.number, row.field) for row in reading.refused] == [(4, "likes")]


def test_control_characters_are_taken_out_and_reported() -> None:
    reading = opinions(HEADINGS, [1, "U", "路灯", "2018/11/5", "不\x00亮\x07了\x00\n请\t修"])
    assert [row.content for row in reading.rows] == ["不亮了\n请\t修"]
    [variant] = reading.variants
    assert (variant.number, variant.field, variant.written) == (2, "content", "控制字符 U+0000 U+0007")


def test_a_message_without_a_number_has_one_identity_in_every_file() -> None:
    headings = HEADINGS[1:]
    book = a_workbook(headings, ["U", "路灯", datetime(2018, 11, 5, 9, 7, 23), "\n\t不亮，\n\t请修"])
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, ["U", "路灯", "2018-11-05 09:07:23", "不亮， 请修"]])

    [first] = read_opinions(rows_of(book), now=NOW).rows
    [again] = read_opinions(rows_of(io.BytesIO(text.getvalue().encode("gb18030"))), now=NOW).rows

    assert first.external_id.startswith("sha256-")
    assert again.external_id == first.external_id


@pytest.mark.parametrize("changed", range(4))
def test_another_author_title_time_or_text_is_another_message(changed: int) -> None:
    row = ["U", "路灯", "2018/11/5 9:07", "不亮"]
    other = [*row]
    other[changed] = "2018/11/5 9:08" if changed == 2 else "别的"
    assert len({row.external_id for row in opinions(HEADINGS[1:], row, other).rows}) == 2


def test_the_running_number_of_an_export_is_no_identity() -> None:
    reading = opinions(["序号", "留言时间", "留言详情"], [1, "2018/11/5", "不亮"])
    assert reading.layout.ignored == ("序号",)
    assert reading.rows[0].external_id.startswith("sha256-")


def test_repeats_inside_the_file_are_reported() -> None:
    row: list[Cell] = [1, "U", "路灯", "2018/11/5", "不亮"]
    reading = opinions(HEADINGS, row, row, [2, *row[1:]], [1, "U", "路灯", "2018/11/5", "亮了"])

    assert [good.number for good in reading.rows] == [2, 4]
    assert reading.duplicates == (Duplicate(3, 2, left_out=True), Duplicate(4, 2, left_out=False))
    reason = "与第 2 行是同一个，内容却不同，请核对编号，只留一行"
    assert reading.refused == (RefusedRow(5, "external_id", reason),)


def test_a_sheet_of_something_else_is_refused() -> None:
    with pytest.raises(SheetUnreadable) as refusal:
        opinions(["姓名", "手机"], ["王小英", "13800000001"])
    assert "「留言详情」「留言时间」" in refusal.value.detail


def test_a_case_is_a_message_with_its_reply_or_still_waiting() -> None:
    reading = cases(
        [1, "2019-04-24 15:40:04", "不亮", "已修好", "2019-05-09 09:49:14"],
        [2, "2019-04-24 15:40:04", "堵了", None, None],
    )
    assert [(case.opinion.external_id, case.reply, case.replied_at) for case in reading.rows] == [
        ("1", "已修好", datetime(2019, 5, 9, 1, 49, 14, tzinfo=UTC)),
        ("2", None, None),
    ]


@pytest.mark.parametrize(
    ("reply", "replied_at", "field"),
    [
        ("已修好", None, "replied_at"),
        (None, "2019-05-09", "reply"),
        ("已修好", "2019-04-23", "replied_at"),
        ("已修好", "2019-04-24 15:40:03", "replied_at"),
        ("已修好", "2027-05-09", "replied_at"),
        ("已修好", "不久", "replied_at"),
    ],
)
def test_a_case_whose_reply_does_not_fit_is_refused(
    reply: str | None, replied_at: str | None, field: str
) -> None:
    reading = cases([1, "2019-04-24 15:40:04", "不亮", reply, replied_at])
    assert reading.rows == ()
    assert [(row.number, row.field) for row in reading.refused] == [(2, field)]


def test_a_reply_dated_without_time_on_the_day_of_its_message_is_no_fault() -> None:
    reading = cases([1, "2019-04-24 15:40:04", "不亮", "已修好", "2019-04-24"])
    assert [case.replied_at for case in reading.rows] == [datetime(2019, 4, 24, 7, 40, 4, tzinfo=UTC)]
    assert [(v.field, v.taken_as) for v in reading.variants] == [("replied_at", "2019-04-24 15:40:04")]


def test_a_message_has_one_identity_as_opinion_and_as_case() -> None:
    [opinion] = opinions(["留言时间", "留言详情"], ["2019/4/24", "不亮"]).rows
    [case] = cases([None, "2019/4/24", "不亮", "已修好", "2019/4/25"]).rows
    assert case.opinion.external_id == opinion.external_id


@real
def test_all_real_messages_are_read_with_their_times() -> None:
    with (DATA / "raw_messages_2801.xlsx").open("rb") as file:
        reading = read_opinions(rows_of(file), now=NOW)

    assert len(reading.rows) == 2_801
    assert (reading.refused, reading.variants, reading.blank_rows) == ((), (), 0)
    assert max(len(row.content) for row in reading.rows) == 8_994
    assert not [row.number for row in reading.rows if "_x000D_" in row.content]
    assert {row.received_at.tzinfo for row in reading.rows} == {UTC}
    assert [duplicate.left_out for duplicate in reading.duplicates] == [False]


@real
def test_all_real_cases_are_read_and_no_reply_precedes_its_message() -> None:
    with (DATA / "messages_with_replies_dev.csv").open("rb") as file:
        reading = read_cases(rows_of(file), now=NOW)

    assert len(reading.rows) == 985
    assert not [case.number for case in reading.rows if "_x000D_" in case.opinion.content]
    assert reading.refused == ()
    assert all(case.replied_at and case.replied_at >= case.opinion.received_at for case in reading.rows)
