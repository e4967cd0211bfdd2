"""Files as people send them: wrong encodings, titles above headings, bombs, and whole long texts."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from app.infra.sheets import (
    Cell,
    Column,
    Limits,
    Record,
    SheetRow,
    SheetTooLarge,
    SheetUnreadable,
    Variant,
    cleaned,
    layout_of,
    moment,
    one_line,
    plain,
    read,
    rows_of,
)

HEADINGS = ["姓名", "说明"]
COLUMNS = (Column("name", ("姓名", "名字"), required=True), Column("note", ("说明", "备注")))


def a_csv(rows: Iterable[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def a_workbook(rows: Iterable[Sequence[Cell]]) -> io.BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file


def with_part(workbook: io.BytesIO, name: str, old: bytes, new: bytes) -> io.BytesIO:
    """The workbook with one of its XML parts altered, as other programs may write it."""
    file = io.BytesIO()
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == name:
                assert old in content
                content = content.replace(old, new)
            target.writestr(part, content)
    return file


def numbered(file: io.BytesIO, limits: Limits | None = None) -> list[tuple[int, tuple[Cell, ...]]]:
    rows = rows_of(file, limits) if limits else rows_of(file)
    return [(row.number, row.cells) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_is_read_in_the_encodings_offices_use(encoding: str) -> None:
    assert numbered(a_csv([HEADINGS, ["王小英", "河口镇"]], encoding)) == [
        (1, ("姓名", "说明")),
        (2, ("王小英", "河口镇")),
    ]


def test_gb18030_keeps_emoji_and_rare_characters() -> None:
    assert numbered(a_csv([["𠮷😀"]], "gb18030")) == [(1, ("𠮷😀",))]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_though_texts_hold_the_others(delimiter: str) -> None:
    rows = [["姓名", "说明"], ["王小英", "一,二,三;四"], ["李大山", "a|b\tc,"]]
    assert [cells for _, cells in numbered(a_csv(rows, delimiter=delimiter))] == [tuple(row) for row in rows]


def test_rows_are_numbered_as_seen_though_cells_hold_several_lines_and_rows_are_blank() -> None:
    rows = [HEADINGS, ["王小英", "第一行\n第二行\n第三行"], [" ", "\t"], [], ["李大山", ""]]
    expected = [(1, ("姓名", "说明")), (2, ("王小英", "第一行\n第二行\n第三行")), (5, ("李大山",))]

    assert numbered(a_csv(rows)) == expected
    assert numbered(a_workbook(rows)) == expected


def test_a_quote_left_open_is_refused_with_its_row_and_swallows_nothing() -> None:
    file = io.BytesIO('姓名,说明\n王小英,好\n李大山,"没有收尾\n周明,好\n'.encode())

    with pytest.raises(SheetUnreadable) as refusal:
        numbered(file)
    assert refusal.value.detail.startswith("第 3 行引号不成对")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls 或加了密码"),
        (b"PK\x03\x04 this is no archive", "已损坏或不是表格"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff", "认不出文件的文字编码"),
        (b"\xef\xbb\xbfok\xff\xff", "认不出文件的文字编码"),
    ],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(SheetUnreadable) as refusal:
        numbered(io.BytesIO(content))
    assert says in refusal.value.detail
    assert "另存为" in refusal.value.detail


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("readme.txt", "hello")
    with pytest.raises(SheetUnreadable):
        numbered(file)


def test_a_workbook_that_unpacks_too_far_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    assert file.tell() < 10_000
    with pytest.raises(SheetTooLarge):
        numbered(file, Limits(unpacked=1_000_000))


def test_entities_that_multiply_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"0" * 1000 + b'">'
    for inner, outer in zip("abcdef", "bcdefg", strict=True):
        bomb += f'<!ENTITY {outer} "{f"&{inner};" * 10}">'.encode()
    workbook = a_workbook([["姓名"]])
    bombed = with_part(workbook, "xl/worksheets/sheet1.xml", b"<worksheet", bomb + b"]><worksheet")
    bombed = with_part(bombed, "xl/worksheets/sheet1.xml", b"<t>", b"<t>&g;")

    with pytest.raises(SheetUnreadable):
        numbered(bombed)


@pytest.mark.parametrize("limits", [Limits(packed=10), Limits(rows=2), Limits(columns=1)])
def test_a_file_beyond_a_limit_is_refused(limits: Limits) -> None:
    rows = [HEADINGS, ["王小英", "好"], ["李大山", "好"]]
    for file in (a_csv(rows), a_workbook(rows)):
        with pytest.raises(SheetTooLarge):
            numbered(file, limits)


def test_the_row_limit_counts_rows_with_content_and_allows_as_many() -> None:
    assert len(numbered(a_csv([["甲"], [""], ["乙"], [""]]), Limits(rows=2))) == 2


def test_a_row_number_no_sheet_has_is_refused() -> None:
    far = with_part(a_workbook([["甲"], ["乙"]]), "xl/worksheets/sheet1.xml", b'r="2"', b'r="99999999"')
    with pytest.raises(SheetTooLarge):
        numbered(far)


def test_a_wrong_extent_in_the_file_cuts_no_column() -> None:
    workbook = a_workbook([HEADINGS, ["王小英", "好"]])
    wrong = with_part(workbook, "xl/worksheets/sheet1.xml", b"<sheetData", b'<dimension ref="A1"/><sheetData')

    assert numbered(wrong)[1] == (2, ("王小英", "好"))


def test_a_hidden_sheet_is_passed_over() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.sheet_state = "hidden"
    first.append(["旧"])
    book.create_sheet().append(["新"])
    file = io.BytesIO()
    book.save(file)

    assert numbered(file) == [(1, ("新",))]


def test_escaped_control_characters_of_a_workbook_are_read_as_what_they_are() -> None:
    workbook = a_workbook([["一_x000D_\n二_x0007_ _x005F_ _xD83D__xDE00_"]])

    [(_, (text,))] = numbered(workbook)

    assert text == "一\r\n二\a _ 😀"


def test_line_ends_a_careless_export_left_in_csv_are_read_as_such_and_nothing_else() -> None:
    assert numbered(a_csv([["一_x000D_\n二_x0041_"]])) == [(1, ("一\r\n二_x0041_",))]


def test_a_text_as_long_as_excel_allows_is_kept_whole() -> None:
    text = "水渠堵了，" * 6_553
    assert numbered(a_workbook([[text]])) == [(1, (text,))]
    assert numbered(a_csv([[text]])) == [(1, (text,))]


def test_a_workbook_is_read_as_it_is_asked_for() -> None:
    rows = rows_of(a_workbook([["甲"], ["乙"], ["丙"]]), Limits(rows=2))
    assert next(rows).cells == ("甲",)
    assert next(rows).cells == ("乙",)
    with pytest.raises(SheetTooLarge):
        next(rows)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13800000001.0, "13800000001"),
        (19, "19"),
        (0.1, "0.1"),
        (datetime(2018, 11, 5), "2018-11-05"),
        (datetime(2018, 11, 5, 9, 7, 23), "2018-11-05 09:07:23"),
        (None, ""),
    ],
)
def test_a_cell_reads_as_a_person_reads_it(cell: Cell, text: str) -> None:
    assert plain(cell) == text


def test_only_nul_and_c0_but_tab_and_newline_are_taken_out_of_texts() -> None:
    assert (
        cleaned("\n\t\t甲\x00\x07\x1f乙\r\n\t丙\u200b👨\u200d👩\u3000丁\x0b ")
        == "甲乙\n\t丙\u200b👨\u200d👩\u3000丁"
    )


def test_codes_lose_width_and_invisible_marks_but_rare_characters_stay() -> None:
    assert one_line("\u202d１３８　ＡＢ\u00a0c\u202c") == "138 AB c"
    assert one_line("𠮷\ufa10，\ue5d2") == "𠮷\ufa10，\ue5d2"


MORNING = datetime(2018, 11, 5, 1, 7, 23, tzinfo=UTC)
MIDNIGHT = datetime(2018, 11, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2018/11/5 9:07:23", MORNING),
        ("\n\t\t 2018/11/5  9:07:23\t", MORNING),
        ("2018-11-05 09:07:23.4", MORNING),
        ("2018年11月5日 上午9时07分23秒", MORNING),
        ("2018年11月5日 9：07：23", MORNING),
        ("２０１８-11-05 09:07:23", MORNING),
        ("2018-11-05T09:07:23+08:00", MORNING),
        ("2018-11-05T01:07:23Z", MORNING),
        (datetime(2018, 11, 5, 9, 7, 22, 999_999), MORNING),
        (43409.38012731481, MORNING),
        ("2018-11-05", MIDNIGHT),
        ("2018/11/5", MIDNIGHT),
        ("2018.11.5", MIDNIGHT),
        ("2018 年 11 月 5 日", MIDNIGHT),
        ("20181105", MIDNIGHT),
        (20181105, MIDNIGHT),
        (43409, MIDNIGHT),
        (date(2018, 11, 5), MIDNIGHT),
        ("2018年11月5日下午12点", datetime(2018, 11, 5, 4, 0, tzinfo=UTC)),
        ("2018年11月5日 下午3:07", datetime(2018, 11, 5, 7, 7, tzinfo=UTC)),
    ],
)
def test_times_are_shanghai_times_kept_in_utc(cell: Cell, instant: datetime) -> None:
    assert moment(cell) == instant
    assert moment(cell).utcoffset() == UTC.utcoffset(None)


@pytest.mark.parametrize(
    "cell",
    ["2018/2/30", "5/11/2018", "去年", "2018", 2018, "", None, "0001-01-01", "2018-11-05 25:00", 1e300],
)
def test_what_is_no_date_is_not_guessed(cell: Cell) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (its text reaches nobody)
        moment(cell)


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
