"""What a person reads in a cell: plain texts, codes, Shanghai times; what is no date is not guessed."""

from datetime import UTC, date, datetime

import pytest

from app.infra.cells import Cell, cleaned, moment, one_line, plain


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
