"""Rows of a sheet under their headings: records, what was refused, respelled or repeated.

Knows no domain word. A row that can't be read is refused with its number, the field and what to do,
and the others go on.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain, islice
from typing import Generic, Protocol, TypeVar

from openpyxl.utils import column_index_from_string, get_column_letter

from app.infra.cells import CONTROL, Cell, cleaned, moment, one_line, plain
from app.infra.sheets import HEAD, SheetRow, SheetUnreadable
from app.kernel.clock import SHANGHAI

FAULTS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
USUAL_TIME = re.compile(r"\d{4}([-/])\d\d?\1\d\d?( \d\d?:\d\d(:\d\d)?)?")


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
