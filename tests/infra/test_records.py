"""Rows under headings as offices write them: titles above, decorations, bad rows among good ones."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from app.infra.cells import Cell
from app.infra.records import Column, Record, Variant, layout_of, read
from app.infra.sheets import SheetRow, SheetUnreadable, rows_of

HEADINGS = ["姓名", "说明"]
COLUMNS = (Column("name", ("姓名", "名字"), required=True), Column("note", ("说明", "备注")))


def a_csv(rows: Iterable[Sequence[str]]) -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def head(*rows: Sequence[Cell]) -> list[SheetRow]:
    return [SheetRow(number, tuple(row)) for number, row in enumerate(rows, start=1)]


def test_headings_are_found_below_titles_and_however_they_are_decorated() -> None:
    layout = layout_of(
        head(["示例镇代表名册"], ["填表人：", "王小英"], ["序号", " 姓　名*（必填）", "备注"]), COLUMNS
    )

    assert layout.header_number == 3
    assert [(taken.field, taken.heading, taken.letter) for taken in layout.taken] == [
        ("name", "姓　名*（必填）", "B"),
        ("note", "备注", "C"),
    ]
    assert layout.ignored == ("序号",)
    assert layout.missing == ()


def test_of_two_headings_for_one_field_the_usual_word_wins_and_the_other_is_ignored() -> None:
    layout = layout_of(head(["名字", "姓名"]), COLUMNS)

    assert [(taken.field, taken.letter) for taken in layout.taken] == [("name", "B")]
    assert layout.ignored == ("名字",)


def test_a_missing_required_heading_is_previewed_and_stops_the_reading() -> None:
    assert layout_of(head(["说明"]), COLUMNS).missing == ("姓名",)
    with pytest.raises(SheetUnreadable) as refusal:
        read(iter(head(["说明"], ["好"])), COLUMNS, a_note)
    assert "「姓名」" in refusal.value.detail


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SheetUnreadable):
        read(rows_of(io.BytesIO(b"")), COLUMNS, a_note)


@dataclass(frozen=True)
class Note:
    number: int
    name: str
    note: str


def a_note(record: Record) -> Note:
    if not record.line("name"):
        raise record.refusal("name", "是空的")
    return Note(record.number, record.word("name"), record.text("note"))


def test_a_bad_row_is_refused_by_number_and_the_others_go_on() -> None:
    rows = [["标题"], HEADINGS, ["甲", "一"], [], ["", "二"], ["Ａ", "三\x00"], ["#REF!", "四"], ["丁"], []]

    reading = read(rows_of(a_csv(rows)), COLUMNS, a_note)

    assert reading.rows == (Note(3, "甲", "一"), Note(6, "A", "三"), Note(8, "丁", ""))
    assert [(row.number, row.field, row.reason) for row in reading.refused] == [
        (5, "name", "「姓名」是空的"),
        (7, "name", "「姓名」是算错的公式，请改成文字再导入"),
    ]
    assert reading.variants == (
        Variant(6, "name", "Ａ", "A"),
        Variant(6, "note", "控制字符 U+0000", "已去掉"),
    )
    assert reading.blank_rows == 1
