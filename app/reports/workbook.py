"""A register as a workbook (pure): a title, headings, rows; no cell is ever a formula.

What people wrote may begin like a formula (=HYPERLINK…): such a text gets an apostrophe before it, as a
spreadsheet program itself would mark it, and stays a text in whatever program opens or re-saves the sheet.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.infra.cells import cleaned

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DEMO = "演示数据"
STARTERS = tuple("=+-@\t\r\n＝＋－＠")
LONGEST = 32_767  # characters in a cell of an Excel sheet

Value = str | int | date | None


@dataclass(frozen=True)
class Column:
    """`width` in characters."""

    heading: str
    width: int = 12


def harmless(value: Value) -> Value:
    """The value as it may stand in a cell."""
    if not isinstance(value, str):
        return value
    text = cleaned(value)
    if value.startswith(STARTERS) or text.startswith(STARTERS):
        text = f"'{text}"
    return text[:LONGEST]


def written(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, demo: bool = False
) -> bytes:
    """Blocks; call it in a thread."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("登记表")
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[_letter(number)].width = column.width
    sheet.freeze_panes = "A3"
    sheet.append([_bold(sheet, f"{title}（{DEMO}）" if demo else title)])
    sheet.append([_bold(sheet, column.heading) for column in columns])
    for row in rows:
        sheet.append([harmless(value) for value in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)


def _bold(sheet: Any, text: str) -> Any:
    cell: Any = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell
