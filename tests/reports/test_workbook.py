"""No cell of a register is ever a formula, whatever people wrote."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from app.reports.workbook import LONGEST, Column, harmless, written


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\n=", "＝", "＠", " =", "\r+"])
def test_a_text_that_begins_like_a_formula_is_marked_as_text(start: str) -> None:
    dangerous = f"{start}cmd|' /C calc'!A0"
    cell = harmless(dangerous)
    assert isinstance(cell, str)
    assert cell.startswith("'")
    book = load_workbook(io.BytesIO(written("登记", [Column("标题")], [[dangerous]])))
    assert book.active is not None
    assert book.active["A3"].data_type == "s"


@pytest.mark.parametrize("value", [None, 7, date(2026, 11, 25), "关于修渠的建议", "1+1=2", ""])
def test_everything_else_stays_as_it_is(value: str | int | date | None) -> None:
    assert harmless(value) == value


def test_what_no_sheet_can_hold_is_left_out() -> None:
    book = load_workbook(io.BytesIO(written("登记", [Column("标题")], [["水\x00渠\x0b", "长" * 40_000]])))
    assert book.active is not None
    assert book.active["A3"].value == "水渠"
    assert len(str(book.active["B3"].value)) == LONGEST
