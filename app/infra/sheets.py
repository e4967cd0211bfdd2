"""Spreadsheets as offices send them: csv or xlsx in, records under known headings out.

Knows no domain word. Everything here blocks and is bounded by `Limits`: call it in a worker thread.
A file that can't be read raises; a row that can't be read is refused with its number, the field and
what to do, and the others go on. Formulas are read as their last computed value.
"""

import csv
import io
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, islice
from typing import BinaryIO, Generic, Protocol, TypeVar
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter

from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError, Invalid, TooLarge

Cell = str | int | float | datetime | date | time | timedelta | None

LAST_ROW = 1_048_576  # of an Excel sheet
HEAD = 20  # headings are looked for in so many rows: titles and notes stand above them
SNIFFED = 65_536
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and any workbook with a password

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # NUL and C0, but for tab and newline
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


# From here on: rows under their headings, and what stands in a cell.

FAULTS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
SERIALS = range(20_000, 80_000)  # Excel day numbers, 1954 to 2119

INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
HALF_WIDTH = {code: code - 0xFEE0 for code in WIDE} | {0x3000: 0x20}
USUAL_TIME = re.compile(r"\d{4}([-/])\d\d?\1\d\d?( \d\d?:\d\d(:\d\d)?)?")
WRITTEN_TIME = re.compile(
    r"(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?"
    r"(?:[T ]?(上午|下午)?(\d\d?)[:时点](?:(\d\d?)分?)?(?::?(\d\d?)(?:\.\d+)?秒?)?)?"
)


