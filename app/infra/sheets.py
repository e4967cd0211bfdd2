"""Spreadsheets as offices send them: csv or xlsx in, numbered rows out (records.py reads them).

Everything here blocks and is bounded by `Limits`: call it in a worker thread. A file that can't be
read raises. Formulas are read as their last computed value.
"""

import csv
import io
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import islice
from typing import BinaryIO
from zipfile import ZipFile

from openpyxl import load_workbook

from app.infra.cells import Cell, cleaned, plain
from app.kernel.errors import DomainError, Invalid, TooLarge

LAST_ROW = 1_048_576  # of an Excel sheet
HEAD = 20  # headings are looked for in so many rows: titles and notes stand above them
SNIFFED = 65_536
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and any workbook with a password

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SheetUnreadable(Invalid):
    code = "sheet-unreadable"


class SheetTooLarge(TooLarge):
    code = "sheet-too-large"


@dataclass(frozen=True)
class Limits:
    """What one import may cost: bytes as sent, bytes unpacked, rows with content, columns."""

    packed: int = 20_000_000
    unpacked: int = 200_000_000
    rows: int = 50_000
    columns: int = 200


USUAL = Limits()


@dataclass(frozen=True)
class SheetRow:
    """`number` is the one a person sees beside the row, also where cells hold several lines."""

    number: int
    cells: tuple[Cell, ...]


def rows_of(file: BinaryIO, limits: Limits = USUAL) -> Iterator[SheetRow]:
    """The rows that hold anything, read as they are asked for; of a workbook, the first sheet seen.

    Raises SheetUnreadable, SheetTooLarge.
    """
    if file.seek(0, io.SEEK_END) > limits.packed:
        raise SheetTooLarge(f"文件超过 {limits.packed // 1_000_000} MB，请分成几个文件导入")
    kept = 0
    for number, cells in enumerate(_cells(file, limits), start=1):
        row = _without_blank_end(cells)
        kept += bool(row)
        if kept > limits.rows or number > LAST_ROW:
            raise SheetTooLarge(f"表格超过 {limits.rows} 行，请分成几个文件导入")
        if len(row) > limits.columns:
            raise SheetTooLarge(f"第 {number} 行超过 {limits.columns} 列，请删去多余的列再导入")
        if row:
            yield SheetRow(number, row)


def _cells(file: BinaryIO, limits: Limits) -> Iterator[Sequence[Cell]]:
    file.seek(0)
    magic = file.read(4)
    if magic == OLD_OFFICE:
        raise SheetUnreadable("这是旧版 .xls 或加了密码的文件，请打开后另存为不加密的 .xlsx 再导入")
    return _xlsx(file, limits) if magic == b"PK\x03\x04" else _csv(file)


def _xlsx(file: BinaryIO, limits: Limits) -> Iterator[Sequence[Cell]]:
    try:
        with ZipFile(file) as parts:  # reading stops at the declared sizes, so they can't lie
            if sum(part.file_size for part in parts.infolist()) > limits.unpacked:
                raise SheetTooLarge("文件解压后过大，请只留要导入的一张表，另存后再导入")
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        with closing(book):
            sheet = next(s for s in book.worksheets if s.sheet_state == "visible")
            sheet.reset_dimensions()  # some programs write a wrong extent, which would cut columns
            for cells in sheet.iter_rows(values_only=True):
                yield [_cell(value) for value in cells]
    except DomainError:
        raise
    except Exception as error:  # openpyxl meets a broken file with whatever comes up
        raise SheetUnreadable("文件已损坏或不是表格，请用表格软件打开后另存为 .xlsx 再导入") from error


def _cell(value: object) -> Cell:
    match value:
        case str():
            return _unescaped(value)
        case int() | float() | date() | time() | timedelta() | None:
            return value
        case _:
            return str(value)


def _unescaped(text: str) -> str:
    """OOXML writes control characters as _xHHHH_ (ECMA-376 ST_Xstring); openpyxl leaves them."""
    if "_x" not in text:
        return text
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _csv(file: BinaryIO) -> Iterator[Sequence[Cell]]:
    """Strict about quotes: one left open would silently swallow all rows after it."""
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    done = 0
    try:
        mark = _delimiter(text.read(SNIFFED))
        text.seek(0)
        for cells in csv.reader(text, delimiter=mark, strict=True):
            yield [cell.replace("_x000D_", "\r") for cell in cells]  # left by careless exports from xlsx
            done += 1
    except csv.Error as error:
        raise SheetUnreadable(
            f"第 {done + 1} 行引号不成对，或一格超过十三万字，请用表格软件改好，另存为 .xlsx 再导入"
        ) from error
    finally:
        text.detach()


def _encoding(file: BinaryIO) -> str:
    """By its mark, else UTF-8 if all of it is, else what Chinese Excel writes."""
    file.seek(0)
    start = file.read(3)
    marked = [name for mark, name in BOMS.items() if start.startswith(mark)]
    for name in marked or ("utf-8", "gb18030"):
        if _decodes(file, name):
            file.seek(0)
            return name
    raise SheetUnreadable("认不出文件的文字编码，请用表格软件打开后另存为 .xlsx 再导入")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(SNIFFED):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: str) -> str:
    """The mark that cuts most of the first rows into equally many columns; a comma if none does."""

    def evenness(mark: str) -> tuple[int, int]:
        rows = islice(csv.reader(io.StringIO(head, newline=""), delimiter=mark), HEAD)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(",\t;|", key=evenness)


def _without_blank_end(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    end = len(cells)
    while end and not cleaned(plain(cells[end - 1])):
        end -= 1
    return tuple(cells[:end])
