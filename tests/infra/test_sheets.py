"""Files as people send them: wrong encodings, hidden sheets, bombs, and whole long texts."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence

import pytest
from openpyxl import Workbook

from app.infra.cells import Cell
from app.infra.sheets import Limits, SheetTooLarge, SheetUnreadable, rows_of

HEADINGS = ["姓名", "说明"]


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
