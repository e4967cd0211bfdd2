"""Rosters with every defect seen in real ones; the people are invented."""

import io
import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.directory.roster import Level, RosterRow, number_in, read_roster, usual_spellings
from app.infra.cells import Cell
from app.infra.records import Duplicate, Reading
from app.infra.sheets import SheetRow, SheetUnreadable, rows_of

SHARED = Path(os.environ.get("LIANLUO_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
REAL = SHARED / "data" / "delegate_roster_dev.xlsx"


def roster(
    headings: Sequence[str], *rows: Sequence[Cell], term: int | None = 19, known: Sequence[str] = ()
) -> Reading[RosterRow]:
    sheet = (SheetRow(number, tuple(row)) for number, row in enumerate([headings, *rows], start=1))
    return read_roster(sheet, term=term, known_places=known)


def refusal(headings: Sequence[str], row: Sequence[Cell]) -> tuple[int, str, str]:
    reading = roster(headings, row)
    assert reading.rows == ()
    [refused] = reading.refused
    return refused.number, refused.field, refused.reason


def changes(reading: Reading[RosterRow]) -> list[tuple[int, str, str, str]]:
    return [(v.number, v.field, v.written, v.taken_as) for v in reading.variants]


def test_a_workbook_with_a_title_gives_seats() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["示例镇人大代表名册"])
    sheet.append(["序号", "代表姓名", "性别", "民族", "届次", "选区", "代表小组", "单位", "职务", "联系电话"])
    sheet.append([1, "王小英", "女", "汉", "第十九届", 3, "一组", "河口村", "村医", 13800000001])
    file = io.BytesIO()
    book.save(file)

    reading = read_roster(rows_of(file))

    assert reading.rows == (
        RosterRow(
            number=3,
            name="王小英",
            phone="13800000001",
            level=Level.TOWNSHIP,
            term=19,
            district="第3选区",
            group="一组",
            gender="女",
            ethnicity="汉族",
            party=None,
            organisation="河口村",
            post="村医",
            elected_on=None,
            seat_number=None,
        ),
    )
    assert reading.layout.ignored == ("序号",)
    assert changes(reading) == [(3, "district", "3", "第3选区"), (3, "ethnicity", "汉", "汉族")]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王　英", "王英"),
        ("王 小 英", "王小英"),
        ("艾力．买买提", "艾力·买买提"),
        ("艾力 • 买买提", "艾力·买买提"),
        ("王小英\u200b", "王小英"),
    ],
)
def test_name_spellings_are_unified_and_reported(written: str, name: str) -> None:
    reading = roster(["姓名"], [written])
    assert [row.name for row in reading.rows] == [name]
    assert changes(reading) == [(2, "name", written, name)]


def test_rare_characters_of_names_stay() -> None:
    reading = roster(["姓名"], ["𠮷\ue5d2〇"])
    assert [row.name for row in reading.rows] == ["𠮷\ue5d2〇"]
    assert reading.variants == ()


def test_brackets_after_a_name_give_gender_and_people() -> None:
    [row] = roster(["姓名"], ["王小英（女，壮族）"]).rows
    assert (row.name, row.gender, row.ethnicity) == ("王小英", "女", "壮族")


@pytest.mark.parametrize(
    "written",
    [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "+86 13800000001",
        "+86-138-0000-0001",
        "8613800000001",
        "008613800000001",
        "１３８００００ ０００１",
        "'13800000001",
        "\u202d13800000001\u202c",
        13800000001,
        13800000001.0,
    ],
)
def test_phones_are_eleven_digits_however_they_are_written(written: Cell) -> None:
    reading = roster(["姓名", "手机"], ["王小英", written])
    assert [row.phone for row in reading.rows] == ["13800000001"]
    assert [v.field for v in reading.variants] == [] if len(str(written)) == 11 else ["phone"]