class CellRefused(Exception):
    """One cell stops its row. `reason` is a Chinese sentence that says what to do."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Column:
    """A field and the headings offices write over it; where two are there, the earlier word wins."""

    field: str
    words: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Taken:
    field: str
    heading: str
    letter: str


@dataclass(frozen=True)
class Layout:
    """The preview: what is taken for what, which headings are ignored, which required are missing."""

    header_number: int
    taken: tuple[Taken, ...]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Variant:
    """A spelling that was read as another one; said so that a person may object."""

    number: int
    field: str
    written: str
    taken_as: str


@dataclass(frozen=True)
class RefusedRow:
    number: int
    field: str
    reason: str


@dataclass(frozen=True)
class Duplicate:
    """Row `number` repeats row `first`; left out if wholly the same, else only looks alike."""

    number: int
    first: int
    left_out: bool


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


@dataclass(frozen=True)
class Reading(Generic[Row]):
    """All that one sheet gave."""

    layout: Layout
    rows: tuple[Row, ...]
    refused: tuple[RefusedRow, ...]
    variants: tuple[Variant, ...]
    blank_rows: int
    duplicates: tuple[Duplicate, ...] = ()


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


@dataclass(frozen=True)
class Record:
    """One row under its headings. Readers ask for values; respellings are noted in `variants`."""

    number: int
    cells: Mapping[str, Cell]
    headings: Mapping[str, str]
    variants: list[Variant] = field(default_factory=list)

    def refusal(self, field: str, reason: str) -> CellRefused:
        return CellRefused(field, f"「{self.headings.get(field, field)}」{reason}")

    def raw(self, field: str) -> str:
        text = plain(self.cells.get(field))
        if text.strip() in FAULTS:
            raise self.refusal(field, "是算错的公式，请改成文字再导入")
        return text

    def line(self, field: str) -> str:
        return one_line(self.raw(field))

    def text(self, field: str) -> str:
        """A long text, whole; control characters are taken out and that is noted."""
        raw = self.raw(field)
        marks = sorted(set(CONTROL.findall(raw)))
        if marks:
            codes = " ".join(f"U+{ord(mark):04X}" for mark in marks)
            self.variants.append(Variant(self.number, field, f"控制字符 {codes}", "已去掉"))
        return cleaned(raw)

    def word(self, field: str, respell: Callable[[str], str] = str) -> str:
        """A short text on one line, spelled our way by `respell`; any change is noted."""
        word = respell(self.line(field))
        if word:
            self.note(field, self.raw(field), word)
        return word

    def note(self, field: str, written: str, taken_as: str) -> None:
        if written != taken_as:
            self.variants.append(Variant(self.number, field, written, taken_as))

    def moment(self, field: str) -> datetime | None:
        """None where the cell is blank; spellings other than 2018/11/5 9:07:23 are noted."""
        raw, cell = self.raw(field), self.cells.get(field)
        if not one_line(raw):
            return None
        try:
            at = moment(cell)
        except ValueError:
            raise self.refusal(field, "认不出是哪一天，请写成 2018-11-05 9:07:23 这样") from None
        if not (isinstance(cell, date) or USUAL_TIME.fullmatch(raw)):
            self.note(field, raw, f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}")
        return at


def layout_of(head: Iterable[SheetRow], columns: Sequence[Column]) -> Layout:
    """The layout of the row, among the first ones, that has most of the headings."""
    layouts = [_layout(row, columns) for row in islice(head, HEAD)]
    if not layouts:
        raise SheetUnreadable("表里没有内容，请检查是不是选错了文件")
    return max(layouts, key=lambda layout: len(layout.taken))


def _layout(row: SheetRow, columns: Sequence[Column]) -> Layout:
    headings = [cleaned(plain(cell)) for cell in row.cells]
    keys = [heading_key(heading) for heading in headings]
    places: dict[int, Column] = {}
    for column in columns:
        words = [heading_key(word) for word in column.words]
        free = [keys.index(word) for word in words if word in keys]
        places |= {free[0]: column} if free else {}
    found = {column.field for column in places.values()}
    return Layout(
        row.number,
        tuple(
            Taken(column.field, headings[place], get_column_letter(place + 1))
            for place, column in sorted(places.items(), key=lambda item: item[0])
        ),
        tuple(h for place, h in enumerate(headings) if h and place not in places),
        tuple(c.words[0] for c in columns if c.required and c.field not in found),
    )


def heading_key(heading: str) -> str:
    """A heading without blanks, marks and what stands in brackets: ' 姓　名*（必填）' is 姓名."""
    return re.sub(r"[(（].*?[)）]|[\W_]", "", one_line(heading)).lower()


def read(rows: Iterator[SheetRow], columns: Sequence[Column], parse: Callable[[Record], Row]) -> Reading[Row]:
    """Every row below the headings through `parse`; one that raises CellRefused stops only itself.

    Raises SheetUnreadable if a required heading is missing.
    """
    head = list(islice(rows, HEAD))
    layout = layout_of(head, columns)
    if layout.missing:
        raise SheetUnreadable(
            f"表头里没有「{'」「'.join(layout.missing)}」，请补上这一列再导入", field="headings"
        )
    good: list[Row] = []
    refused: list[RefusedRow] = []
    variants: list[Variant] = []
    last, seen = layout.header_number, 0
    for record in _records(chain(head, rows), layout):
        last, seen = record.number, seen + 1
        try:
            good.append(parse(record))
        except CellRefused as refusal:
            refused.append(RefusedRow(record.number, refusal.field, refusal.reason))
        else:
            variants += record.variants
    blank = last - layout.header_number - seen
    return Reading(layout, tuple(good), tuple(refused), tuple(variants), blank)


def _records(rows: Iterable[SheetRow], layout: Layout) -> Iterator[Record]:
    headings = {taken.field: taken.heading for taken in layout.taken}
    places = {taken.field: column_index_from_string(taken.letter) - 1 for taken in layout.taken}
    for row in rows:
        if row.number > layout.header_number:
            cells = {f: row.cells[p] for f, p in places.items() if p < len(row.cells)}
            yield Record(row.number, cells, headings)


def without_repeats(
    reading: Reading[Row],
    *,
    key: Callable[[Row], Hashable],
    likeness: Callable[[Row], Hashable],
    refusal: tuple[str, str],
) -> Reading[Row]:
    """The first of each key stays; a wholly equal one is left out, a differing one refused.

    Rows that stay but share `likeness` with an earlier one are reported. `refusal` is the field and
    the advice for the refused.
    """
    first: dict[Hashable, Row] = {}
    alike: dict[Hashable, int] = {}
    duplicates: list[Duplicate] = []
    refused = list(reading.refused)
    for row in reading.rows:
        kept = first.setdefault(key(row), row)
        look = alike.setdefault(likeness(row), row.number)
        if kept is row and look != row.number:
            duplicates.append(Duplicate(row.number, look, left_out=False))
        elif kept is not row and kept == row:
            duplicates.append(Duplicate(row.number, kept.number, left_out=True))
        elif kept is not row:
            field, advice = refusal
            reason = f"与第 {kept.number} 行是同一个，内容却不同，{advice}"
            refused.append(RefusedRow(row.number, field, reason))
    numbers = {row.number for row in first.values()}
    return replace(
        reading,
        rows=tuple(first.values()),
        variants=tuple(variant for variant in reading.variants if variant.number in numbers),
        refused=tuple(sorted(refused, key=lambda refusal: refusal.number)),
        duplicates=tuple(duplicates),
    )