def test_no_phone_is_no_fault() -> None:
    rows = roster(["姓名", "手机"], ["王小英", None], ["李大山", "无"], ["周明", "—"]).rows
    assert [row.phone for row in rows] == [None, None, None]


@pytest.mark.parametrize(
    ("phone", "says"),
    [
        ("1380000000", "不是 11 位手机号码"),
        ("138****0001", "不是 11 位手机号码"),
        ("13800000001、13900000001", "不止一个号码"),
        ("0766-3800001", "是座机"),
        ("1.38E+10", "科学计数"),
        ("#N/A", "算错的公式"),
    ],
)
def test_a_phone_that_cannot_log_in_is_refused_with_what_to_do(phone: str, says: str) -> None:
    number, field, reason = refusal(["姓名", "联系电话"], ["王小英", phone])
    assert (number, field) == (2, "phone")
    assert reason.startswith("「联系电话」")
    assert says in reason


@pytest.mark.parametrize("name", [None, "合计", "姓名", "王", "王*英", "王小英、李大山", "李3", "王强（大）"])
def test_what_is_no_single_person_is_refused(name: str | None) -> None:
    number, field, _ = refusal(["姓名", "选区"], [name, "第1选区"])
    assert (number, field) == (2, "name")


@pytest.mark.parametrize(
    ("headings", "row", "field"),
    [
        (["姓名", "党派", "民族"], ["王小英", 4543, "无党派"], "ethnicity"),
        (["姓名", "党派"], ["王小英", 4543], "party"),
        (["姓名", "党派"], ["王小英", "回族"], "party"),
        (["姓名", "性别"], ["王小英", "未知"], "gender"),
        (["姓名", "届次"], ["王小英", "2021-2026"], "term"),
        (["姓名", "层级"], ["王小英", "市"], "level"),
        (["姓名", "层级"], ["王小英", "县、镇"], "level"),
        (["姓名", "当选日期"], ["王小英", "前年"], "elected_on"),
    ],
)
def test_shifted_or_doubtful_cells_refuse_the_row(headings: list[str], row: list[Cell], field: str) -> None:
    assert refusal(headings, row)[:2] == (2, field)


@pytest.mark.parametrize(
    "written", ["第十九届", "十九届", "十九", "19", "第19届", 19, "第１９届", "第十九届人大"]
)
def test_terms_are_read_in_every_usual_form(written: Cell) -> None:
    assert [row.term for row in roster(["姓名", "届次"], ["王小英", written], term=None).rows] == [19]


def test_the_term_must_come_from_somewhere() -> None:
    with pytest.raises(SheetUnreadable) as missing:
        roster(["姓名"], ["王小英"], term=None)
    assert "「届次」" in missing.value.detail
    reading = roster(["姓名", "届次"], ["王小英", None], ["李大山", 19], term=None)
    assert [row.number for row in reading.refused] == [2]


def test_levels_of_one_sheet_may_differ() -> None:
    rows = roster(
        ["姓名", "层级"], ["王小英", "镇级"], ["李大山", "县人大代表"], ["周明", "全国"], ["赵兰", None]
    ).rows
    assert [row.level for row in rows] == [Level.TOWNSHIP, Level.COUNTY, Level.NATIONAL, Level.TOWNSHIP]


@pytest.mark.parametrize("written", ["第三选区", "三选区", "3选区", "３选区", "3", 3, "第3选区"])
def test_districts_by_number_are_one_spelling(written: Cell) -> None:
    assert [row.district for row in roster(["姓名", "选区"], ["王小英", written]).rows] == ["第3选区"]


def test_a_group_with_and_without_its_suffix_is_one_and_reported() -> None:
    reading = roster(
        ["姓名", "代表团"],
        ["王小英", "河口镇"],
        ["李大山", "河口"],
        ["周明", "河口镇代表团"],
        ["赵兰", "河口镇"],
    )
    assert {row.group for row in reading.rows} == {"河口镇"}
    assert changes(reading) == [(3, "group", "河口", "河口镇"), (4, "group", "河口镇代表团", "河口镇")]


def test_town_and_township_of_one_name_are_two_places_unless_we_know_better() -> None:
    written = Counter({"大湾镇": 9, "大湾乡": 1, "大湾": 1})
    assert usual_spellings(written, ()) == {}
    assert usual_spellings(written, ["大湾镇", "大湾乡"]) == {}
    assert set(usual_spellings(written, ["大湾镇"]).values()) == {"大湾镇"}


@pytest.mark.parametrize("written", ["2021-10-09", "2021/10/9", "2021.10.9", "2021年10月9日", "20211009"])
def test_dates_are_read_in_five_forms(written: str) -> None:
    assert [row.elected_on for row in roster(["姓名", "当选日期"], ["王小英", written]).rows] == [
        date(2021, 10, 9)
    ]


def test_a_repeated_row_is_left_out_and_reported() -> None:
    reading = roster(["姓名", "选区"], ["王小英", "第1选区"], ["李大山", "第1选区"], ["王 小英", "第一选区"])
    assert [row.number for row in reading.rows] == [2, 3]
    assert reading.duplicates == (Duplicate(4, 2, left_out=True),)
    assert reading.refused == ()
    assert reading.variants == ()


def test_a_repeat_that_differs_is_refused() -> None:
    reading = roster(["姓名", "选区", "职务"], ["王小英", "1", "村医"], ["王小英", "1", "教师"])
    [refused] = reading.refused
    assert (refused.number, refused.field) == (3, "name")
    assert "第 2 行" in refused.reason


def test_namesakes_told_apart_stay_and_are_reported() -> None:
    reading = roster(["姓名", "选区"], ["王小英", "1"], ["王小英", "2"])
    assert [row.number for row in reading.rows] == [2, 3]
    assert reading.duplicates == (Duplicate(3, 2, left_out=False),)


def test_all_who_share_a_phone_are_refused() -> None:
    reading = roster(
        ["姓名", "手机"], ["王小英", 13800000001], ["李大山", 13800000001], ["周明", 13800000002]
    )
    assert [row.name for row in reading.rows] == ["周明"]
    assert [(row.number, row.field) for row in reading.refused] == [(2, "phone"), (3, "phone")]


def test_a_person_with_two_seats_keeps_one_phone() -> None:
    reading = roster(["姓名", "手机", "层级"], ["王小英", 13800000001, "镇"], ["王小英", 13800000001, "县"])
    assert len({row.key("示例") for row in reading.rows}) == 2


def test_the_key_is_the_phone_or_else_the_district() -> None:
    headings = ["姓名", "手机", "选区"]
    first, second = roster(headings, ["王小英", "138 0000 0001", 1], ["李大山", None, 2]).rows
    assert first.key("示例镇") == ("示例镇", Level.TOWNSHIP, 19, "王小英", "13800000001")
    assert second.key("示例镇") == ("示例镇", Level.TOWNSHIP, 19, "李大山", "第2选区")


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("二十", 20), ("九十九", 99), ("十一", 11), ("三", 3), ("三三", None), ("", None)],
)
def test_chinese_numerals(text: str, number: int | None) -> None:
    assert number_in(text) == number


@pytest.mark.skipif(not REAL.exists(), reason="the shared roster is not here (set LIANLUO_SHARED)")
def test_the_real_roster_is_read_but_for_one_shifted_row() -> None:
    with REAL.open("rb") as file:
        reading = read_roster(rows_of(file), term=15, level=Level.PROVINCE)

    fields = Counter(variant.field for variant in reading.variants)
    assert len(reading.rows) == 199
    assert [(row.number, row.field) for row in reading.refused] == [(41, "ethnicity")]
    assert fields == {"group": 10, "party": 23, "ethnicity": 1}
    assert reading.duplicates == ()
    assert reading.blank_rows == 0
